/**
 * The build step in Node: `node build.mjs JOB.json`. What it does is in the job, what it says is one JSON object
 * a line (see events.ts); it ends with code 0 after a result, 1 after an error.
 */
import { readFileSync } from 'node:fs';

import { type ICompileJob, compile, compileShare } from './compile';
import { PythonFailure, emit } from './events';
import {
  type ICheckSnapshotJob,
  type ITakeSnapshotJob,
  checkSnapshot,
  orRefuse,
  takeSnapshot
} from './snapshot';
import { type IWarmUpJob, warmUp } from './warm-up';

type Job = ICompileJob | IWarmUpJob | ITakeSnapshotJob | ICheckSnapshotJob;

async function run(job: Job): Promise<void> {
  switch (job.job) {
    case 'compile':
      return compile(job);
    case 'warm-up':
      return warmUp(job);
    case 'take-snapshot':
      return orRefuse(takeSnapshot(job));
    case 'check-snapshot':
      return orRefuse(checkSnapshot(job));
    default:
      throw new Error(`unknown job ${JSON.stringify((job as { job: unknown }).job)}`);
  }
}

if (!(await compileShare())) {
  let code = 0;
  try {
    await run(JSON.parse(readFileSync(process.argv[2], 'utf8')) as Job);
  } catch (error) {
    code = 1;
    if (error instanceof PythonFailure) {
      emit({
        event: 'error',
        kind: 'python',
        message: error.message,
        traceback: error.traceback
      });
    } else {
      const message =
        error instanceof Error ? (error.stack ?? error.message) : String(error);
      emit({ event: 'error', kind: 'runtime', message });
    }
  }
  // Pyodide keeps handles open; wait only for what was said to be written out.
  process.stdout.write('', () => process.exit(code));
}
