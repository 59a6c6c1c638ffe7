const MAGIC: readonly [type: string, offset: number, bytes: readonly number[]][] = [
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/gif', 0, [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', 8, [0x57, 0x45, 0x42, 0x50]]
];

/**
 * The type of a picture, told by its bytes; of an SVG by the end of its name.
 *
 * @returns null when it is none that every browser shows.
 */
export function pictureType(head: Uint8Array, end: string): string | null {
  if (end === '.svg') return 'image/svg+xml';
  const found = MAGIC.find(([, offset, bytes]) =>
    bytes.every((byte, i) => head[offset + i] === byte)
  );
  return found?.[0] ?? null;
}
