import type { IChain, IOrigin } from './origin';
import type { IImageRow } from './types';

/** Where images come from, as far as somebody knows. */
export interface IOrigins {
  /** Of an image that is listed. */
  of(image: IImageRow): Promise<IOrigin>;

  /** Of one that is not listed, such as an earlier build's. */
  other(sha256: string): Promise<IOrigin | null>;
}

/**
 * An image with all that it lies on.
 *
 * @param rows - The images among which its base may be.
 */
export async function chainOf(
  image: IImageRow,
  rows: readonly IImageRow[],
  origins: IOrigins
): Promise<IChain> {
  const chain = [await origins.of(image)];
  const seen = new Set([image.key]);
  for (let base = image.base; base !== null;) {
    const below = rows.find(row => row.sha256 === base && !seen.has(row.key));
    if (below) {
      seen.add(below.key);
      // The bytes are what its base is known by, whatever they are called.
      chain.unshift({ ...(await origins.of(below)), sha256: base });
      ({ base } = below);
      continue;
    }
    const other = await origins.other(base);
    if (!other) return { origins: chain.slice(-1), missing: base };
    chain.unshift(other);
    base = null;
  }
  return { origins: chain, missing: null };
}
