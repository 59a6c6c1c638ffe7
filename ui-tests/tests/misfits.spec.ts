import { expect } from '@playwright/test';

import { expectOutput, newNotebook, openLog, test } from './site';

test.use({ prewarm: false });

/** Whether the kernel woke up with what the warm-up imported. */
const RESTORED = 'import sys; "numpy" in sys.modules';

for (const [place, kernel, reason] of [
  ['other-digest/', 'course', 'the digest of its header differs from the manifest'],
  ['no-linked/', 'course', 'the linked runtime cannot be had (Error: HTTP status 404)'],
  [
    'other-linked/',
    'course',
    'the digest of the linked runtime differs from the manifest'
  ],
  [
    'damaged-linked/',
    'course',
    /the linked runtime cannot be had \(CompileError: .*\)/
  ],
  [
    'page-for-linked/',
    'course',
    /the linked runtime cannot be had \(CompileError: .*\)/
  ],
  [
    'other-build/',
    'course',
    /it was taken with another build of Pyodide \(990c3b51a972…, found abababababab…\)/
  ],
  [
    'fewer-features/',
    'course',
    /functions in its table where the snapshot expects \d+: this browser lacks or has a feature/
  ],
  [
    'little-memory/',
    'course',
    /the browser does not give the \d+ MB of memory that it needs/
  ],
  [
    '',
    'fragile',
    'the restored kernel is not as it should be (OSError: there is no entropy here)'
  ]
] as const) {
  test(`a snapshot that does not fit is told of, and the kernel starts without it: ${place || kernel}`, async ({
    page
  }) => {
    const told: string[] = [];
    await page.exposeFunction('tell', (step: string) => told.push(step));
    await page.addInitScript(() => {
      new MutationObserver(() => {
        const text = document.querySelector(
          '.jp-FrozenStart.jp-mod-active'
        )?.textContent;
        if (text) void (window as unknown as { tell(step: string): void }).tell(text);
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    await newNotebook(page, kernel, place);
    await expectOutput(page, RESTORED, 'False');
    const status = told.filter(text =>
      /The snapshot of \w+ cannot be used: /.test(text)
    );
    expect(status.join('\n')).toMatch(reason);
    const log = await openLog(page);
    await expect(log).toContainText(reason);
    await expect(log).toContainText(
      'The kernel starts without it, which takes longer.'
    );
  });
}

test('a strict Content-Security-Policy is enough for a restore', async ({ page }) => {
  await newNotebook(page, 'course', 'strict/');
  await expectOutput(page, RESTORED, 'True');
});

test('a restore needs no more than what browsers of 2023 have', async ({ page }) => {
  await newNotebook(page, 'course', 'older-browser/');
  await expectOutput(page, RESTORED, 'True');
});

test('where a policy forbids the worker that decodes, the kernel decodes itself', async ({
  page
}) => {
  await newNotebook(page, 'course', 'no-decoder/');
  await expectOutput(page, RESTORED, 'True');
});

for (const [place, reason, directive] of [
  [
    'no-workers/',
    "the site's Content-Security-Policy forbids its program",
    'worker-src'
  ],
  ['no-wasm/', "the site's Content-Security-Policy forbids WebAssembly", 'script-src']
]) {
  test(`where a policy forbids what a kernel is made of, it says so: ${place}`, async ({
    page
  }) => {
    await newNotebook(page, 'course', place);
    await expect(page.locator('.jp-FrozenStart.jp-mod-failed')).toContainText(
      `Course could not start: ${reason}`
    );
    await expect(await openLog(page)).toContainText(directive);
  });
}
