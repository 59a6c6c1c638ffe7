// What the webpack of JupyterLab cannot build: the workers and the Jupyter-free bundle.
//   node esbuild.config.mjs workers|bundle
import { build } from 'esbuild';
import { cp, mkdir, readdir } from 'node:fs/promises';

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  sourcemap: false,
  legalComments: 'none',
  logLevel: 'warning'
};

const tasks = {
  // Complete ES modules, copied into the labextension as they are (see webpack.config.cjs).
  workers: () =>
    build({
      ...common,
      entryPoints: [
        'kernel/start',
        'kernel/comlink',
        'kernel/coincident',
        'kernel/decoder',
        'panel/images'
      ].map(name => `src/${name}.worker.ts`),
      outbase: 'src',
      outdir: 'lib'
    }),
  // What Python ships to Node and to other pages: `frozenfs.mjs`, the build step, and the
  // wheels of the kernel that fit this labextension.
  bundle: async () => {
    const out = '../jupyter_frozenfs/bundle';
    await mkdir(`${out}/pypi`, { recursive: true });
    await build({
      ...common,
      entryPoints: { frozenfs: 'src/frozenfs.ts', build: 'src/runtime/node/main.ts' },
      outExtension: { '.js': '.mjs' },
      outdir: out,
      platform: 'neutral',
      mainFields: ['module', 'main'],
      external: ['node:*']
    });
    const wheels = 'node_modules/@jupyterlite/pyodide-kernel/pypi';
    for (const wheel of (await readdir(wheels)).filter(w => w.endsWith('.whl'))) {
      await cp(`${wheels}/${wheel}`, `${out}/pypi/${wheel}`);
    }
  }
};

await tasks[process.argv[2]]();
