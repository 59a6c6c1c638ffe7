import type { Database } from './database';
import { piecesOf } from './database';
import type { IDebris } from './records';
import { abandoned } from './writers';

/** Find the bytes that no image names, and no writer is writing. */
export async function findDebris(database: Database): Promise<IDebris[]> {
  const { writing, orphans } = await database.read(
    ['writing', 'images', 'pieces'],
    async transaction => {
      const [rows, images] = await Promise.all([
        transaction.objectStore('writing').getAll(),
        transaction.objectStore('images').getAll()
      ]);
      const named = new Set([
        ...rows.map(({ id }) => id),
        ...images.map(({ content }) => content)
      ]);
      const sizes = new Map<string, number>();
      let cursor = await transaction.objectStore('pieces').openKeyCursor();
      while (cursor) {
        const [content] = cursor.key;
        if (!named.has(content)) sizes.set(content, 0);
        // One step for each content, not for each piece.
        cursor = await cursor.continue([content, Infinity]);
      }
      for (const content of sizes.keys()) {
        const pieces = await transaction
          .objectStore('pieces')
          .getAll(piecesOf(content));
        sizes.set(
          content,
          pieces.reduce((sum, { size }) => sum + size, 0)
        );
      }
      return { writing: rows, orphans: sizes };
    }
  );
  // Asked last: a writer has its lock before its record.
  const dead = await abandoned(writing);
  return [
    ...dead.map(({ id, name, site, started, size }) => ({
      id,
      name,
      site,
      started,
      size
    })),
    ...[...orphans].map(([id, size]) => ({
      id,
      name: null,
      site: null,
      started: null,
      size
    }))
  ];
}

/** Remove it. Should a writer of it live against all appearance, it is told. */
export async function removeDebris(
  database: Database,
  debris: readonly IDebris[]
): Promise<void> {
  if (debris.length === 0) return;
  await database.write(['writing', 'images', 'pieces'], async transaction => {
    const images = await transaction.objectStore('images').getAll();
    const named = new Set(images.map(({ content }) => content));
    for (const { id } of debris) {
      // It may have become an image meanwhile.
      if (named.has(id)) continue;
      await transaction.objectStore('pieces').delete(piecesOf(id));
      await transaction.objectStore('writing').delete(id);
    }
  });
}
