import type { IFSStream, IStreamOps } from '../emscripten';
import { Errno } from './errno';
import type { FrozenMount } from './mount';
import type { IFrozenNode } from './node';
import { markChanged } from './node';

/** Up to this size a file's room doubles when it grows, beyond it grows by an eighth. */
const DOUBLING = 2 ** 20;
const LEAST_ROOM = 256;

/** Seeking, which directories have too: their position is that of a listing. */
export function seekOps({ FS }: FrozenMount): Pick<IStreamOps, 'llseek'> {
  return {
    llseek(stream, offset, whence) {
      let position = offset;
      if (whence === 1) {
        position += stream.position;
      } else if (whence === 2 && FS.isFile(stream.node.mode)) {
        position += nodeOf(stream).size;
      }
      if (position < 0) throw new FS.ErrnoError(Errno.EINVAL);
      return position;
    }
  };
}

/** Reading and writing an open file. */
export function fileStreamOps(mount: FrozenMount): Partial<IStreamOps> {
  const { FS } = mount;
  const ops: Partial<IStreamOps> = {
    ...seekOps(mount),

    read(stream, buffer, offset, length, position) {
      const node = stream.node as IFrozenNode;
      const count = Math.min(length, node.size - position);
      if (count <= 0) return 0;
      if (node.contents !== null) {
        buffer.set(node.contents.subarray(position, position + count), offset);
      } else {
        mount.copyLower(node, position, buffer, offset, count);
      }
      return count;
    },

    write(stream, buffer, offset, length, position, canOwn) {
      mount.checkWritable();
      if (length === 0) return 0;
      const node = nodeOf(stream);
      const bytes = buffer.subarray(offset, offset + length);
      if (
        canOwn &&
        position === 0 &&
        node.size <= length &&
        isOwnBuffer(buffer, bytes)
      ) {
        node.contents = bytes;
      } else {
        reserve(node, position + length).set(bytes, position);
      }
      node.size = Math.max(node.size, position + length);
      node.mtime = node.ctime = Date.now();
      markChanged(node);
      return length;
    },

    // A private copy, as everywhere in Emscripten. Only MEMFS can allocate memory for it: it is
    // given the bytes as if they were those of a file of its own.
    mmap(stream, length, position, prot, flags) {
      const node = nodeOf(stream);
      const memfs = FS.filesystems?.MEMFS;
      if (!memfs?.stream_ops || !FS.isFile(node.mode)) {
        throw new FS.ErrnoError(Errno.ENODEV);
      }
      const count = Math.max(0, Math.min(length, node.size - position));
      const contents =
        node.contents !== null
          ? node.contents.subarray(position, position + count)
          : mount.viewLower(node, position, count);
      const copy = { node: { mode: node.mode, contents, usedBytes: count } };
      return memfs.stream_ops.mmap(
        copy as unknown as IFSStream,
        length,
        0,
        prot,
        flags
      );
    },

    msync(stream, buffer, offset, length) {
      // What is mapped beyond the end of the file is not part of it.
      const count = Math.min(length, nodeOf(stream).size - offset);
      if (count > 0) ops.write!(stream, buffer, 0, count, offset, false);
      return 0;
    }
  };
  return ops;
}

/** Set the size of a file: cut it, or fill it up with zeros. */
export function resize(node: IFrozenNode, size: number): void {
  if (size < node.size) {
    // Only what stays of an image's file is copied.
    node.contents = copyOf(node, size, size);
  } else {
    reserve(node, size).fill(0, node.size, size);
  }
  node.size = size;
  node.mtime = node.ctime = Date.now();
  markChanged(node);
}

/** The bytes of a file, its own from now on, with room for `size`. */
function reserve(node: IFrozenNode, size: number): Uint8Array {
  if (node.contents !== null && node.contents.length >= size) {
    return node.contents;
  }
  const room = node.contents?.length ?? 0;
  const grown = room && Math.floor(room * (room < DOUBLING ? 2 : 1.125));
  node.contents = copyOf(
    node,
    node.size,
    room ? Math.max(size, grown, LEAST_ROOM) : Math.max(size, node.size)
  );
  return node.contents;
}

/** The first bytes of a file, in a buffer of their own. */
function copyOf(node: IFrozenNode, count: number, room: number): Uint8Array {
  const bytes = allocate(node, room);
  if (node.contents !== null) {
    bytes.set(node.contents.subarray(0, count));
  } else if (count > 0) {
    node.owner.copyLower(node, 0, bytes, 0, count);
  }
  return bytes;
}

/** Memory for a file. Not having it is an error of the file's, which must not end the program. */
function allocate({ owner }: IFrozenNode, size: number): Uint8Array {
  try {
    return new Uint8Array(size);
  } catch {
    throw new owner.FS.ErrnoError(Errno.ENOSPC);
  }
}

/**
 * Whether a buffer that the caller gives away is nothing but the file: a view of the program's
 * memory, which will be reused, is not.
 */
function isOwnBuffer(buffer: Uint8Array, bytes: Uint8Array): boolean {
  return buffer instanceof Uint8Array && bytes.length === buffer.buffer.byteLength;
}

function nodeOf(stream: IFSStream): IFrozenNode {
  return stream.node as IFrozenNode;
}
