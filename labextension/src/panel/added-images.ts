import { fetchManifest } from '../runtime/manifest';
import type { IOrigin } from './origin';
import type { IReading } from './reading';
import { rowOfManifest } from './site-images';
import type { IImageRow, IWork } from './types';

/** Files up to this size get their digest without being asked for it, in bytes: what lies on them is then known. */
const DIGESTED = 2 ** 29;

/** Files of this computer and addresses that somebody has added: they are listed until the page is closed. */
export class AddedImages {
  private readonly images = new Map<string, { row: IImageRow; origin: IOrigin }>();
  private next = 1;

  constructor(
    private readonly reading: IReading,
    private readonly onChanged: () => void
  ) {}

  /** In the order in which they were added. */
  list(): IImageRow[] {
    return [...this.images.values()].map(({ row }) => row);
  }

  origin(key: string): IOrigin | undefined {
    return this.images.get(key)?.origin;
  }

  /**
   * Add a file, in place of another of the name, or an address: of an image, or of the `environment.json` of a site's.
   *
   * @throws ImageError when it is no image; SourceError when it cannot be read.
   */
  async add(source: File | string, work: IWork = {}): Promise<IImageRow> {
    const isFile = typeof source !== 'string';
    const { row, origin } = isFile
      ? this.fileOf(source)
      : isManifest(source)
        ? await environmentAt(addressOf(source).href)
        : await imageAt(addressOf(source), work.signal);
    const { files, size, base } = await this.reading.facts(origin, work);
    const added = { ...row, files, size, base };
    this.images.set(row.key, { row: added, origin });
    this.onChanged();
    if (isFile && size <= DIGESTED) void this.digest(row.key, origin);
    return added;
  }

  /** Note what was found out of an image. */
  note(key: string, found: Partial<IImageRow>): void {
    const image = this.images.get(key);
    if (!image) return;
    image.row = { ...image.row, ...found };
    if (found.sha256) image.origin = { ...image.origin, sha256: found.sha256 };
    this.onChanged();
  }

  forget(key: string): void {
    if (this.images.delete(key)) this.onChanged();
  }

  private async digest(key: string, origin: IOrigin): Promise<void> {
    try {
      const sha256 = await this.reading.digest(origin, {});
      if (this.images.get(key)?.origin.key === origin.key) this.note(key, { sha256 });
    } catch {
      // Who reads the file is told why it cannot be read.
    }
  }

  private fileOf(file: File): { row: IImageRow; origin: IOrigin } {
    const key = `file:${file.name}`;
    const origin = {
      key: `${key}:${this.next++}`,
      name: file.name,
      sha256: null,
      from: { blob: file }
    };
    const created = new Date(file.lastModified).toISOString();
    return { row: { ...plainRow(key, 'file', file.name), created }, origin };
  }
}

async function environmentAt(
  url: string
): Promise<{ row: IImageRow; origin: IOrigin }> {
  const manifest = await fetchManifest(url);
  const row = rowOfManifest('address', String(manifest.display_name), url, manifest);
  const { key, name, sha256 } = row;
  return { row, origin: { key, name, sha256, from: { environment: url } } };
}

async function imageAt(
  { href, pathname }: URL,
  signal?: AbortSignal
): Promise<{ row: IImageRow; origin: IOrigin }> {
  const size = await sizeAt(href, signal);
  const key = `address:${href}`;
  const name = decoded(pathname.split('/').filter(Boolean).at(-1) ?? href);
  const row = { ...plainRow(key, 'address', name), url: href };
  return { row, origin: { key, name, sha256: null, from: { address: href, size } } };
}

/**
 * Ask for two bytes, to learn the size, and to tell in plain words why an address cannot be read. (Some hosts take a range of
 * one byte for all.)
 *
 * @returns null when the host does not say.
 */
async function sizeAt(address: string, signal?: AbortSignal): Promise<number | null> {
  let response: Response;
  try {
    response = await fetch(address, { headers: { Range: 'bytes=0-1' }, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(
      `${address} did not answer, or does not let pages of other sites read it (CORS). Check the address; or download the ` +
        'file, then add it from your computer.',
      { cause: error }
    );
  }
  await response.body?.cancel();
  if (!response.ok) {
    throw new Error(
      `${address} answered ${response.status} ${response.statusText}. Check the address.`
    );
  }
  const total = /^bytes 0-1\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return total && Number(total[1]);
}

/** A segment of an address as people write it; one that cannot be decoded stays as it is. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function plainRow(key: string, place: 'file' | 'address', name: string): IImageRow {
  return {
    key,
    place,
    name,
    size: 0,
    files: null,
    created: null,
    note: '',
    base: null,
    baseName: null,
    sha256: null,
    root: '/',
    url: null,
    origin: null,
    packages: null,
    autoload: []
  };
}

function isManifest(address: string): boolean {
  return addressOf(address).pathname.endsWith('/environment.json');
}

function addressOf(text: string): URL {
  const address = text.trim();
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new Error(
      `${address || 'An empty text'} is no address: expected one that begins with https://, such as ` +
        'https://example.org/course.blob.'
    );
  }
  return new URL(address);
}
