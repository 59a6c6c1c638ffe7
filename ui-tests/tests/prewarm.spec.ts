import { expect } from '@playwright/test';

import {
  createNotebook,
  expectOutput,
  goto,
  kernelWorkers,
  test,
  watchWorkers
} from './site';

test('the first notebook takes the kernel that has started with the page, ready at once', async ({
  page,
  context
}) => {
  await watchWorkers(context);
  // As on a machine where both starts have room.
  await context.addInitScript(() =>
    Object.defineProperty(navigator, 'hardwareConcurrency', { value: 8 })
  );
  await goto(page, 'lab/index.html');
  await expect.poll(() => kernelWorkers(page)).toEqual({ created: 1, ready: 1 });

  const steps: string[] = [];
  await page.exposeFunction('tell', (step: string) => steps.push(step));
  await page.evaluate(() => {
    const status = document.querySelector('.jp-FrozenStart')!;
    new MutationObserver(() => {
      const text = status.textContent;
      if (text) void (window as unknown as { tell(step: string): void }).tell(text);
    }).observe(status, { subtree: true, childList: true, characterData: true });
  });
  await createNotebook(page, 'course');
  // The drive is reached, though the worker is older than the page's service worker.
  await expectOutput(page, 'import os; sorted(os.listdir())', '02-a-figure.ipynb');
  expect(await kernelWorkers(page)).toEqual({ created: 1, ready: 1 });
  expect(steps).toEqual([]);

  await createNotebook(page, 'course');
  await expectOutput(page, '1 + 1', '2');
  expect((await kernelWorkers(page)).created).toBe(2);
});

test('nothing starts ahead in an embedded frame, or where data is to be saved', async ({
  page,
  context,
  baseURL
}) => {
  await watchWorkers(context);
  await goto(page, 'lab/index.html');
  await page.evaluate(url => {
    const frame = Object.assign(document.createElement('iframe'), { src: url });
    frame.style.cssText = 'position: fixed; inset: 0; width: 100%; height: 100%';
    document.body.replaceChildren(frame);
  }, `${baseURL}/lab/index.html`);
  const frame = page.frames().at(-1)!;
  await expect(frame.locator('.jp-Launcher')).toBeVisible();
  expect(await kernelWorkers(frame)).toEqual({ created: 0, ready: 0 });

  const saving = await context.newPage();
  await saving.addInitScript(() =>
    Object.defineProperty(navigator, 'connection', { value: { saveData: true } })
  );
  await saving.goto('lab/index.html');
  await expect(saving.locator('.jp-Launcher')).toBeVisible();
  expect(await kernelWorkers(saving.mainFrame())).toEqual({ created: 0, ready: 0 });
});
