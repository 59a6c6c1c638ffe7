import type { IHeader } from './format';
import type { IMemoryFrame } from './reader';

/**
 * Makes of the frames of a snapshot's memory what the memory is to be: no difference to what the runtime's own file puts
 * there, and with the links of Python's garbage collector. A start that finds them so has less to do.
 */
export class Completer {
  /** Sorted addresses of the heads of the garbage collector. */
  private readonly heads: Uint32Array;
  private next = 0;

  /**
   * @param runtimeData - What the runtime's own file puts into memory, from address 0 on.
   * @param distances - See `takeGcHeads`.
   */
  constructor(
    private readonly runtimeData: Uint32Array,
    distances: Uint32Array
  ) {
    let head = 0;
    this.heads = distances.map(distance => (head += distance));
  }

  /** Whether all links lie where something is stored. */
  fits({ runs }: Pick<IHeader['memory'], 'runs'>): boolean {
    let index = 0;
    for (const [offset, length] of runs) {
      if (this.heads[index] < offset) return false;
      while (this.heads[index] < offset + length) index++;
    }
    return index === this.heads.length;
  }

  /** Complete a frame, in place; they come in their order. */
  complete({ pieces, bytes }: IMemoryFrame): void {
    const { heads, runtimeData } = this;
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    for (const { at, offset, length } of pieces) {
      const first = offset / 4;
      const shift = at / 4 - first;
      const end = Math.min(first + length / 4, runtimeData.length);
      for (let word = first; word < end; word++) {
        words[word + shift] ^= runtimeData[word];
      }
      for (; heads[this.next] < offset + length; this.next++) {
        const word = heads[this.next] / 4 + shift;
        words[word] |= heads[this.next + 1] ?? heads[0];
        words[word + 1] |= heads[this.next - 1] ?? heads.at(-1);
      }
    }
  }
}
