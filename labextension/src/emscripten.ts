/**
 * Declarations of what this project uses of Emscripten's untyped module and filesystem.
 *
 * Source of the shapes: Emscripten's `src/lib/libfs.js` and `libmemfs.js`.
 */

/** A node of the filesystem: a directory, a file, a link or a device. */
export interface IFSNode {
  id: number;
  name: string;
  mode: number;
  parent: IFSNode;
  mount: IFSMount;
  mounted: IFSMount | null;
  node_ops: Partial<INodeOps>;
  stream_ops: Partial<IStreamOps>;
  rdev: number;
  atime?: number;
  mtime?: number;
  ctime?: number;
  [key: string]: unknown;
}

/** An open file. */
export interface IFSStream {
  node: IFSNode;
  path?: string;
  flags: number;
  position: number;
  fd?: number;
  stream_ops: Partial<IStreamOps>;
  [key: string]: unknown;
}

/** A mounted filesystem. */
export interface IFSMount {
  type: IFSType;
  opts: Record<string, unknown>;
  mountpoint: string;
  mounts: IFSMount[];
  root: IFSNode;
}

/** What `FS.stat` answers; times are `Date`s, sizes in bytes. */
export interface IFSStat {
  dev: number;
  ino: number;
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  rdev: number;
  size: number;
  atime: Date;
  mtime: Date;
  ctime: Date;
  blksize: number;
  blocks: number;
}

/** What `setattr` is given; times in milliseconds since the epoch. */
export interface IFSAttributes {
  mode?: number;
  size?: number;
  atime?: number;
  mtime?: number;
  ctime?: number;
  /** The same as `mtime`, for older Emscriptens. */
  timestamp?: number;
  dontFollow?: boolean;
}

export interface INodeOps {
  getattr(node: IFSNode): IFSStat;
  setattr(node: IFSNode, attributes: IFSAttributes): void;
  lookup(parent: IFSNode, name: string): IFSNode;
  mknod(parent: IFSNode, name: string, mode: number, dev: number): IFSNode;
  rename(node: IFSNode, newParent: IFSNode, newName: string): void;
  unlink(parent: IFSNode, name: string): void;
  rmdir(parent: IFSNode, name: string): void;
  readdir(node: IFSNode): string[];
  symlink(parent: IFSNode, newName: string, target: string): IFSNode;
  readlink(node: IFSNode): string;
}

export interface IStreamOps {
  open(stream: IFSStream): void;
  close(stream: IFSStream): void;
  llseek(stream: IFSStream, offset: number, whence: number): number;
  read(
    stream: IFSStream,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number
  ): number;
  write(
    stream: IFSStream,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    canOwn?: boolean
  ): number;
  mmap(
    stream: IFSStream,
    length: number,
    position: number,
    prot: number,
    flags: number
  ): { ptr: number; allocated: boolean };
  msync(
    stream: IFSStream,
    buffer: Uint8Array,
    offset: number,
    length: number,
    mmapFlags: number
  ): number;
}

/** A filesystem type, the first argument of `FS.mount`. */
export interface IFSType {
  mount(mount: IFSMount): IFSNode;
  syncfs?(mount: IFSMount, populate: boolean, done: (error?: unknown) => void): void;
}

/** The part of MEMFS that other filesystem types may borrow. */
export interface IMemFS extends IFSType {
  stream_ops: IStreamOps;
}

/** Emscripten's `FS`, as Pyodide, MicroPython and webR export it. */
export interface IEmscriptenFS {
  ErrnoError: new (errno: number) => Error & { errno: number };
  filesystems: Record<string, IFSType> & { MEMFS: IMemFS };
  chrdev_stream_ops: Partial<IStreamOps>;
  /** Whether modes count for nothing. */
  ignorePermissions: boolean;
  /** 0, or the errno of what a node does not permit of `r`, `w`, `x`. */
  nodePermissions(node: IFSNode, permissions: string): number;
  lookupNode(parent: IFSNode, name: string): IFSNode;
  getPath(node: IFSNode): string;
  createNode(
    parent: IFSNode | null,
    name: string,
    mode: number,
    rdev?: number
  ): IFSNode;
  hashRemoveNode(node: IFSNode): void;
  hashAddNode(node: IFSNode): void;
  mount(type: IFSType, opts: Record<string, unknown>, mountpoint: string): IFSNode;
  unmount(mountpoint: string): void;
  mkdir(path: string, mode?: number): IFSNode;
  mknod(path: string, mode: number, dev: number): IFSNode;
  mkdirTree(path: string, mode?: number): void;
  readdir(path: string): string[];
  readlink(path: string): string;
  readFile(path: string): Uint8Array;
  readFile(path: string, opts: { encoding: 'utf8' }): string;
  writeFile(
    path: string,
    data: string | Uint8Array,
    opts?: { canOwn?: boolean; mode?: number }
  ): void;
  unlink(path: string): void;
  rmdir(path: string): void;
  rename(oldPath: string, newPath: string): void;
  symlink(target: string, path: string): IFSNode;
  stat(path: string): IFSStat;
  lstat(path: string): IFSStat;
  chmod(path: string, mode: number): void;
  truncate(path: string, length: number): void;
  utime(path: string, atime: number, mtime: number): void;
  open(path: string, flags: string | number, mode?: number): IFSStream;
  close(stream: IFSStream): void;
  read(
    stream: IFSStream,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position?: number
  ): number;
  write(
    stream: IFSStream,
    buffer: Uint8Array,
    offset: number,
    length: number,
    position?: number
  ): number;
  llseek(stream: IFSStream, offset: number, whence: number): number;
  cwd(): string;
  chdir(path: string): void;
  analyzePath(path: string): { exists: boolean; object: IFSNode | null };
  lookupPath(
    path: string,
    opts?: { follow?: boolean; follow_mount?: boolean; parent?: boolean }
  ): { path: string; node: IFSNode };
  isDir(mode: number): boolean;
  isFile(mode: number): boolean;
  isLink(mode: number): boolean;
  isChrdev(mode: number): boolean;
}
