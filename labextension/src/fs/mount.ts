import type {
  IEmscriptenFS,
  IFSMount,
  IFSNode,
  INodeOps,
  IStreamOps
} from '../emscripten';
import type { IDirectoryEntry, IEntry, Stack } from '../image';
import { attributeOps } from './attributes';
import { directoryOps } from './directory';
import { Errno } from './errno';
import { fileStreamOps, seekOps } from './file';
import type { IFrozenNode } from './node';

const DIRECTORY = 0o040000;
const FILE = 0o100000;
const LINK = 0o120000;
const WRITE = 0o222;

/** What a FrozenFS tells its owner. */
export interface IFrozenHooks {
  /** The first read of bytes of a file of the image, with its path in the kernel. */
  onRead?(path: string): void;

  /** Something a person should know, as a damaged chunk; `console.error` by default. */
  onWarning?(text: string): void;
}

interface IOps {
  node: Partial<INodeOps>;
  stream: Partial<IStreamOps>;
}

/** An image mounted on a directory. */
export class FrozenMount {
  private readonly directory: IOps;
  private readonly file: IOps;
  private readonly link: IOps;
  private readonly device: IOps;
  private readonly warned = new Set<string>();

  constructor(
    readonly FS: IEmscriptenFS,
    private readonly mount: IFSMount,
    /** What is mounted, an image and the layers on it. */
    readonly stack: Stack,
    private readonly lowerRoot: IDirectoryEntry,
    readonly writable: boolean,
    private readonly hooks: IFrozenHooks
  ) {
    const attributes = attributeOps(this);
    this.directory = {
      node: { ...attributes, ...directoryOps(this) },
      stream: seekOps(this)
    };
    this.file = { node: attributes, stream: fileStreamOps(this) };
    this.link = {
      node: { ...attributes, readlink: node => (node as IFrozenNode).target },
      stream: {}
    };
    this.device = { node: attributes, stream: FS.chrdev_stream_ops };
  }

  /** The node of the mount's root. */
  createRoot(): IFrozenNode {
    return this.createLower(null, '/', this.lowerRoot);
  }

  /** The node of something that the image holds. */
  createLower(parent: IFSNode | null, name: string, entry: IEntry): IFrozenNode {
    const type =
      entry.kind === 'file' ? FILE : entry.kind === 'link' ? LINK : DIRECTORY;
    const withheld = this.writable || entry.kind === 'link' ? 0 : entry.mode & WRITE;
    const node = this.create(parent, name, type | (entry.mode & ~withheld), 0);
    node.lower = entry;
    node.withheld = withheld;
    node.atime = node.mtime = node.ctime = entry.mtime * 1000;
    if (entry.kind === 'file') {
      node.size = entry.end - entry.start;
      node.image = this.stack.imageOf(entry);
      node.start = entry.start;
      node.contents = null;
    } else if (entry.kind === 'link') {
      node.target = entry.target;
    }
    return node;
  }

  /** A new node: an empty directory, an empty file, a link without a target, a device. */
  create(
    parent: IFSNode | null,
    name: string,
    mode: number,
    device: number
  ): IFrozenNode {
    const { FS } = this;
    const node = FS.createNode(parent, name, mode, device) as IFrozenNode;
    const ops = FS.isDir(mode)
      ? this.directory
      : FS.isFile(mode)
        ? this.file
        : FS.isLink(mode)
          ? this.link
          : this.device;
    node.node_ops = ops.node;
    node.stream_ops = ops.stream;
    node.owner = this;
    node.lower = null;
    node.withheld = 0;
    node.changed = false;
    node.unlinked = false;
    node.size = 0;
    node.image = null;
    node.start = 0;
    node.contents = EMPTY;
    node.seen = false;
    if (ops === this.directory) {
      node.upper = new Map();
      node.whiteouts = new Set();
    }
    node.atime = node.mtime = node.ctime = Date.now();
    return node;
  }

  /** Throw `EROFS` unless the mount is writable. */
  checkWritable(): void {
    if (!this.writable) throw new this.FS.ErrnoError(Errno.EROFS);
  }

  /** Copy bytes of a file of the image into `target[offset, offset + length)`. */
  copyLower(
    node: IFrozenNode,
    position: number,
    target: Uint8Array,
    offset: number,
    length: number
  ): void {
    if (!node.seen) this.see(node);
    try {
      node.image!.readIntoSync(target, node.start + position, offset, length);
    } catch (error) {
      throw this.unreadable(node, error);
    }
  }

  /** Bytes of a file of the image, without a copy where that is possible. */
  viewLower(node: IFrozenNode, position: number, length: number): Uint8Array {
    if (!node.seen) this.see(node);
    const start = node.start + position;
    try {
      return node.image!.readSync(start, start + length);
    } catch (error) {
      throw this.unreadable(node, error);
    }
  }

  /** Note that the bytes of a file of the image are read. */
  private see(node: IFrozenNode): void {
    node.seen = true;
    if (node.lower) this.hooks.onRead?.(this.pathOf(node.lower));
  }

  /** Where the mount shows an entry of the image, wherever it was moved since. */
  private pathOf(entry: IEntry): string {
    const { path } = this.lowerRoot;
    return this.mount.mountpoint + entry.path.slice(path === '/' ? 0 : path.length);
  }

  private unreadable(node: IFrozenNode, error: unknown): Error {
    const reason = error instanceof Error ? error.message : String(error);
    const text = `${this.FS.getPath(node)} cannot be read. ${reason}`;
    if (!this.warned.has(text)) {
      this.warned.add(text);
      if (this.hooks.onWarning) this.hooks.onWarning(text);
      else console.error(text);
    }
    return new this.FS.ErrnoError(Errno.EIO);
  }
}

const EMPTY = new Uint8Array(0);
