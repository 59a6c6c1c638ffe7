import type { CreatePyodideModule } from '../create-module';

/** Engines take a moment to keep what they have compiled, in milliseconds. */
const MOMENT = 1500;

/** What the script looks at of where it runs: as Pyodide tells it in a worker. */
const WORKER = {
  IN_BROWSER: true,
  IN_BROWSER_WEB_WORKER: true,
  IN_WORKER: true,
  IN_NODE: false
};

/** A module that has nothing but the section in which a dynamic linker looks for what it needs: `dylink.0`. */
const EMPTY = new Uint8Array([
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 9, 8, 0x64, 0x79, 0x6c, 0x69, 0x6e, 0x6b, 0x2e,
  0x30
]);

/**
 * Run the runtime's scripts a second time, as far as they go without its WebAssembly, so that the next start need not compile
 * them: Chromium keeps the compiled code of a script when it runs for the second time. On the first visit that is here,
 * once the kernel has started, in a worker that is not needed for anything else any more. What is fetched is in the
 * browser's cache.
 *
 * @param base - The URL of the runtime's folder.
 */
export async function rehearse(base: string): Promise<void> {
  const [{ default: create }] = await Promise.all([
    import(/* webpackIgnore: true */ `${base}pyodide.asm.mjs`) as Promise<{
      default: CreatePyodideModule;
    }>,
    import(/* webpackIgnore: true */ `${base}pyodide.mjs`)
  ]);
  const settings = {
    API: { config: {}, runtimeEnv: WORKER },
    preRun: [],
    instantiateWasm: (
      _: WebAssembly.Imports,
      receive: (...made: unknown[]) => void
    ) => {
      receive({ exports: {} }, new WebAssembly.Module(EMPTY));
      return {};
    }
  };
  // It ends where it misses the first of these exports.
  await create(settings as never).catch(() => undefined);
  await new Promise(resolve => setTimeout(resolve, MOMENT));
}
