import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { loadPyodide } from 'pyodide';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { bootPyodide } from '../../src/runtime';

const PYODIDE = dirname(createRequire(import.meta.url).resolve('pyodide'));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'boot-'));
  writeFileSync(join(folder, 'empty.zip'), '');
});

afterAll(() => rm(folder, { recursive: true }));

test('a start whose image cannot be read fails with the reason, not with the exit of a Python without files', async () => {
  const reason = new Error('image.img: chunk 3 is damaged');
  const image = Promise.reject(reason);
  const start = bootPyodide({
    loadPyodide,
    indexURL: PYODIDE,
    emptyFile: join(folder, 'empty.zip'),
    image,
    mounts: [{ root: '/lib/python3.14', path: '/lib/python3.14' }],
    packages: []
  });
  await expect(start).rejects.toBe(reason);
});
