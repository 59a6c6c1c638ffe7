import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect } from '@playwright/test';

import { newNotebook, outputs, run, test } from './site';

test.use({ prewarm: false });

/** How many compiled libraries the first cell finds in memory, before anything is imported. */
const IN_MEMORY = `
import sys
files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
sum(file.endswith(".so") for file in files)
`;

/** Numbers that do not depend on when and where they are computed, one cell a library. */
const CELLS: Record<string, string> = {
  'numpy.linalg': `
import numpy as np
a = np.random.default_rng(7).normal(size=(40, 40))
print([float(np.linalg.det(a)), float(np.linalg.svd(a)[1].sum()), float(np.abs(np.linalg.eigvals(a)).sum())])
print(np.linalg.solve(a, np.arange(40))[:4].tolist())
`,
  'numpy.random and numpy.fft': `
print(np.random.RandomState(3).standard_normal(3).tolist(), np.random.Generator(np.random.MT19937(5)).poisson(9, 4).tolist())
print(float(np.abs(np.fft.fft2(a)).sum()), np.fft.irfft(np.fft.rfft(np.arange(5.0)), 5).round(9).tolist())
`,
  pandas: `
import io
import pandas as pd
text = "when,what,n\\n2026-03-29 00:30,a,1\\n2026-03-29 01:30,b,2\\n2026-10-25 00:30,a,3\\n2026-10-25 01:30,b,4\\n"
frame = pd.read_csv(io.StringIO(text), parse_dates=["when"])
frame["when"] = frame["when"].dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
print(frame.to_csv(index=False))
print(frame.groupby("what")["n"].agg(["sum", "mean", "std"]).to_json())
print(frame.set_index("when")["n"].resample("MS").sum().to_json(), frame["when"].dt.hour.tolist())
`,
  matplotlib: `
import hashlib
import matplotlib, matplotlib.font_manager as fonts
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
figure = Figure()
axes = figure.add_subplot(title="An ordinary $x^2$ figure", xlabel="Größe")
axes.contourf(a[:8, :8])
axes.text(1, 1, "serif", family="serif")
FigureCanvasAgg(figure).draw()
print(hashlib.sha256(bytes(figure.canvas.buffer_rgba())).hexdigest())
print([fonts.findfont(fonts.FontProperties(family=[family])).rsplit("/", 1)[1] for family in ("sans-serif", "serif", "monospace")], len(fonts.fontManager.ttflist))
`,
  'pydantic-core': `
import pydantic_core as core
from pydantic_core import core_schema as schema
fields = {"name": schema.str_schema(max_length=5), "n": schema.list_schema(schema.int_schema(gt=0))}
validator = core.SchemaValidator(schema.typed_dict_schema({name: schema.typed_dict_field(field) for name, field in fields.items()}))
print(validator.validate_json('{"name": "Ada", "n": ["1", 2]}'), core.to_json({"when": frame["when"][0].to_pydatetime()}))
try:
    validator.validate_python({"name": "Augusta", "n": [0]})
except core.ValidationError as error:
    print(error.errors(include_url=False))
`,
  msgpack: `
import msgpack
packed = msgpack.packb({"a": [1, 2.5, None, b"x"], "t": msgpack.Timestamp(1, 2)})
print(packed.hex(), msgpack.unpackb(packed), msgpack.Packer.__module__)
`,
  ctypes: `
import ctypes
library = ctypes.CDLL(np.linalg._umath_linalg.__file__)
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 5)(5, 3, 9, -1, 4)
ctypes.CDLL(None).qsort(numbers, 5, ctypes.sizeof(ctypes.c_int), compare(lambda one, other: one[0] - other[0]))
class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("n", ctypes.c_uint8)]
print(list(numbers), hasattr(library, "PyInit__umath_linalg"), bytes(Point(1.5, 7))[:9].hex(), ctypes.sizeof(Point))
`,
  'a library that the warm-up has not opened': `
import sqlite3
from PIL import Image, _imagingmath, _imagingmorph
print(sqlite3.connect(":memory:").execute("select group_concat(value) from json_each('[1, 2]')").fetchall())
print(Image.new("L", (2, 3), 7).rotate(90, expand=True).tobytes())
`
};

/** A package with compiled code that the environment does not have. */
const INSTALLED = `
import css_inline
print(css_inline.inline("<style>p { color: red }</style><p>One</p>"), css_inline.css_inline.__file__.rsplit(".", 1)[1])
`;

/** What the cells print. */
async function results(page: IJupyterLabPageFixture): Promise<Record<string, string>> {
  const printed: Record<string, string> = {};
  const all = {
    ...CELLS,
    '%pip install': '%pip install css-inline',
    'css-inline': INSTALLED
  };
  for (const [name, source] of Object.entries(all)) {
    const cell = await run(page, source);
    await expect(cell.locator('.jp-InputArea-prompt')).toHaveText(/^\[\d+\]:$/);
    printed[name] = (await outputs(cell).allInnerTexts()).join('\n').trim();
  }
  return printed;
}

test('many compiled libraries compute after a restore what they compute without one, and one more is installed', async ({
  page
}) => {
  await newNotebook(page, 'libraries', 'unrestored/');
  await expect(outputs(await run(page, IN_MEMORY))).toHaveText('0');
  const expected = await results(page);
  expect(expected).toMatchObject({
    msgpack: expect.stringContaining('msgpack._cmsgpack'),
    ctypes: expect.stringMatching(/^\[-1, 3, 4, 5, 9\] True/),
    'css-inline': expect.stringMatching(/<p style="color: red;?">One<\/p>.* so$/)
  });
  expect(Object.values(expected).join('\n')).not.toContain('Traceback');

  await newNotebook(page, 'libraries');
  const count = outputs(await run(page, IN_MEMORY));
  await expect(count).toHaveText(/^\d+$/);
  expect(Number(await count.innerText())).toBeGreaterThanOrEqual(60);
  expect(await results(page)).toEqual(expected);
});
