import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { emit } from './events';
import { REPRODUCIBLE, importPyodide } from './pyodide';

export interface ICompileJob {
  job: 'compile';
  /** A directory with Pyodide's files. */
  pyodide: string;
  /** A directory that mirrors the root of the kernel. */
  tree: string;
  /** Paths in the kernel of the sources to compile. */
  files: string[];
  /** How many interpreters share the work. */
  workers?: number;
}

interface IShare {
  compile: Pick<ICompileJob, 'pyodide' | 'tree' | 'files'>;
}

type Message = { done: string } | { skipped: [string, string] } | { failed: string };

/** `.pyc` files beside the sources, with the path in the kernel inside and never checked against the source. */
const COMPILE = `
import importlib.util, os, py_compile, warnings

warnings.simplefilter("ignore")

def compile_one(path):
    source = "/tree" + path
    try:
        py_compile.compile(
            source, cfile=importlib.util.cache_from_source(source), dfile=path, doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError as error:
        return error.msg.strip()
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"

compile_one
`;

/** Byte-compile sources with the interpreter that will run them. */
export async function compile(job: ICompileJob): Promise<void> {
  const count = Math.max(1, Math.min(job.workers ?? 1, job.files.length));
  const skipped: [string, string][] = [];
  let done = 0;
  const run = (files: string[]) =>
    new Promise<void>((resolve, reject) => {
      const share: IShare = {
        compile: { pyodide: job.pyodide, tree: job.tree, files }
      };
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: share });
      worker.on('message', (message: Message) => {
        if ('failed' in message) {
          reject(new Error(message.failed));
          return;
        }
        if ('skipped' in message) skipped.push(message.skipped);
        done += 1;
        const what = 'done' in message ? message.done : message.skipped[0];
        emit({
          event: 'progress',
          step: 'compile',
          done,
          total: job.files.length,
          what
        });
      });
      worker.on('error', reject);
      worker.on('exit', code =>
        code ? reject(new Error(`a compiler ended with code ${code}`)) : resolve()
      );
    });
  // Interleaved, so that the shares take about the same time.
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      run(job.files.filter((_, j) => j % count === i))
    )
  );
  emit({ event: 'result', compiled: done - skipped.length, skipped: skipped.sort() });
}

/** The work of one thread; true when this is such a thread. */
export async function compileShare(): Promise<boolean> {
  if (isMainThread || !(workerData as Partial<IShare> | null)?.compile) return false;
  const { pyodide: directory, tree, files } = (workerData as IShare).compile;
  const say = (message: Message) => parentPort?.postMessage(message);
  try {
    const { loadPyodide } = await importPyodide(directory);
    const pyodide = await loadPyodide({ indexURL: directory, env: REPRODUCIBLE });
    pyodide.mountNodeFS('/tree', tree);
    const compileOne = pyodide.runPython(COMPILE) as (
      path: string
    ) => string | undefined;
    for (const path of files) {
      const problem = compileOne(path);
      say(problem ? { skipped: [path, problem] } : { done: path });
    }
  } catch (error) {
    say({ failed: error instanceof Error ? error.message : String(error) });
  }
  return true;
}
