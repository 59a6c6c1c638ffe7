/**
 * Starts a kernel in a worker of a browser as the kernel of JupyterLite does. Runs there, see `browser.test.ts`.
 */
import { kernelBootstrap } from '../../../src/runtime/bootstrap';
import { startFrozen } from '../../../src/runtime/start';

interface IJob {
  name: string;
  manifest: string;
  code: string;
  buildId?: string;
}

async function run({ manifest, code, buildId }: IJob): Promise<object> {
  const warnings: string[] = [];
  const begin = performance.now();
  const { pyodide, restored } = await startFrozen({
    url: new URL(`/frozen/course/now/${manifest}`, location.href).href,
    onWarning: text => warnings.push(text),
    pyodide: buildId ? { BUILD_ID: buildId } : {}
  });
  await pyodide.runPythonAsync(
    kernelBootstrap({ pipliteUrls: [], disablePyPIFallback: true })
  );
  const kernel = performance.now();
  const globals = pyodide.toPy({});
  const value = String(await pyodide.runPythonAsync(code, { globals }));
  return {
    value,
    warnings,
    restored,
    milliseconds: {
      kernel: Math.round(kernel - begin),
      code: Math.round(performance.now() - kernel)
    }
  };
}

addEventListener('message', async ({ data }: MessageEvent<IJob>) => {
  let result: object;
  try {
    result = await run(data);
  } catch (error) {
    result = {
      failed:
        error instanceof Error ? `${error.message}\n${error.stack}` : String(error)
    };
  }
  await fetch(`/${data.name}`, { method: 'POST', body: JSON.stringify(result) });
  postMessage('done');
});
