import { openStore, type IAutoload, type IStored, type Store } from '../store';
import type { IStorePlace } from './reading';
import type { IImageRow } from './types';

/** The images that the browser keeps for a site. */
export class StoredImages {
  private opening: Promise<Store> | null = null;

  /**
   * @param onChanged - Is told when they change, whichever tab or kernel changes them.
   */
  constructor(
    readonly place: IStorePlace,
    private readonly onChanged: () => void
  ) {}

  /** The store; one that could not be opened is tried again when it is needed next. */
  open(): Promise<Store> {
    if (!this.opening) {
      const opening = openStore(this.place);
      this.opening = opening;
      opening.then(
        store => store.onChange(this.onChanged),
        () => (this.opening = null)
      );
    }
    return this.opening;
  }

  /** By name. */
  async list(): Promise<IImageRow[]> {
    const store = await this.open();
    const [images, autoloads] = await Promise.all([
      store.list(),
      store.autoload.list()
    ]);
    return images.map(image => rowOfStored(image, autoloads));
  }

  /** What is known of an image that was frozen in this browser, wherever it comes back from. */
  async ownRecord(sha256: string): Promise<IStored | null> {
    const store = await this.open();
    const same = await store.find({ sha256 }, { allSites: true });
    const own = same.filter(({ origin }) => origin === 'frozen');
    return own.find(({ site }) => site === store.site) ?? own[0] ?? null;
  }

  /** Have an image thawed at each start of a kernel, or no more; what another is set for stays. */
  async setAutoload(name: string, kernelspec: string, on: boolean): Promise<void> {
    const { autoload } = await this.open();
    if (on) {
      await autoload.set(kernelspec, name);
    } else if ((await autoload.get(kernelspec))?.name === name) {
      await autoload.clear(kernelspec);
    }
  }

  close(): void {
    void this.opening?.then(
      store => store.close(),
      () => undefined
    );
  }
}

function rowOfStored(stored: IStored, autoloads: readonly IAutoload[]): IImageRow {
  const { name, size, files, created, note, base, sha256, root, origin } = stored;
  return {
    key: `store:${name}`,
    place: 'store',
    name,
    size,
    files,
    created,
    note,
    base,
    baseName: null,
    sha256,
    root: root ?? '/',
    url: null,
    origin,
    packages: null,
    autoload: autoloads
      .filter(autoload => autoload.name === name)
      .map(({ kernelspec }) => kernelspec)
  };
}
