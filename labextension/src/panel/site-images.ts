import { fetchManifest, type IManifest } from '../runtime/manifest';
import type { IOrigin } from './origin';
import type { IImageRow } from './types';

/** A frozen environment of the site. */
export interface ISiteEnvironment {
  /** Of its kernelspec. */
  name: string;
  displayName: string;
  /** The absolute URL of its `environment.json`. */
  url: string;
}

/** How long a list waits for manifests that do not come, in milliseconds: without them it is shown, too. */
const PATIENCE = 1500;

/** After so long one that could not be had is asked for again, in milliseconds. */
const AGAIN = 30_000;

type Fetched = { manifest: IManifest } | { problem: string; at: number };

/** The images of a site's environments. */
export class SiteImages {
  private readonly manifests = new Map<string, Fetched>();
  private readonly fetching = new Map<string, Promise<void>>();
  private readonly builds = new Map<string, Promise<Record<string, string>>>();

  /**
   * @param onChanged - Is told when a manifest comes after it was waited for.
   */
  constructor(
    readonly environments: readonly ISiteEnvironment[],
    private readonly onChanged: () => void
  ) {}

  /** In the order in which the site names them. */
  async list(): Promise<IImageRow[]> {
    let waiting = true;
    const all = this.environments.map(({ url }) => {
      const fetching = this.fetch(url);
      return fetching.then(() => waiting || this.onChanged());
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise(resolve => (timer = setTimeout(resolve, PATIENCE)));
    await Promise.race([Promise.all(all), patience]);
    clearTimeout(timer);
    const rows = this.environments.map(environment => this.row(environment));
    waiting = false;
    return rows;
  }

  /** An image of an earlier build that is still on the site, by its SHA-256; null when none has it. */
  async earlierBuild(sha256: string): Promise<IOrigin | null> {
    for (const { url } of this.environments) {
      const digest = (await this.buildsBeside(url))[sha256];
      if (!digest) continue;
      const environment = new URL(`../${digest}/environment.json`, url).href;
      return {
        key: `site:${environment}`,
        name: digest,
        sha256,
        from: { environment }
      };
    }
    return null;
  }

  private row({ displayName, url }: ISiteEnvironment): IImageRow {
    const fetched = this.manifests.get(url);
    const row = rowOfManifest(
      'site',
      displayName,
      url,
      fetched && 'manifest' in fetched ? fetched.manifest : null
    );
    return fetched && 'problem' in fetched ? { ...row, problem: fetched.problem } : row;
  }

  private fetch(url: string): Promise<void> {
    const fetched = this.manifests.get(url);
    if (fetched && ('manifest' in fetched || Date.now() - fetched.at < AGAIN)) {
      return Promise.resolve();
    }
    const under = this.fetching.get(url);
    if (under) return under;
    const fetching = fetchManifest(url)
      .then(
        manifest => void this.manifests.set(url, { manifest }),
        (error: unknown) => {
          const { message: problem } = error as Error;
          this.manifests.set(url, { problem, at: Date.now() });
        }
      )
      .finally(() => this.fetching.delete(url));
    this.fetching.set(url, fetching);
    return fetching;
  }

  /** `builds.json` tells in which build of an environment an image lies. */
  private buildsBeside(url: string): Promise<Record<string, string>> {
    let builds = this.builds.get(url);
    if (!builds) {
      builds = fetch(new URL('../builds.json', url), { cache: 'no-cache' })
        .then(async response =>
          response.ok ? ((await response.json()) as Record<string, string>) : {}
        )
        .catch(() => ({}));
      this.builds.set(url, builds);
    }
    return builds;
  }
}

/** The image of an environment, as far as its manifest is known. */
export function rowOfManifest(
  place: 'site' | 'address',
  name: string,
  url: string,
  manifest: IManifest | null
): IImageRow {
  return {
    key: `${place}:${url}`,
    place,
    name,
    size: manifest?.image.size ?? 0,
    files: null,
    created: null,
    note: '',
    base: null,
    baseName: null,
    sha256: manifest?.image.sha256 ?? null,
    root: '/',
    url,
    origin: null,
    packages:
      manifest?.packages.map(({ name, version }) => ({
        name: String(name),
        version: String(version)
      })) ?? null,
    autoload: []
  };
}
