// Puts bytes where a browser keeps them, in one of several ways, and reads them again; in a worker of a page.
import { openStore } from './frozenfs.mjs';

const CHUNK = 256 * 1024;
const PIECE = 8 * 2 ** 20;
const STEP = 4 * 2 ** 20;

/** The bytes as a writer of images hands them over: fresh buffers, one after the other. */
function* chunks(size) {
  const model = new Uint8Array(CHUNK);
  for (let at = 0; at < CHUNK; at += 65536) crypto.getRandomValues(model.subarray(at, at + 65536));
  for (let at = 0; at < size; at += CHUNK) {
    const bytes = model.slice(0, Math.min(CHUNK, size - at));
    new DataView(bytes.buffer).setUint32(0, at);
    yield bytes;
  }
}

/** The same in lists of as many as make a piece. */
function* pieces(size) {
  let piece = [];
  for (const bytes of chunks(size)) {
    piece.push(bytes);
    if (piece.length * CHUNK === PIECE) yield piece.splice(0);
  }
  if (piece.length > 0) yield piece;
}

const settled = request =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function openDatabase() {
  const request = indexedDB.open('bench', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('values');
  return settled(request);
}

async function putValue(database, value, key) {
  const transaction = database.transaction('values', 'readwrite', { durability: 'strict' });
  transaction.objectStore('values').put(value, key);
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}

const getValue = (database, key) => settled(database.transaction('values').objectStore('values').get(key));

/** Each puts so many bytes, and returns what opens them as a Blob. */
const WAYS = {
  async store(size) {
    const store = await openStore({ site: location.origin });
    const write = async sink => {
      for (const bytes of chunks(size)) await sink(bytes);
      return { size, sha256: '', uncompressedSize: size, files: 1 };
    };
    await store.put('bench', write, { origin: 'frozen' });
    return async () => (await store.get('bench')).blob;
  },

  async 'one Blob'(size) {
    const database = await openDatabase();
    const parts = [];
    for (const piece of pieces(size)) parts.push(new Blob(piece));
    await putValue(database, new Blob(parts), 0);
    return () => getValue(database, 0);
  },

  async 'buffers'(size) {
    const database = await openDatabase();
    let count = 0;
    for (const piece of pieces(size)) await putValue(database, await new Blob(piece).arrayBuffer(), count++);
    return async () => {
      const parts = [];
      for (let key = 0; key < count; key++) parts.push(new Blob([await getValue(database, key)]));
      return new Blob(parts);
    };
  },

  async 'OPFS, synchronous'(size) {
    const file = await (await navigator.storage.getDirectory()).getFileHandle('bench', { create: true });
    const handle = await file.createSyncAccessHandle();
    for (const bytes of chunks(size)) handle.write(bytes);
    handle.flush();
    handle.close();
    return () => file.getFile();
  },

  async 'OPFS, stream'(size) {
    const file = await (await navigator.storage.getDirectory()).getFileHandle('bench', { create: true });
    const stream = await file.createWritable();
    for (const piece of pieces(size)) await stream.write(new Blob(piece));
    await stream.close();
    return () => file.getFile();
  }
};

onmessage = async ({ data: { way, size } }) => {
  try {
    const times = {};
    const timed = async (name, work) => {
      const before = performance.now();
      const result = await work();
      times[name] = performance.now() - before;
      postMessage({ done: name });
      return result;
    };
    const open = await timed('put', () => WAYS[way](size));
    const blob = await timed('open', open);
    await timed('read', async () => {
      let read = 0;
      for (let at = 0; at < size; at += STEP) read += (await blob.slice(at, at + STEP).arrayBuffer()).byteLength;
      if (read !== size) throw new Error(`expected ${size} bytes, found ${read}`);
    });
    postMessage({ times });
  } catch (error) {
    postMessage({ failed: `${way}: ${error.stack ?? error}` });
  }
};
