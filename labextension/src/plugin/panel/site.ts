import type { ISiteEnvironment } from '../../panel';

/** Where the panel is. */
export interface ISite {
  /** Absolute URL of the site's root, by which the store keeps names apart. */
  url: string;
  environments: readonly ISiteEnvironment[];
  /** Whether kernels run in the browser; if not, images are files that they see. */
  isInBrowser: boolean;
}
