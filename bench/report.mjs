// What every benchmark ends with: a table for people, and the same as JSON with its ratios.
import { mkdir, writeFile } from 'node:fs/promises';

/** The middle of a list of numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Print rows of cells in aligned columns; the first row is the head. */
export function table(rows) {
  const text = rows.map(row => row.map(String));
  const widths = text[0].map((_, i) => Math.max(...text.map(row => row[i].length)));
  const line = row => row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ');
  console.log([line(text[0]), widths.map(w => '-'.repeat(w)).join('  '), ...text.slice(1).map(line)].join('\n'));
}

/** Print the ratios (ours / theirs) and write `results/NAME.json`. */
export async function finish(name, result) {
  console.log();
  table([['ratio (ours / theirs)', 'value'], ...Object.entries(result.ratios).map(([k, v]) => [k, v.toFixed(3)])]);
  const folder = new URL('results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
}
