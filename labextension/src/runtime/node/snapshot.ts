import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';

import { ImageReader } from '../../image';
import type { Encode, ISnapshotHead } from '../snapshot';
import {
  Restore,
  SnapshotError,
  SnapshotReader,
  SnapshotTaker,
  encodeSnapshot
} from '../snapshot';
import { heapEnd } from '../snapshot/heap';
import { linkerOf } from '../snapshot/module';
import { type IBootJob, bootInNode } from './boot';
import { contentsOf } from './contents';
import { measureImports } from './cost';
import { PythonFailure, emit } from './events';
import { FileSource } from './file-source';
import {
  type IAuthorsCheck,
  type IAuthorsWarmUp,
  runCheck,
  runWarmUp,
  startKernel
} from './kernel';
import {
  REPRODUCIBLE,
  importPyodide,
  importPyodideModule,
  readRuntime,
  withRuntime
} from './pyodide';
import { RecordedSource } from './recorded-source';
import { holdStill } from './still';

/** What taking and checking have in common. */
interface ISnapshotJob extends IBootJob, IAuthorsWarmUp {
  /** The snapshot file. */
  snapshot: string;
  /** The file of the runtime with the snapshot's libraries linked into it. */
  linked: string;
}

export interface ITakeSnapshotJob extends ISnapshotJob {
  job: 'take-snapshot';
  /** What the clock shows meanwhile, in seconds since 1970. */
  epoch: number;
  /** How hard zstd tries, 1 to 19. */
  level: number;
}

export interface ICheckSnapshotJob extends ISnapshotJob, IAuthorsCheck {
  job: 'check-snapshot';
  head: ISnapshotHead;
}

/**
 * Start a kernel from the final image, run the author's warm-up, and write the snapshot of what that leaves. The same
 * job writes the same bytes.
 */
export async function takeSnapshot(job: ITakeSnapshotJob): Promise<void> {
  const { now } = performance;
  const clock = () => now.call(performance);
  const started = clock();
  const [{ loadPyodide }, createPyodideModule, image] = await Promise.all([
    importPyodide(job.pyodide),
    importPyodideModule(job.pyodide),
    ImageReader.open(new FileSource(job.image))
  ]);
  holdStill(job.epoch);
  const taker = new SnapshotTaker(readRuntime(job.pyodide));
  const pyodide = await bootInNode(job, image, {
    loadPyodide,
    pyodide: {
      ...taker.options(createPyodideModule),
      env: { ...REPRODUCIBLE, LANG: 'en_US.UTF-8' }
    }
  });
  taker.started(pyodide);
  await startKernel(pyodide);
  const kernel = {
    bytes: heapEnd(linkerOf(pyodide)),
    modules: pyodide.runPython('import sys; len(sys.modules)', {
      globals: pyodide.toPy({})
    }) as number
  };
  const costs = await measureImports(pyodide, clock, () => runWarmUp(pyodide, job));
  // What these have scheduled for later.
  await new Promise(resolve => setTimeout(resolve));
  const taken = taker.take(
    pyodide,
    job.mounts.map(({ path }) => path)
  );
  const atTaken = clock();

  const { head, pieces } = await encodeSnapshot(taken, zstd(job.level), (done, total) =>
    emit({ event: 'progress', step: 'compress', done, total })
  );
  const { size, sha256 } = writePieces(job.snapshot, pieces);
  const linked = writePieces(job.linked, [taken.linked]);
  emit({
    event: 'result',
    size,
    sha256,
    head,
    linked: linked.sha256,
    contents: contentsOf(taken, kernel, costs),
    imports: costs.map(({ package: name, milliseconds }) => [
      name,
      Math.round(milliseconds)
    ]),
    milliseconds: {
      take: Math.round(atTaken - started),
      compress: Math.round(clock() - atTaken)
    }
  });
}

/** Restore a snapshot in this fresh process, and run the author's warm-up once more, then the author's check. */
export async function checkSnapshot(job: ICheckSnapshotJob): Promise<void> {
  const started = performance.now();
  const file = new RecordedSource(new FileSource(job.image));
  const [{ loadPyodide }, createPyodideModule, image] = await Promise.all([
    importPyodide(job.pyodide),
    importPyodideModule(job.pyodide),
    ImageReader.open(file)
  ]);
  const source = new FileSource(job.snapshot);
  const restore = new Restore(SnapshotReader.open(source, job.head));
  const pyodide = await withRuntime(readFileSync(job.linked), () =>
    bootInNode(job, image, {
      loadPyodide,
      restore,
      pyodide: { createPyodideModule }
    })
  );
  const restored = performance.now();
  file.ranges.length = 0;
  await startKernel(pyodide);
  await runWarmUp(pyodide, job);
  await runCheck(pyodide, job);
  void linkerOf(pyodide).LDSO.loadedLibsByName; // tells the linker, which most kernels never ask
  emit({
    event: 'result',
    read: file.ranges,
    milliseconds: {
      restore: Math.round(restored - started),
      warm_up: Math.round(performance.now() - restored)
    },
    steps: restore.times
  });
}

/** Tell the build why there is no snapshot, where that is nothing but a pity. */
export async function orRefuse(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SnapshotError) {
      emit({ event: 'result', refused: error.message });
    } else if (error instanceof PythonFailure) {
      emit({ event: 'result', refused: `${error.message}\n${error.traceback}` });
    } else {
      throw error;
    }
  }
}

function zstd(level: number): Encode {
  const compress = promisify(zstdCompress);
  const params = { [constants.ZSTD_c_compressionLevel]: level };
  return bytes => compress(bytes, { params });
}

function writePieces(
  path: string,
  pieces: readonly Uint8Array[]
): { size: number; sha256: string } {
  const hash = createHash('sha256');
  const file = openSync(path, 'w');
  let size = 0;
  try {
    for (const piece of pieces) {
      for (let done = 0; done < piece.length;) {
        done += writeSync(file, piece, done);
      }
      hash.update(piece);
      size += piece.length;
    }
  } finally {
    closeSync(file);
  }
  return { size, sha256: hash.digest('hex') };
}
