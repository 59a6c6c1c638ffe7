import type { Changes } from './changes';
import type { Database } from './database';
import { missingError } from './missing';
import type { IAutoload } from './records';

/** Which image is thawed whenever a kernel starts, for each kernelspec of a site. */
export class Autoload {
  constructor(
    private readonly database: Database,
    private readonly changes: Changes,
    private readonly site: string
  ) {}

  /** @returns null when nothing is thawed. */
  async get(kernelspec: string): Promise<IAutoload | null> {
    return this.database.read(
      ['autoload'],
      async transaction =>
        (await transaction.objectStore('autoload').get([this.site, kernelspec])) ?? null
    );
  }

  /** All of the site. */
  async list(): Promise<IAutoload[]> {
    const range = IDBKeyRange.bound([this.site], [this.site, []]);
    return this.database.read(['autoload'], transaction =>
      transaction.objectStore('autoload').getAll(range)
    );
  }

  /**
   * Have an image thawed from now on. It follows the image when that is renamed, and goes with it when that is deleted.
   *
   * @throws StoreError with the code `missing`.
   */
  async set(kernelspec: string, name: string): Promise<IAutoload> {
    const { site } = this;
    const record = await this.database.write(
      ['autoload', 'images'],
      async transaction => {
        const image = await transaction.objectStore('images').get([site, name]);
        if (!image) throw missingError(name);
        const { sha256 } = image;
        const set = new Date().toISOString();
        const row: IAutoload = { site, kernelspec, name, sha256, set, failed: null };
        await transaction.objectStore('autoload').put(row);
        return row;
      }
    );
    this.changes.emit({ kind: 'autoload', site, name: kernelspec });
    return record;
  }

  /**
   * Note why an image could not be thawed: it is not tried again. With null, it could.
   *
   * Nothing is noted when nothing is set.
   */
  async note(kernelspec: string, failed: string | null): Promise<void> {
    const { site } = this;
    await this.database.write(['autoload'], async transaction => {
      const rows = transaction.objectStore('autoload');
      const row = await rows.get([site, kernelspec]);
      if (row) await rows.put({ ...row, failed });
    });
    this.changes.emit({ kind: 'autoload', site, name: kernelspec });
  }

  /** Have nothing thawed any more. */
  async clear(kernelspec: string): Promise<void> {
    const { site } = this;
    await this.database.write(['autoload'], transaction =>
      transaction.objectStore('autoload').delete([site, kernelspec])
    );
    this.changes.emit({ kind: 'autoload', site, name: kernelspec });
  }
}
