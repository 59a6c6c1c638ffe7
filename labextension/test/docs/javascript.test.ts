/** What the documentation shows, run as it stands. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);

test('the examples of docs/javascript.md freeze, layer, thaw and mount', () => {
  const page = readFileSync(new URL('docs/javascript.md', ROOT), 'utf8');
  const examples = [...page.matchAll(/```js\n(.*?)```/gs)];
  const example = examples.map(([, code]) => code).join('');
  const bundle = new URL('jupyter_frozenfs/bundle/frozenfs.mjs', ROOT).href;
  const pyodide = new URL('labextension/node_modules/pyodide/pyodide.mjs', ROOT).href;
  const folder = mkdtempSync(join(tmpdir(), 'frozenfs-'));
  try {
    const script = join(folder, 'example.mjs');
    writeFileSync(
      script,
      example.replace('./frozenfs.mjs', bundle).replace("'pyodide'", `'${pyodide}'`)
    );
    const output = execFileSync(process.execPath, [script], {
      cwd: fileURLToPath(ROOT),
      encoding: 'utf8'
    });
    expect(output).toMatch(/^1 files, SHA-256 [0-9a-f]{64}\nx,y\n3,4\n\nx,y\n1,2\n\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
