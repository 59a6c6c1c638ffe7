/**
 * Python's garbage collector keeps its objects in a list: each is preceded by a head of two words, the addresses of the
 * next and the previous head, with flags in their lowest bits (CPython's `PyGC_Head`). In what order they follow each
 * other does not matter. So a snapshot has the sorted addresses in place of the links, which are a twentieth of what
 * would have to be sent.
 */

/** Bytes of a head. */
const HEAD = 8;

/** Bits of a word that are flags. */
const FLAGS = 3;

/**
 * Take the links out of a memory.
 *
 * @param memory - Is changed: only the flags stay.
 * @param object - The address of any object that has survived a collection.
 * @returns the distances from each head to the next one, in the order of their addresses, in bytes; empty when the
 * memory does not look as expected, and is not changed then
 */
export function takeGcHeads(memory: Uint8Array, object: number): Uint32Array {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
  const heads: number[] = [];
  const first = object - HEAD;
  let head = first;
  do {
    const next = words[head / 4] & ~FLAGS;
    const back = words[next / 4 + 1] & ~FLAGS;
    if (back !== head || heads.length > words.length) return new Uint32Array();
    heads.push(head);
    head = next;
  } while (head !== first);
  for (const head of heads) {
    words[head / 4] &= FLAGS;
    words[head / 4 + 1] &= FLAGS;
  }
  const sorted = Uint32Array.from(heads).sort();
  return sorted.map((head, index) => head - (sorted[index - 1] ?? 0));
}

/**
 * Put the links back: see `takeGcHeads`.
 *
 * @param low - What is to be in the lower part of the memory.
 * @param words - The memory; that part of it is left as it is.
 */
export function linkGcHeads(
  low: Uint32Array,
  words: Uint32Array,
  distances: Uint32Array
): void {
  if (distances.length === 0) return;
  const last = distances.reduce((sum, distance) => sum + distance, 0);
  let previous = last;
  let head = 0;
  for (const distance of distances) {
    head += distance;
    (previous < low.byteLength ? low : words)[previous / 4] |= head;
    (head < low.byteLength ? low : words)[head / 4 + 1] |= previous;
    previous = head;
  }
}
