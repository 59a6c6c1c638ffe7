import { Signal } from '@lumino/signaling';

import type { IImageRow, IImages, IRoom } from '../../src/panel/types';

/** A row as it is listed. */
export function rowOf(change: Partial<IImageRow> = {}): IImageRow {
  const { place = 'store', name = 'a.blob' } = change;
  return {
    key: `${place}:${name}`,
    place,
    name,
    size: 10,
    files: 1,
    created: '2026-01-02T00:00:00.000Z',
    note: '',
    base: null,
    baseName: null,
    sha256: 'aa'.repeat(32),
    root: '/',
    url: null,
    origin: 'frozen',
    packages: null,
    autoload: [],
    ...change
  };
}

/** Images whose list and insides a test decides; it has nothing else. */
export class ListedImages {
  readonly changed = new Signal<IImages, void>(this as unknown as IImages);
  readonly can = new Set([]);
  folder = '';
  rows: IImageRow[] | Error = [];
  outline: IImages['outline'] = () => Promise.reject(new Error('no outline'));
  room = async (): Promise<IRoom> => ({
    used: 10 * (Array.isArray(this.rows) ? this.rows.length : 0),
    free: null,
    persisted: false,
    items: [],
    debris: 0
  });

  async list(): Promise<IImageRow[]> {
    if (this.rows instanceof Error) throw this.rows;
    return this.rows;
  }

  /** Change the list, as another tab does. */
  set(rows: IImageRow[] | Error): void {
    this.rows = rows;
    this.changed.emit();
  }

  get images(): IImages {
    return this as unknown as IImages;
  }
}
