import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { jobOf, runJob } from './snapshot/course';

test.each(['warm-up', 'take-snapshot'])(
  'a %s in which Python cannot start tells what Python says',
  async job => {
    const failed = await runJob({
      ...jobOf({}),
      job,
      // Of the standard library nothing is mounted.
      mounts: [{ root: '/home/pyodide', path: '/home/pyodide' }],
      output: mkdtempSync(join(tmpdir(), 'frozenfs-')),
      snapshot: join(tmpdir(), 'never-written.img'),
      epoch: 0,
      level: 1
    });
    expect(failed).toMatchObject({ event: 'error', kind: 'runtime' });
    expect(failed.message).toMatch(/^Error: Python ended with code 1 while it started/);
    expect(failed.message).toMatch(/It said:\n[^]*No module named 'encodings'/);
  }
);
