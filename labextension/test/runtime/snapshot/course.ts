import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { build } from 'esbuild';
import type { PyodideAPI } from 'pyodide';
import { loadPyodide } from 'pyodide';

import { ImageReader } from '../../../src/image';
import { bootPyodide } from '../../../src/runtime/boot';
import type { IExposed } from '../../../src/runtime/exposed';
import type { IManifest } from '../../../src/runtime/manifest';
import { FileSource } from '../../../src/runtime/node/file-source';
import { startKernel } from '../../../src/runtime/node/kernel';
import { importPyodideModule, withRuntime } from '../../../src/runtime/node/pyodide';
import type { ISnapshotHead } from '../../../src/runtime/snapshot';
import { Restore, SnapshotReader } from '../../../src/runtime/snapshot';
import type { CreatePyodideModule } from '../../../src/runtime/create-module';

const PACKAGE = resolve(import.meta.dirname, '../../..');
const BUILT = resolve(PACKAGE, '../examples/course/_output/frozen/api/course');
const PYODIDE = dirname(createRequire(import.meta.url).resolve('pyodide'));
const WORK = mkdtempSync(join(tmpdir(), 'frozenfs-test-'));
const EMPTY = join(WORK, 'empty.zip');
writeFileSync(EMPTY, '');

/** A warm-up, as `frozen.toml` declares one. */
export interface IWarmUp {
  modules?: string[];
  script?: string;
  expose?: string[];
  check?: string;
}

export interface ITakenFile {
  path: string;
  size: number;
  sha256: string;
  head: ISnapshotHead;
  /** The runtime with the snapshot's libraries linked into it. */
  linked: { path: string; sha256: string };
}

/** The newest build of the example course, with numpy, pandas and matplotlib in it. */
export function course(): { manifest: IManifest; image: string } {
  const builds = existsSync(BUILT) ? readdirSync(BUILT) : [];
  const manifests = builds
    .map(name => join(BUILT, name, 'environment.json'))
    .filter(path => existsSync(path))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
  const newest = manifests.at(-1);
  if (newest === undefined) {
    throw new Error(`There is no built course in ${BUILT}: run \`make course\` first.`);
  }
  const manifest = JSON.parse(readFileSync(newest, 'utf8')) as IManifest;
  return { manifest, image: join(dirname(newest), manifest.image.parts[0].file) };
}

let bundled: Promise<string> | undefined;

/** The build step as it is in this tree. */
async function buildStep(): Promise<string> {
  const outfile = join(WORK, 'build.mjs');
  await build({
    entryPoints: [join(PACKAGE, 'src/runtime/node/main.ts')],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*'],
    outfile
  });
  return outfile;
}

/** Run a job of the build step in a process of its own, and return its last event. */
export async function runJob(job: object): Promise<Record<string, unknown>> {
  const script = await (bundled ??= buildStep());
  const file = join(WORK, `job-${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(job));
  const output = await new Promise<string>(done => {
    const options = { maxBuffer: 2 ** 26 };
    execFile(process.execPath, [script, file], options, (_, stdout) => done(stdout));
  });
  return JSON.parse(output.trim().split('\n').at(-1)!) as Record<string, unknown>;
}

/** What each job says of the course and its warm-up. */
export function jobOf({ modules = [], script, expose = [], check }: IWarmUp): object {
  const { manifest, image } = course();
  const { mounts, packages } = manifest;
  return {
    pyodide: PYODIDE,
    image,
    mounts,
    packages,
    modules,
    script: script ?? null,
    script_name: 'warm_up.py',
    expose,
    check: check ?? null,
    check_name: 'check.py'
  };
}

let count = 0;

/** Take a snapshot in a process of its own; the answer says `refused` when that cannot be. */
export async function take(
  warmUp: IWarmUp
): Promise<ITakenFile & { refused?: string }> {
  const path = join(WORK, `snapshot-${count}.img`);
  const linked = join(WORK, `linked-${count++}.wasm`);
  const result = await runJob({
    ...jobOf(warmUp),
    job: 'take-snapshot',
    epoch: 1_767_225_600,
    level: 1,
    snapshot: path,
    linked
  });
  if (result.event !== 'result') throw new Error(JSON.stringify(result));
  return {
    ...(result as unknown as ITakenFile),
    path,
    linked: { path: linked, sha256: result.linked as string }
  };
}

/** Try a snapshot out as a build does. */
export async function check(
  warmUp: IWarmUp,
  { path: snapshot, head, linked }: ITakenFile
): Promise<Record<string, unknown>> {
  return runJob({
    ...jobOf(warmUp),
    job: 'check-snapshot',
    snapshot,
    head,
    linked: linked.path
  });
}

export interface IKernel {
  pyodide: PyodideAPI;
  /** Run Python apart from the notebook's namespace; its value as text. */
  run(code: string): string;
  /** Run a cell; what it displays or prints is lost. */
  cell(code: string): Promise<{ status: string; ename?: string; evalue?: string }>;
}

/** Make the module of a runtime, as `pyodide.asm.mjs` does. */
export const createPyodideModule: CreatePyodideModule =
  await importPyodideModule(PYODIDE);

/** Start a kernel from the course's image, restored when there is a snapshot. */
export async function startKernelFrom(
  restore?: Restore,
  {
    onRead,
    exposed,
    ...options
  }: {
    env?: Record<string, string>;
    stderr?(text: string): void;
    createPyodideModule?: CreatePyodideModule;
    BUILD_ID?: string;
    onRead?(path: string): void;
    exposed?: IExposed;
  } = {}
): Promise<IKernel> {
  const { manifest, image } = course();
  const pyodide = await bootPyodide({
    loadPyodide,
    indexURL: PYODIDE,
    emptyFile: EMPTY,
    image: ImageReader.open(new FileSource(image)),
    mounts: manifest.mounts,
    packages: manifest.packages,
    restore,
    onRead,
    pyodide: { createPyodideModule, stdout: () => undefined, ...options }
  });
  await startKernel(pyodide, exposed);
  return kernelOf(pyodide);
}

/** Restore a snapshot in this process. */
export function restored(
  { path, head, linked }: ITakenFile,
  options: Parameters<typeof startKernelFrom>[1] = {}
): Promise<IKernel> {
  const snapshot = SnapshotReader.open(new FileSource(path), head);
  return withRuntime(readFileSync(linked.path), () =>
    startKernelFrom(new Restore(snapshot), options)
  );
}

const RUN = `
import ast, traceback

def run(code):
    tree = ast.parse(code)
    names = {}
    last = ast.Expression(tree.body.pop().value)
    try:
        exec(compile(tree, "test", "exec"), names)
        return str(eval(compile(last, "test", "eval"), names))
    except Exception:
        return traceback.format_exc()

run
`;

function kernelOf(pyodide: PyodideAPI): IKernel {
  const globals = pyodide.toPy({});
  const run = pyodide.runPython(RUN, { globals }) as (code: string) => string;
  const kernel = pyodide.globals.get('pyodide_kernel').kernel_instance;
  return {
    pyodide,
    run,
    async cell(code) {
      const answer = await kernel.run(code);
      return answer.toJs() as { status: string };
    }
  };
}
