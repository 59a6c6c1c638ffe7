/** CPython's own tests of files, on a mounted image and on MEMFS. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import type { ITestEntry } from '../image/make-image';
import { findTests, MODULES } from './cpython-tests';
import { Kernel } from './kernel';

/** Of all modules together: fewer would mean that they were not really run. */
const LEAST_PASSED = 1500;
const TIMEOUT = 600_000;

const tests = findTests();
const reason = 'missing' in tests ? `, skipped: ${tests.missing}` : '';

let kernel: Kernel;
let memfs: string;
let mount: string;

/** A folder of this machine as entries at a path. */
function* entriesOf(folder: string, at: string): Generator<ITestEntry> {
  yield { path: at };
  for (const one of readdirSync(folder, { withFileTypes: true })) {
    const [file, path] = [join(folder, one.name), `${at}/${one.name}`];
    if (one.isDirectory()) yield* entriesOf(file, path);
    else yield { path, content: readFileSync(file) };
  }
}

/** What became of each test of a module, by its name. */
function outcomes(root: string, module: string): Record<string, string> {
  return kernel.python(root, `return run(root, "${module}")`) as Record<string, string>;
}

describe.skipIf(reason)(`CPython's tests${reason}`, { timeout: TIMEOUT }, () => {
  let passed = 0;

  beforeAll(async () => {
    if ('missing' in tests) return;
    const entries = [
      { path: '/lib' },
      ...entriesOf(join(tests.folder, 'test'), '/lib/test'),
      { path: '/tmp' },
      { path: '/work' }
    ];
    kernel = await Kernel.start();
    kernel.pyodide.setStdout({ batched: () => undefined });
    kernel.pyodide.setStderr({ batched: () => undefined });
    kernel.pyodide.runPython(
      readFileSync(new URL('cpython.py', import.meta.url), 'utf8')
    );
    memfs = await kernel.lay('MEMFS', entries);
    mount = await kernel.lay('FrozenFS, compressed', entries);
  }, TIMEOUT);

  test.each(MODULES)('%s passes on a mount wherever it passes on MEMFS', module => {
    const theirs = outcomes(memfs, module);
    const ours = outcomes(mount, module);
    const names = Object.keys(theirs).filter(name => theirs[name] === 'ok');
    passed += names.length;
    expect(Object.fromEntries(names.map(name => [name, ours[name]]))).toEqual(
      Object.fromEntries(names.map(name => [name, 'ok']))
    );
  });

  test('most of them are really run', () => {
    expect(passed).toBeGreaterThan(LEAST_PASSED);
  });
});
