import type { ILinkEntry } from './entries';
import { ImageError } from './error';
import { pathFault, textFault } from './paths';

/** The checks of what was parsed from JSON; each says what was found. */
export class Checker {
  constructor(private readonly image: string) {}

  that(condition: boolean, found: string): asserts condition {
    if (!condition) throw new ImageError(this.image, found);
  }

  json(data: Uint8Array): unknown {
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        data
      );
      checkEscapes(text);
      return JSON.parse(text);
    } catch (error) {
      throw new ImageError(
        this.image,
        `the index is not JSON in UTF-8 (${(error as Error).message})`
      );
    }
  }

  record(value: unknown, what: string): Record<string, unknown> {
    // The message is made only when it is needed: this is asked for each file.
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ImageError(this.image, `${what} is not an object`);
    }
    return value as Record<string, unknown>;
  }

  array(value: unknown, what: string, length?: number): unknown[] {
    this.that(Array.isArray(value), `${what} is not a list`);
    this.that(
      length === undefined || value.length === length,
      `${what} has ${value.length} items, expected ${length}`
    );
    return value;
  }

  string(value: unknown): string {
    this.that(typeof value === 'string', `expected a string, found ${typeof value}`);
    return value;
  }

  integer(value: unknown, least: number, most: number, what: string): number {
    if (!(
      Number.isSafeInteger(value) &&
      Number(value) >= least &&
      Number(value) <= most
    )) {
      throw new ImageError(
        this.image,
        `${what} is ${String(value)}, expected an integer from ${least} to ${most}`
      );
    }
    return value as number;
  }

  mode(value: unknown): number {
    return this.integer(value, 0, 0o7777, 'a mode');
  }

  mtime(value: unknown): number {
    return this.integer(value, 0, Number.MAX_SAFE_INTEGER, 'an mtime');
  }

  base(value: unknown): string | null {
    this.that(
      value === null || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
      `the base is ${String(value)}, expected a SHA-256 or null`
    );
    return value as string | null;
  }

  link(item: unknown): ILinkEntry {
    const [path, target, mtime] = this.array(item, 'a link', 3);
    const to = this.string(target);
    this.that(
      to !== '' && textFault(to) === null,
      `${String(path)} links to ${JSON.stringify(to)}, which is no path`
    );
    return {
      kind: 'link',
      path: this.string(path),
      mode: 0o777,
      mtime: this.mtime(mtime),
      target: to
    };
  }

  whiteouts(value: unknown, base: string | null): string[] {
    const paths = this.array(value, 'whiteouts').map(path => this.string(path));
    this.that(base !== null || paths.length === 0, 'it has whiteouts but no base');
    for (const path of paths) {
      const fault = pathFault(path);
      this.that(fault === null, `the whiteout ${JSON.stringify(path)} ${fault}`);
    }
    return paths;
  }

  crc32(value: unknown, count: number): Uint32Array {
    const list = this.array(value, 'crc32', count);
    return Uint32Array.from(list, crc => this.integer(crc, 0, 0xffffffff, 'a CRC-32'));
  }
}

/**
 * Refuse JSON that escapes a NUL or half a character, which no UTF-8 name has. (A backslash that is itself
 * escaped begins no escape.)
 */
function checkEscapes(text: string): void {
  if (
    text.includes('\\u') &&
    /(?:^|[^\\])(?:\\\\)*\\u(?:0000|[dD][89a-fA-F])/.test(text)
  ) {
    throw new SyntaxError('it escapes a NUL or a surrogate');
  }
}
