/** The beginning of a text. */
export interface IText {
  text: string;
  /** How it was decoded, as `TextDecoder` calls it. */
  encoding: string;
  /** Whether it goes on. */
  isCut: boolean;
}

/**
 * Decode the beginning of a file.
 *
 * @param isCut - Whether the file goes on: then a character may be cut, too.
 *
 * @returns null when it is in no encoding that can be told.
 */
export function textOf(bytes: Uint8Array, isCut: boolean): IText | null {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    const decoder = new TextDecoder(encoding, { fatal: true });
    return { text: decoder.decode(bytes, { stream: isCut }), encoding, isCut };
  } catch {
    if (bytes.includes(0)) return null;
    const latin = 'windows-1252';
    return { text: new TextDecoder(latin).decode(bytes), encoding: latin, isCut };
  }
}

/** Control characters that no text has; form feeds and escapes of colours are in some. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]/g;

/** Whether it is a text that people can read. */
export function isPlainText({ text, encoding }: IText): boolean {
  const controls = text.match(CONTROL)?.length ?? 0;
  if (encoding === 'windows-1252') return controls === 0;
  return !text.includes('\0') && controls * 100 <= text.length;
}
