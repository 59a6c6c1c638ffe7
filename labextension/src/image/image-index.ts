import { Checker } from './checker';
import type { IDirectoryEntry, IEntry, IFileEntry } from './entries';
import { ImageError, unknownVersion } from './error';
import { chunkSize } from './index-json';
import { StoredFiles } from './stored-files';
import { BLOCK } from './tar';
import { Tree } from './tree';

/** What `.vfs-index.json` says (section 3 of the format), checked. */
export class ImageIndex {
  private constructor(
    private readonly tree: Tree,
    /** Chunk size in uncompressed bytes. */
    readonly chunk: number,
    /** Uncompressed bytes of the boot prefix. */
    readonly boot: number,
    /** SHA-256 of the base image, when this image is a layer. */
    readonly base: string | null,
    private readonly stored: StoredFiles,
    /** Paths removed relative to the base. */
    readonly whiteouts: readonly string[],
    /** CRC-32 of each chunk before the index. */
    readonly crc32: Uint32Array
  ) {}

  /** Regular files, in archive order. */
  get files(): readonly IFileEntry[] {
    return this.stored.all();
  }

  /** The root directory. */
  get root(): IDirectoryEntry {
    return this.tree.root;
  }

  /** The entry at an absolute path. */
  lookup(path: string): IEntry | undefined {
    return this.tree.lookup(path);
  }

  /** What is in a directory, by name; undefined when there is no directory at the path. */
  children(path: string): ReadonlyMap<string, IEntry> | undefined {
    const entry = this.tree.lookup(path);
    return entry?.kind === 'directory' ? entry.children : undefined;
  }

  /**
   * @param data - The data of `.vfs-index.json`.
   * @param end - Offset of its header: all files end there at the latest.
   */
  static parse(image: string, data: Uint8Array, end: number): ImageIndex {
    const check: Checker = new Checker(image);
    const json = check.record(check.json(data), 'the index');
    const own = json.frozenfs;
    if (own === undefined) {
      throw new ImageError(
        image,
        'its index is of the file_packager kind, without the key frozenfs',
        'It is not an image of this format: convert it first.'
      );
    }
    const more = check.record(own, 'frozenfs');
    if (more.version !== 1) {
      throw unknownVersion(image, more.version);
    }
    check.that(
      json.remote_package_size === end,
      `remote_package_size is ${String(json.remote_package_size)}, expected ${end}`
    );
    const chunk = check.integer(more.chunk, 0, Number.MAX_SAFE_INTEGER, 'chunk');
    check.that(
      chunk === chunkSize(end),
      `chunk is ${chunk}, expected ${chunkSize(end)} for ${end} bytes`
    );
    const boot = check.integer(more.boot, 0, end, 'boot');
    check.that(boot % BLOCK === 0, `boot is ${boot}, expected a multiple of ${BLOCK}`);
    const base = check.base(more.base);
    const files = StoredFiles.parse(check, json.files, more.modes, more.mtimes, end);
    const tree = new Tree(image, files);
    for (const item of check.array(more.directories, 'directories')) {
      const [path, mode, mtime] = check.array(item, 'a directory', 3);
      tree.addDirectory(check.string(path), check.mode(mode), check.mtime(mtime));
    }
    tree.addFiles();
    for (const item of check.array(more.links, 'links')) {
      tree.addLink(check.link(item));
    }
    tree.settle();
    const whiteouts = check.whiteouts(more.whiteouts, base);
    const crc32 = check.crc32(more.crc32, Math.ceil(end / chunk));
    return new ImageIndex(tree, chunk, boot, base, files, whiteouts, crc32);
  }
}
