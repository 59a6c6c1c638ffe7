import { expect } from '@playwright/test';

import {
  createNotebook,
  expectOutput,
  newNotebook,
  outputs,
  restart,
  run,
  test
} from './site';

/** What tells one kernel from another. */
const FRESH = `
import random, tempfile, uuid
import numpy
[random.random(), numpy.random.rand(), str(uuid.uuid4()), tempfile.mkdtemp(), numpy.random.default_rng().random()]
`;

/** What a notebook finds of whatever ran before it; the modules of the warm-up are there without an import. */
const FOUND = `
import sys
[len(In), Out, [name for name in globals() if name[0] != "_"], "matplotlib.pyplot" in sys.modules]
`;

/** What needs an engine that switches stacks, which Node, where snapshots are taken, is not. */
const WAIT = `
import asyncio, time

async def seven():
    await asyncio.sleep(0.01)
    return 7

start = time.monotonic()
time.sleep(0.2)
print("waited", time.monotonic() - start > 0.19, asyncio.run(seven()))
`;

const CLEAN =
  "[2, {}, ['In', 'Out', 'get_ipython', 'exit', 'quit', 'open', 'sys'], True]";

test('restored kernels are clean, each has its own randomness, and a restart restores again', async ({
  page
}) => {
  const seen: string[] = [];
  const look = async () => {
    const found = await run(page, FOUND);
    await expect(outputs(found).last()).toContainText(CLEAN);
    await expect(found.locator('.jp-InputArea-prompt')).toHaveText('[1]:');
    const fresh = outputs(await run(page, FRESH)).last();
    await expect(fresh).toContainText('/tmp/tmp');
    seen.push(...(await fresh.innerText()).replace(/[[\]\s]/g, '').split(','));
  };
  await newNotebook(page, 'course');
  await look();
  await createNotebook(page, 'course');
  await look();
  await expectOutput(page, WAIT, 'waited True 7');
  await expectOutput(page, 'mine = 1; mine', '1');
  await restart(page);
  await expectOutput(page, '"mine" in globals()', 'False');
  expect(seen).toHaveLength(10);
  expect(new Set(seen).size).toBe(10);
});

test('an idle kernel practises once, and other kernels of its runtime do not', async ({
  page
}) => {
  const noted = () =>
    page.evaluate(() => localStorage.getItem('jupyter-frozenfs:practised'));
  await newNotebook(page, 'course');
  await expectOutput(page, '6 * 7', '42');
  await expect
    .poll(noted, { timeout: 60_000 })
    .toMatch(/\/frozen\/api\/course\/[0-9a-f]+\/linked\.wasm","\d+ \d+"/);
  await expectOutput(
    page,
    FOUND,
    "[3, {1: 42}, ['In', 'Out', 'get_ipython', 'exit', 'quit', 'open', 'sys'], True]"
  );
  // What the page asks of the worker of another kernel.
  await page.evaluate(() => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (data, ...rest: never[]) {
      const request = data?._frozenStart;
      if (request) document.body.dataset.practise = String(request.practise);
      postMessage.call(this, data, ...rest);
    };
  });
  await createNotebook(page, 'course');
  await expectOutput(page, '6 * 9', '54');
  expect(await page.evaluate(() => document.body.dataset.practise)).toBe('false');
});
