import type { PyodideAPI } from 'pyodide';
import { loadPyodide } from 'pyodide';

import type { IEmscriptenFS, IFSNode } from '../../src/emscripten';
import type { IFrozenHooks, IFrozenMountOptions } from '../../src/fs';
import { createFrozenFS } from '../../src/fs';
import { ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';
import type { ITestEntry, ITestOptions } from '../image/make-image';
import { makeImage } from '../image/make-image';

/** Where a tree for a test lies. */
export type Ground =
  'MEMFS' | 'FrozenFS' | 'FrozenFS, compressed' | 'FrozenFS, in layers';

/** Every place where files behave the same. */
export const GROUNDS: Ground[] = [
  'MEMFS',
  'FrozenFS',
  'FrozenFS, compressed',
  'FrozenFS, in layers'
];

/** The mounts of images among them. */
export const MOUNTS: Ground[] = GROUNDS.slice(1);

/** What tests find in Python: short names for what they say often. */
const PRELUDE = `
import errno, json, mmap, os, pathlib, shutil, stat, sys, tempfile, time

def read(path):
    with open(path, "rb") as file:
        return file.read().decode()

def write(path, text, mode="w"):
    with open(path, mode) as file:
        file.write(text)

def error(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except OSError as error:
        return errno.errorcode[error.errno]
    return None

def tree(root):
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, root)] = (
                "-> " + os.readlink(path) if os.path.islink(path)
                else "/" if os.path.isdir(path) else read(path)
            )
    return found
`;

/** A mount, and where it is. */
interface IMounted {
  path: string;
  root: IFSNode;
  image: ImageReader;
}

/** A real interpreter. */
export class Kernel {
  private count = 0;

  private constructor(
    readonly pyodide: PyodideAPI,
    readonly FS: IEmscriptenFS
  ) {
    pyodide.runPython(PRELUDE);
  }

  static async start(): Promise<Kernel> {
    const pyodide = await loadPyodide();
    return new Kernel(pyodide, pyodide.FS as unknown as IEmscriptenFS);
  }

  /** A path that was not used before. */
  place(): string {
    this.count += 1;
    const path = `/ground/${this.count}`;
    this.FS.mkdirTree(path);
    return path;
  }

  /** Put a tree somewhere, and say where. */
  async lay(ground: Ground, entries: ITestEntry[]): Promise<string> {
    if (ground !== 'MEMFS') return (await this.layMount(ground, entries)).path;
    const path = this.place();
    const { FS } = this;
    for (const entry of entries) {
      const at = path + entry.path;
      if (entry.target !== undefined) {
        FS.symlink(entry.target, at);
        continue;
      }
      if (entry.content !== undefined) FS.writeFile(at, entry.content);
      else FS.mkdir(at);
      FS.chmod(at, entry.mode ?? (entry.content === undefined ? 0o755 : 0o644));
      const time = (entry.mtime ?? 1_700_000_000) * 1000;
      FS.utime(at, time, time);
    }
    return path;
  }

  /** Put a tree somewhere on a mount. */
  async layMount(ground: Ground, entries: ITestEntry[]): Promise<IMounted> {
    return ground === 'FrozenFS, in layers'
      ? this.mountLayers(entries)
      : this.mount(entries, { compress: ground !== 'FrozenFS' });
  }

  /** Mount a tree as a layer that changes, adds and removes most of what its base has. */
  async mountLayers(entries: ITestEntry[]): Promise<IMounted> {
    const [base, layer]: ITestEntry[][] = [[], []];
    const whiteouts: string[] = [];
    for (const [i, entry] of entries.entries()) {
      const { path, content, target } = entry;
      if (content === undefined && target === undefined) {
        base.push(
          { path, mode: 0o700, mtime: 1 },
          { path: `${path}/gone ${i}`, content: 'x' }
        );
        whiteouts.push(`${path}/gone ${i}`);
        layer.push(entry);
      } else if (i % 3 === 0) {
        base.push(entry);
      } else {
        if (i % 3 === 1) base.push({ path, content: `another ${i}` });
        else base.push({ path }, { path: `${path}/inside`, content: 'x' });
        layer.push(entry);
      }
    }
    const image = await ImageReader.open(new MemorySource(makeImage(base)));
    const options = { base: await image.digest(), whiteouts, compress: true };
    const top = await ImageReader.open(new MemorySource(makeImage(layer, options)));
    const path = this.place();
    const mounted = { image, layers: [top], writable: true };
    return { path, root: this.FS.mount(createFrozenFS(this.FS), mounted, path), image };
  }

  /** Mount an image of a tree. */
  async mount(
    entries: ITestEntry[],
    options: ITestOptions & Omit<IFrozenMountOptions, 'image'> = {},
    hooks?: IFrozenHooks
  ): Promise<IMounted> {
    const { root: from, writable = true, ...rest } = options;
    const image = await ImageReader.open(new MemorySource(makeImage(entries, rest)));
    const path = this.place();
    const type = createFrozenFS(this.FS, hooks);
    const root = this.FS.mount(type, { image, root: from, writable }, path);
    return { path, root, image };
  }

  /**
   * Run the body of a Python function, in which `root` is a path.
   *
   * @returns What it returns, by way of JSON.
   */
  python(root: string, body: string): unknown {
    const lines = body.split('\n').map(line => `    ${line}`);
    const code = `def test(root):\n${lines.join('\n')}\n\njson.dumps(test(${JSON.stringify(root)}))`;
    return JSON.parse(this.pyodide.runPython(code) as string);
  }
}
