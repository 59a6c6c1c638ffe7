import type { IImageRow, IMountRow } from './types';

/** The mounts that show an image; told by content where both know theirs, as names may be the same in two places. */
export function mountsOf(
  image: IImageRow,
  mounts: readonly IMountRow[]
): readonly IMountRow[] {
  return mounts.filter(({ sha256, name }) =>
    sha256 !== null && image.sha256 !== null
      ? sha256 === image.sha256
      : name === image.name
  );
}
