// What `restore.mjs` measures in a worker of the browser: a restore, and the least that one can cost.
import { startFrozen } from '/frozenfs.mjs';

import { limit } from '/restore-limit.mjs';

/** A restore, from the manifest to a Python that answers. A page knows what there is to look for. */
async function restore({ url, kept }) {
  const begun = performance.now();
  const { restored, manifest } = await startFrozen({
    url,
    onWarning: text => {
      throw new Error(text);
    },
    startDecoder: () => new Worker('/decoder.worker.js', { type: 'module' }),
    kept
  });
  const total = performance.now() - begun;
  return { total, steps: restored, sha256: manifest.snapshot.sha256 };
}

async function openKept(sha256) {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('jupyter-frozenfs-memory');
  return (await folder.getFileHandle(sha256)).createSyncAccessHandle({ mode: 'read-only' });
}

/** Wait until the file that a restore leaves for the next one is whole. */
async function untilKept({ sha256 }) {
  for (;;) {
    const handle = await openKept(sha256).catch(() => null);
    const end = new Uint8Array(8);
    handle?.read(end, { at: handle.getSize() - 8 });
    handle?.close();
    if (new TextDecoder().decode(end) === 'frznkep4') return {};
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

/** The other files that a restore reads: the runtime's scripts, and the index of the image. */
async function fetchOthers({ runtime, snapshot }, url) {
  const bytes = async file => (await fetch(new URL(file, url))).arrayBuffer();
  await Promise.all([
    ...['pyodide.mjs', 'pyodide.asm.mjs'].map(name => import(new URL(runtime.url + name, url).href)),
    ...[`${runtime.url}pyodide-lock.json`, ...snapshot.index.parts.map(({ file }) => file)].map(bytes)
  ]);
}

/** The linked runtime, whose file is one where the site does not split files. */
function compileLinked({ snapshot }, url) {
  return WebAssembly.compileStreaming(fetch(new URL(snapshot.linked.parts[0].file, url)));
}

/** The other thread, which fetches and decodes, is the restore's own: what it decodes is written, and nothing else. */
async function limitCold({ url }) {
  const begun = performance.now();
  const manifest = await (await fetch(url)).json();
  const decoder = new Worker('/decoder.worker.js', { type: 'module' });
  const waiting = [];
  const header = Promise.withResolvers();
  const decoded = Promise.withResolvers();
  let memory = null;
  const write = ({ pieces, bytes }) => {
    for (const { at, offset, length } of pieces) {
      new Uint8Array(memory.buffer, offset, length).set(bytes.subarray(at, at + length));
    }
    const { buffer } = bytes;
    decoder.postMessage({ type: 'written', buffer }, [buffer]);
  };
  const hear = {
    header: data => header.resolve(data.header),
    memory: ({ block }) => (memory ? write(block) : waiting.push(block)),
    decoded: () => decoded.resolve()
  };
  decoder.onmessage = ({ data }) => hear[data.type]?.(data);
  decoder.postMessage({ type: 'decode', job: { url, ...manifest.snapshot } });
  const others = fetchOthers(manifest, url);
  const runtime = compileLinked(manifest, url);
  await others;
  const steps = await limit({
    runtime,
    memory: (await header.promise).memory,
    fill: target => {
      memory = target;
      waiting.splice(0).forEach(write);
      return decoded.promise;
    }
  });
  decoder.terminate();
  return { total: performance.now() - begun, steps };
}

async function limitWarm({ url }) {
  const begun = performance.now();
  const manifest = await (await fetch(url)).json();
  const runtime = compileLinked(manifest, url);
  const others = fetchOthers(manifest, url);
  const handle = await openKept(manifest.snapshot.sha256);
  const tail = new Uint8Array(12);
  const size = handle.getSize();
  handle.read(tail, { at: size - 12 });
  const length = new DataView(tail.buffer).getUint32(0, true);
  const json = new Uint8Array(length);
  handle.read(json, { at: size - 12 - length });
  const { header } = JSON.parse(new TextDecoder().decode(json));
  const { runs, frame } = header.memory;
  const stored = runs.reduce((sum, [, length]) => sum + length, 0);
  const before = header.frames.length - Math.ceil(stored / frame);
  let at = header.frames.slice(0, before).reduce((sum, [, bytes]) => sum + bytes, 0);
  await others;
  const steps = await limit({
    runtime,
    memory: header.memory,
    fill: async memory => {
      for (const [offset, length] of runs) at += handle.read(new Uint8Array(memory.buffer, offset, length), { at });
    }
  });
  handle.close();
  return { total: performance.now() - begun, steps };
}

const WHAT = { restore, untilKept, limitCold, limitWarm };

addEventListener('message', async ({ data }) => {
  try {
    postMessage(await WHAT[data.what](data));
  } catch (error) {
    postMessage({ failed: `${error.message}\n${error.stack}` });
  }
});
