const WIDTH = 16;

/** Bytes as `hexdump -C` writes them. */
export function hexOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const line = Array.from(bytes.subarray(at, at + WIDTH));
    const pairs = line.map(byte => byte.toString(16).padStart(2, '0'));
    const halves = [pairs.slice(0, 8), pairs.slice(8)].map(half => half.join(' '));
    const letters = line
      .map(byte => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('');
    const offset = at.toString(16).padStart(8, '0');
    lines.push(`${offset}  ${halves.join('  ').padEnd(3 * WIDTH)}  |${letters}|`);
  }
  return lines.join('\n');
}
