// How much memory the pages of a browser take.
import { readFileSync } from 'node:fs';

/** Resident memory of the renderers in bytes, shared pages counted in part; Linux only. */
async function residentMemory(context) {
  const session = await context.browser().newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo
    .filter(({ type }) => type === 'renderer')
    .reduce((sum, { id }) => {
      const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'));
      return sum + Number(kilobytes) * 1024;
    }, 0);
}

/** Wait until the memory has not changed by a hundredth for two seconds, and return it. */
export async function settledMemory(context, page) {
  const session = await context.newCDPSession(page);
  let before = Infinity;
  for (;;) {
    await session.send('HeapProfiler.collectGarbage');
    await page.waitForTimeout(2000);
    const now = await residentMemory(context);
    if (Math.abs(now - before) < 0.01 * now) {
      await session.detach();
      return now;
    }
    before = now;
  }
}
