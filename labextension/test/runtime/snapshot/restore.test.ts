import { beforeAll, describe, expect, test } from 'vitest';

import type { IKernel, ITakenFile } from './course';
import { check, restored, startKernelFrom, take } from './course';

/** What a learner may do, with numbers that do not depend on when or where. */
const WORK = `
import hashlib, io, warnings
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
import contourpy
import matplotlib.font_manager
from PIL import ImageFont

rng = np.random.default_rng(7)
a = rng.normal(size=(40, 40))
out = [np.linalg.svd(a)[1].sum(), np.linalg.inv(a).sum(), np.abs(np.fft.fft2(a)).sum(), np.random.RandomState(3).rand()]

frame = pd.read_csv(io.StringIO("when,what,n\\n2026-03-29 01:30,a,1\\n2026-03-29 03:30,b,2\\n2026-06-01 12:00,a,3\\n"), parse_dates=["when"])
frame["when"] = frame["when"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
out.append(frame.groupby("what")["n"].sum().to_json())
out.append(frame.to_csv())

figure, axes = plt.subplots()
axes.contourf(a[:8, :8])
axes.set_title("An ordinary $x^2$ figure")
buffer = io.BytesIO()
figure.savefig(buffer, format="png")
plt.close(figure)
out.append(hashlib.sha256(buffer.getvalue()).hexdigest())

font = ImageFont.truetype(matplotlib.font_manager.findfont("DejaVu Sans"), 14)
out.append(hashlib.sha256(bytes(font.getmask("A text"))).hexdigest())

try:
    contourpy.contour_generator(z=[[1.0]])  # throws in C++
except ValueError as error:
    out.append(str(error))
out
`;

/** As WORK, by libraries that the warm-up has not opened. */
const MORE = `
import ctypes, zlib
import sqlite3
from PIL import Image
from PIL import _imagingmath
import pandas._libs.join

callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: n + 1)
[sqlite3.connect(":memory:").execute("select sqlite_version() is not null").fetchall(), callback(41), Image.new("L", (3, 3), 7).rotate(90).tobytes()]
`;

const WARM_UP = {
  modules: [
    'numpy',
    'matplotlib.pyplot',
    'PIL.ImageFont',
    'tempfile',
    'uuid',
    'logging'
  ],
  script: `
import ast, io, os, random, uuid, tempfile
import matplotlib.pyplot as plt
import numpy as np
import PIL._imagingft  # clears memory when it starts
for node in ast.walk(tree := ast.parse("x + y")):
    node.parent = tree
os.environ["SET_BY_THE_WARM_UP"] = "1"
random.random(), uuid.uuid1(), tempfile.mkdtemp(), np.random.rand()
np.random.normal()  # leaves a second one for the next call
figure, axes = plt.subplots()
axes.set_title("Warm")
figure.savefig(io.BytesIO())  # matplotlib keeps its font open
`
};

const CLEAN = `
import pyodide_kernel
shell = pyodide_kernel.ipython_shell
[sorted(shell.user_ns), shell.execution_count, shell.user_ns["In"], shell.user_ns["Out"], shell.kernel.comm_info()]
`;

