import type { IDirectoryEntry, IEntry, IFileEntry } from './entries';
import { ImageError } from './error';
import type { ImageReader } from './reader';

/** A directory while layers are put on it. */
interface IGrowing extends IDirectoryEntry {
  readonly children: Map<string, IEntry>;
}

/**
 * An image and the layers on it, seen as one tree.
 *
 * It costs what the layers hold, and the listings of the directories that they change; everything
 * else is shared with the images.
 */
export class Stack {
  readonly root: IDirectoryEntry;

  /** The image at the bottom, then its layers. */
  readonly images: readonly ImageReader[];

  private readonly owners = new Map<IFileEntry, ImageReader>();

  /**
   * @param image - What is at the bottom.
   * @param layers - What lies on it, the lowest first.
   *
   * @throws ImageError when one is not a layer of what is below it.
   */
  constructor(
    private readonly image: ImageReader,
    layers: readonly ImageReader[] = []
  ) {
    checkBases(image, layers);
    this.images = [image, ...layers];
    this.root = layers.reduce((root, layer) => this.put(root, layer), image.index.root);
  }

  /** The entry at an absolute path. */
  lookup(path: string): IEntry | undefined {
    let entry: IEntry | undefined = this.root;
    for (const name of path.split('/').slice(path === '/' ? 2 : 1)) {
      entry = entry?.kind === 'directory' ? entry.children.get(name) : undefined;
    }
    return entry;
  }

  /** The image that holds the bytes of a file. */
  imageOf(file: IFileEntry): ImageReader {
    return this.owners.get(file) ?? this.image;
  }

  /** A tree with a layer put on it: first what it removes is gone, then what it holds is there. */
  private put(below: IDirectoryEntry, layer: ImageReader): IDirectoryEntry {
    const { root, whiteouts } = layer.index;
    const top = copyOf(below);
    for (const path of whiteouts) remove(top, path);
    const waiting: [IGrowing, IDirectoryEntry][] = [[top, root]];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [directory, { children }] = next;
      for (const [name, entry] of children) {
        if (entry.kind === 'directory') {
          const there = directory.children.get(name);
          const merged = copyOf(entry, there?.kind === 'directory' ? there : undefined);
          directory.children.set(name, merged);
          waiting.push([merged, entry]);
        } else {
          directory.children.set(name, entry);
          if (entry.kind === 'file') this.owners.set(entry, layer);
        }
      }
    }
    return top;
  }
}

/** A directory with the same attributes and the children of its own or of another. */
function copyOf(entry: IDirectoryEntry, content = entry): IGrowing {
  const { kind, path, mode, mtime } = entry;
  return { kind, path, mode, mtime, children: new Map(content.children) };
}

/** Remove a path from a tree whose root may be changed, but nothing below it. */
function remove(root: IGrowing, path: string): void {
  const names = path.split('/').slice(1);
  const last = names.pop()!;
  let directory = root;
  for (const name of names) {
    const child = directory.children.get(name);
    if (child?.kind !== 'directory') return;
    const copy = copyOf(child);
    directory.children.set(name, copy);
    directory = copy;
  }
  directory.children.delete(last);
}

function checkBases(image: ImageReader, layers: readonly ImageReader[]): void {
  if (image.index.base !== null) {
    throw new ImageError(
      image.name,
      `it is a layer, which holds only what changed relative to the image with SHA-256 ${image.index.base}`,
      'Mount it on this image.'
    );
  }
  layers.forEach((layer, i) => {
    const below = i === 0 ? image : layers[i - 1];
    const expected = layer.index.base;
    if (expected === null) {
      throw new ImageError(
        layer.name,
        `it is not a layer, it has no base: expected a layer of ${below.name}`,
        'Mount it alone.'
      );
    }
    if (below.sha256 !== expected) {
      throw new ImageError(
        layer.name,
        `it is a layer of the image with SHA-256 ${expected}, but ${below.name} has ${below.sha256 ?? 'an unknown one'}`,
        below.sha256 === undefined
          ? 'Give its SHA-256 when it is opened, or await its digest().'
          : 'Find the image that it was made on.'
      );
    }
  });
}

/** The root directory of an image, or of an image with its layers. */
export function rootOf(tree: ImageReader | Stack): IDirectoryEntry {
  return 'images' in tree ? tree.root : tree.index.root;
}

/** The image that holds the bytes of a file. */
export function imageOf(tree: ImageReader | Stack, file: IFileEntry): ImageReader {
  return 'images' in tree ? tree.imageOf(file) : tree;
}

/** The entry at an absolute path. */
export function lookup(tree: ImageReader | Stack, path: string): IEntry | undefined {
  return 'images' in tree ? tree.lookup(path) : tree.index.lookup(path);
}

/** The images of a tree, the one at the bottom first. */
export function imagesOf(tree: ImageReader | Stack): readonly ImageReader[] {
  return 'images' in tree ? tree.images : [tree];
}

/** SHA-256 that a layer on a tree names as its base. */
export async function digestOf(tree: ImageReader | Stack): Promise<string> {
  const top = imagesOf(tree).at(-1)!;
  return top.sha256 ?? (await top.digest());
}
