import { build } from 'esbuild';

/** A module and all that it imports, as one script for a browser; `new URL(…, import.meta.url)` of who asks. */
export async function bundled(module: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [module.pathname],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'silent'
  });
  return outputFiles[0].text;
}
