/**
 * Starts a kernel in a worker of a browser as the kernel of JupyterLite does. Runs there, see `browser.test.ts`.
 */
import { kernelBootstrap } from '../../../src/runtime/bootstrap';
import { deferred } from '../../../src/runtime/snapshot/deferred';
import { KeptSnapshot } from '../../../src/runtime/snapshot/kept';
import { openKeptFile } from '../../../src/runtime/snapshot/kept-file';
import { startFrozen } from '../../../src/runtime/start';
import { openCacheFolder } from '../../../src/store/cache-folder';

interface IJob {
  name: string;
  manifest: string;
  code: string;
  buildId?: string;
  /** The script of the worker that decodes. */
  decoder?: string;
  /** See `IBeginOptions`. */
  kept?: string | null;
  /** Wait until what was decoded is kept for the next start. */
  untilKept?: boolean;
  /** Change a byte of what is kept before starting. */
  damageKept?: boolean;
}

interface IHandle {
  read(bytes: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  getSize(): number;
  close(): void;
}

/** The one file of a decoded snapshot that this origin keeps. */
async function keptFile(): Promise<FileSystemFileHandle | undefined> {
  try {
    const folder = await openCacheFolder(false);
    for await (const entry of folder.values()) {
      if (entry.kind === 'file') return entry as FileSystemFileHandle;
    }
  } catch {
    // not there yet
  }
  return undefined;
}

async function damage(): Promise<void> {
  const file = (await keptFile()) as unknown as {
    createSyncAccessHandle(): Promise<IHandle>;
  };
  const handle = await file.createSyncAccessHandle();
  const byte = new Uint8Array(1);
  const at = Math.floor(handle.getSize() / 2);
  handle.read(byte, { at });
  byte[0] ^= 1;
  handle.write(byte, { at });
  handle.close();
}

async function untilKept(sha256: string): Promise<void> {
  for (;;) {
    const file = await openKeptFile(sha256);
    const snapshot = file && (await KeptSnapshot.open(file));
    if (snapshot) return snapshot.release(true);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

async function run(job: IJob): Promise<object> {
  const { manifest, code, buildId, decoder, kept } = job;
  if (job.damageKept) await damage();
  const warnings: string[] = [];
  const told = deferred<void>();
  const begin = performance.now();
  const {
    pyodide,
    restored,
    manifest: found
  } = await startFrozen({
    url: new URL(`/frozen/api/course/now/${manifest}`, location.href).href,
    onWarning: text => warnings.push(text),
    startDecoder: decoder ? () => new Worker(decoder, { type: 'module' }) : undefined,
    kept,
    onKept: () => told.resolve(),
    pyodide: buildId ? { BUILD_ID: buildId } : {}
  });
  await pyodide.runPythonAsync(
    kernelBootstrap({ pipliteUrls: [], disablePyPIFallback: true })
  );
  const kernel = performance.now();
  const globals = pyodide.toPy({});
  const value = String(await pyodide.runPythonAsync(code, { globals }));
  const milliseconds = {
    kernel: Math.round(kernel - begin),
    code: Math.round(performance.now() - kernel)
  };
  if (job.untilKept) {
    await told.promise;
    await untilKept(found.snapshot!.sha256);
  }
  return {
    value,
    warnings,
    restored,
    milliseconds
  };
}

/** A start that waits for what never comes. */
function tooLate(): Promise<never> {
  return new Promise((_, reject) =>
    setTimeout(() => reject(new Error('it is not there after two minutes')), 120_000)
  );
}

addEventListener('message', async ({ data }: MessageEvent<IJob>) => {
  let result: object;
  try {
    result = await Promise.race([run(data), tooLate()]);
  } catch (error) {
    result = {
      failed:
        error instanceof Error ? `${error.message}\n${error.stack}` : String(error)
    };
  }
  await fetch(`/${data.name}`, { method: 'POST', body: JSON.stringify(result) });
  postMessage('done');
});
