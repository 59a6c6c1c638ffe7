import { type IImageSummary, type INewEntry, writeImage } from '../../src/image';

/** Files by their paths; what begins with `->` is a link. */
export type Files = Record<string, string | Uint8Array>;

export interface IMade {
  bytes: Uint8Array<ArrayBuffer>;
  summary: IImageSummary;
}

/** An image of some files, made by the writer. */
export async function imageOf(
  files: Files,
  options: { base?: string; whiteouts?: string[]; compress?: boolean } = {}
): Promise<IMade> {
  const pieces: Uint8Array[] = [];
  const summary = await writeImage(
    bytes => void pieces.push(bytes.slice()),
    Object.entries(files).map(([path, content]) => entryOf(path, content)),
    { compress: false, ...options }
  );
  return { bytes: new Uint8Array(Buffer.concat(pieces)), summary };
}

function entryOf(path: string, content: string | Uint8Array): INewEntry {
  if (typeof content === 'string' && content.startsWith('->')) {
    return { kind: 'link', path, mode: 0o777, mtime: 0, target: content.slice(2) };
  }
  const bytes =
    typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    kind: 'file',
    path,
    mode: 0o644,
    mtime: 1_700_000_000,
    size: bytes.length,
    content: () => bytes
  };
}

/** A file of this computer. */
export function fileOf({ bytes }: IMade, name: string): File {
  return new File([bytes], name, { lastModified: Date.UTC(2026, 0, 2) });
}