describe('a restored kernel', () => {
  let snapshot: ITakenFile;
  let kernel: IKernel;
  let fresh: IKernel;

  beforeAll(async () => {
    snapshot = await take(WARM_UP);
    kernel = await restored(snapshot);
    fresh = await startKernelFrom();
  });

  test('begins with the namespace, the history and the counter of a new one', () => {
    // One cell was run in the fresh kernel to have it begin, and in the restored one to be fair.
    expect(kernel.run(CLEAN)).toBe(fresh.run(CLEAN));
    const names = (of: IKernel) => [...of.pyodide.globals.keys()].sort();
    expect(names(kernel)).toEqual(names(fresh));
  });

  test('has nothing of the warm-up in the nodes that all trees of the parser share', () => {
    const code =
      'import ast; repr([vars(ast.parse("x + y").body[0].value.op), vars(ast.parse("x").body[0].value.ctx)])';
    expect(kernel.run(code)).toBe('[{}, {}]');
  });

  test('has what the warm-up imported in memory', () => {
    expect(
      kernel.run(
        'import sys; [n in sys.modules for n in ("numpy", "matplotlib.pyplot")]'
      )
    ).toBe('[True, True]');
    expect(fresh.run('import sys; "numpy" in sys.modules')).toBe('False');
  });

  test('computes what a kernel computes that was not restored', () => {
    expect(kernel.run(WORK)).toBe(fresh.run(WORK));
  });

  test('opens compiled libraries that the warm-up has not opened', () => {
    expect(kernel.run(MORE)).toBe(fresh.run(MORE));
  });

  test('has its packages known to Pyodide and to importlib.metadata', () => {
    expect(kernel.pyodide.loadedPackages).toEqual(fresh.pyodide.loadedPackages);
    const versions =
      'import importlib.metadata as m; sorted((d.name, d.version) for d in m.distributions())';
    expect(kernel.run(versions)).toBe(fresh.run(versions));
  });

  test('downloads nothing for an import of what it has', async () => {
    for (const { pyodide } of [kernel, fresh]) {
      const messages: string[] = [];
      const callback = (text: string) => messages.push(text);
      await pyodide.loadPackagesFromImports('import matplotlib, numpy, PIL', {
        messageCallback: callback,
        errorCallback: callback
      });
      expect(messages.filter(text => !text.includes('already loaded'))).toEqual([
        'No new packages to load'
      ]);
    }
  });

  test('waits where the engine can switch stacks, and says so where it cannot', () => {
    const wait = 'from pyodide.ffi import run_sync; run_sync(1)';
    const said = fresh.run(wait).split('\n').at(-2);
    expect(said).toMatch(/^RuntimeError: .*stack switching not supported/);
    expect(kernel.run(wait)).toContain(said);
  });

  test('runs cells, and an error in one is an error', async () => {
    expect(
      (await kernel.cell('import asyncio; await asyncio.sleep(0.01)')).status
    ).toBe('ok');
    expect(await kernel.cell('1/0')).toMatchObject({
      status: 'error',
      evalue: 'division by zero'
    });
  });

  test('has the search path, the folder and the streams of a new one', () => {
    const code =
      'import os, sys; [sys.path, os.getcwd(), sys.__stdout__.fileno(), sys.argv]';
    expect(kernel.run(code)).toBe(fresh.run(code));
  });

  test('passes the check of the build', async () => {
    expect(await check(WARM_UP, snapshot)).toMatchObject({
      event: 'result',
      milliseconds: {}
    });
  });

  test('has the environment variables of its start, and those that the warm-up set', async () => {
    const env = { FROM_THE_PAGE: 'x', LANG: 'de_DE.UTF-8' };
    const [one, other] = [
      await restored(snapshot, { env }),
      await startKernelFrom(undefined, { env })
    ];
    const code = 'import os; sorted(os.environ.items())';
    const expected = other.run(`
import os
os.environ["SET_BY_THE_WARM_UP"] = "1"
os.environ.setdefault("MPLBACKEND", "")
sorted(os.environ.items())`);
    expect(
      one.run(
        `import os; os.environ.setdefault("MPLBACKEND", ""); sorted(os.environ.items())`
      )
    ).toBe(expected);
    expect(one.run(code)).not.toContain('PYTHONHASHSEED');
  });

  test('has the time zone and the clock of its machine', async () => {
    const code =
      'import time, datetime; [time.tzname, time.timezone, time.daylight, datetime.datetime.fromtimestamp(0).isoformat()]';
    const { TZ } = process.env;
    process.env.TZ = 'Asia/Kolkata';
    try {
      const one = await restored(snapshot);
      const other = await startKernelFrom();
      expect(one.run(code)).toBe(other.run(code));
      expect(one.run(code)).toContain('UTC+0530');
      const now = Number(one.run('import time; time.time()'));
      expect(Math.abs(now - Date.now() / 1000)).toBeLessThan(5);
    } finally {
      if (TZ === undefined) delete process.env.TZ;
      else process.env.TZ = TZ;
    }
  });

  test('is not random as another one is', async () => {
    const code = `
import random, tempfile, uuid
import numpy as np
[random.random(), np.random.normal(), np.random.rand(), uuid.uuid4(), uuid.uuid1().node, tempfile.mkdtemp()]
`;
    const one = eval_(kernel.run(code));
    const other = eval_((await restored(snapshot)).run(code));
    expect(one).toHaveLength(6);
    one.forEach((value, index) => expect(value).not.toBe(other[index]));
  });
});

test('a file that the warm-up left open is read on', async () => {
  const snapshot = await take({
    script: `
import sys
sys.left_open = open("/lib/python3.14/this.py", "rb", buffering=0)
first = sys.left_open.read(10)
`
  });
  const { run } = await restored(snapshot);
  const rest = 'open("/lib/python3.14/this.py", "rb").read()[10:30]';
  expect(run(`import sys; sys.left_open.read(20) == ${rest}`)).toBe('True');
});

function eval_(list: string): string[] {
  return list.slice(1, -1).split(', ');
}
