import { beforeAll, describe, expect, test } from 'vitest';

import type { IExposed } from '../../../src/runtime/exposed';
import type { IKernel, ITakenFile } from './course';
import { check, restored, startKernelFrom, take } from './course';

const SCRIPT = `
import io
import matplotlib.pyplot as plt
import ipywidgets
import numpy as np

def double(n):
    return table * n

table = np.arange(4)
hidden = "of the script"
print("a line that nobody wants to see")
plt.plot(table)
ipywidgets.IntSlider()
`;

const NAMES = ['table', 'np', 'double'];
const WARM_UP = { script: SCRIPT, expose: NAMES };
const EXPOSED: IExposed = { names: NAMES, script: SCRIPT, script_name: 'warm_up.py' };

const CLEAN = `
import pyodide_kernel
shell = pyodide_kernel.ipython_shell
[shell.execution_count, shell.user_ns["In"], shell.user_ns["Out"], shell.kernel.comm_info()]
`;

/** As a person finds names: \`%who\`, \`dir()\`, completion, and by using them. */
const LOOK = `
import pyodide_kernel, sys
shell = pyodide_kernel.ipython_shell
completed = [match["text"] for match in pyodide_kernel.kernel_instance.complete("tab", 3)["metadata"]["_jupyter_types_experimental"]]
[
    sorted(shell.run_line_magic("who_ls", "")), [name in shell.user_ns for name in ("hidden", "plt")], completed,
    shell.ev("double(2).tolist()"), shell.ev("np is __import__('sys').modules['numpy']"),
    sys.modules["matplotlib.pyplot"].get_fignums(), len(sys.modules["ipywidgets"].Widget.widgets or {}),
]
`;

describe('names that an environment exposes', () => {
  let snapshot: ITakenFile;
  const kernels: Record<string, IKernel> = {};

  beforeAll(async () => {
    snapshot = await take(WARM_UP);
    kernels.restored = await restored(snapshot, { exposed: EXPOSED });
    kernels.plain = await startKernelFrom(undefined, { exposed: EXPOSED });
  });

  test.each(['restored', 'plain'])(
    'are in the namespace of a %s kernel, and nothing else is',
    name => {
      const found = kernels[name].run(LOOK);
      expect(found).toContain("[['double', 'np', 'table'], [False, False], ['table'");
      expect(found).toMatch(/\[0, 2, 4, 6\], True, \[\], \d+\]$/);
      expect(kernels[name].run(CLEAN)).toMatch(/^\[\d+, \[''.*\], \{\}, \{\}\]$/);
    }
  );

  test('leave history and counter of a restored kernel as those of a new one', async () => {
    const fresh = await startKernelFrom();
    expect(kernels.restored.run(CLEAN)).toBe(fresh.run(CLEAN));
  });

  test('come with the snapshot: the script is not run again', async () => {
    const failing = { ...EXPOSED, script: 'raise RuntimeError("again")' };
    const { run } = await restored(snapshot, { exposed: failing });
    expect(run('import pyodide_kernel as k; k.ipython_shell.ev("table.sum()")')).toBe(
      '6'
    );
  });

  test('that the script does not define are named', async () => {
    const { refused } = await take({ script: 'a = 1', expose: ['a', 'b', 'c'] });
    expect(refused).toMatch(/expose names b, c, which warm_up\.py does not define/);
  });

  test('are missing where the script fails without the snapshot, and the kernel runs', async () => {
    const said: string[] = [];
    const kernel = await startKernelFrom(undefined, {
      exposed: { ...EXPOSED, script: 'table = 1 / 0' },
      stderr: text => said.push(text)
    });
    expect(said.join('\n')).toMatch(/warm_up\.py", line 1[^]*ZeroDivisionError/);
    expect((await kernel.cell('1 + 1')).status).toBe('ok');
  });
});

describe("the author's check", () => {
  let snapshot: ITakenFile;

  beforeAll(async () => {
    snapshot = await take({ script: 'table = [1, 2]', expose: ['table'] });
  });

  const run = (text: string, expose = ['table']) =>
    check({ script: 'table = [1, 2]', expose, check: text }, snapshot);

  test('sees what a notebook sees', async () => {
    const passed = await run(
      'import sys\nassert table == [1, 2] and "In" in globals()'
    );
    expect(passed).toMatchObject({ event: 'result', milliseconds: {} });
    expect(passed.refused).toBeUndefined();
  });

  test('refuses the snapshot when it raises, with its traceback', async () => {
    const { refused } = await run(
      'def even():\n    assert len(table) == 3\n\neven()\n'
    );
    expect(refused).toMatch(
      /^the check raised an error\n[^]*"check\.py", line 4[^]*line 2[^]*assert len\(table\)[^]*AssertionError/
    );
  });

  test('misses names that a restored kernel lost', async () => {
    const script = 'table = [1, 2]\nother = 3';
    const lost = await check({ script, expose: ['other'] }, snapshot);
    expect(lost.refused).toMatch(/a restored kernel has no other in the notebook/);
  });
});
