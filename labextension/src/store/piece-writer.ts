import type { Database } from './database';
import { StoreError } from './error';
import { withRoom } from './room';

/**
 * Bytes in a piece, at most. Measured: from 2 to 32 MiB the time is the same, and from 8 MiB on the memory grows with them.
 */
const PIECE = 8 * 2 ** 20;

/** Stores bytes as they come, as pieces of a content that no image names yet. */
export class PieceWriter {
  /** Bytes taken so far. */
  size = 0;

  private waiting: Uint8Array[] = [];
  private waitingSize = 0;
  private count = 0;
  private stored = 0;
  private tail: Promise<void> = Promise.resolve();

  /**
   * @param content - The key of the bytes, for which there is a record in `writing`.
   * @param name - The name of the image, for messages.
   */
  constructor(
    private readonly database: Database,
    private readonly content: string,
    private readonly name: string,
    private readonly options: {
      signal?: AbortSignal;
      onProgress?: (stored: number) => void;
      expectedSize?: number;
    }
  ) {}

  /** Take bytes; one that does not wait for the one before is put behind it. */
  write(bytes: Uint8Array): Promise<void> {
    this.tail = this.tail.then(() => this.take(bytes));
    // Whoever does not wait hears of it at the end.
    this.tail.catch(() => undefined);
    return this.tail;
  }

  /** Store what waits. */
  async close(): Promise<void> {
    await this.tail;
    if (this.waitingSize > 0) await this.flush();
  }

  private async take(bytes: Uint8Array): Promise<void> {
    this.options.signal?.throwIfAborted();
    this.size += bytes.length;
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + PIECE - this.waitingSize);
      this.waiting.push(part);
      this.waitingSize += part.length;
      at += part.length;
      if (this.waitingSize === PIECE) await this.flush();
    }
  }

  private async flush(): Promise<void> {
    const { database, content, name, options } = this;
    options.signal?.throwIfAborted();
    const piece = new Blob(this.waiting as Uint8Array<ArrayBuffer>[]);
    this.waiting = [];
    this.waitingSize = 0;
    const size = this.stored + piece.size;
    const needed = Math.max(options.expectedSize ?? 0, this.size);
    const need = { needed, stored: this.stored, signal: options.signal };
    await withRoom(database, name, need, () =>
      database.write(['writing', 'pieces'], async transaction => {
        const writing = transaction.objectStore('writing');
        const row = await writing.get(content);
        if (!row) throw removedError(name);
        await Promise.all([
          transaction.objectStore('pieces').put(piece, [content, this.count]),
          writing.put({ ...row, touched: Date.now(), size })
        ]);
      })
    );
    this.count += 1;
    this.stored = size;
    options.onProgress?.(size);
  }
}

/** The record of a put is gone. */
export function removedError(name: string): StoreError {
  return new StoreError(
    'removed',
    `${name}: not stored, what was written of it has been removed meanwhile: the data of this site was cleared, or another ` +
      'tab took this one for dead. Store it again.'
  );
}
