// What `restore.mjs` measures in a worker of the browser: a restore, and the least that one can cost.
import { MemorySource, SnapshotReader, startFrozen } from '/frozenfs.mjs';

import { limit } from '/restore-limit.mjs';

/** A restore, from the manifest to a Python that answers. A page knows whether there is anything to look for. */
async function restore({ url, mayBeKept }) {
  const begun = performance.now();
  const { restored, manifest } = await startFrozen({
    url,
    onWarning: text => {
      throw new Error(text);
    },
    startDecoder: () => new Worker('/decoder.worker.js', { type: 'module' }),
    mayBeKept
  });
  const total = performance.now() - begun;
  return { total, steps: restored, sha256: manifest.snapshot.sha256 };
}

async function openKept(sha256) {
  let folder = await navigator.storage.getDirectory();
  for (const name of ['jupyter-frozenfs', 'memory']) folder = await folder.getDirectoryHandle(name);
  return (await folder.getFileHandle(sha256)).createSyncAccessHandle({ mode: 'read-only' });
}

/** Wait until the file that a restore leaves for the next one is whole. */
async function untilKept({ sha256 }) {
  for (;;) {
    const handle = await openKept(sha256).catch(() => null);
    const end = new Uint8Array(8);
    handle?.read(end, { at: handle.getSize() - 8 });
    handle?.close();
    if (new TextDecoder().decode(end) === 'frznkep2') return {};
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

async function fetchSnapshot({ parts, header }, url) {
  const bodies = await Promise.all(parts.map(async ({ file }) => (await fetch(new URL(file, url))).arrayBuffer()));
  const bytes = new Uint8Array(await new Blob(bodies).arrayBuffer());
  return SnapshotReader.open(new MemorySource(bytes), header);
}

/** The other thread of the limit: fetch and decode. */
async function decode({ snapshot, url }) {
  const reader = await fetchSnapshot(snapshot, url);
  postMessage({ header: reader.header, modules: await reader.modules() });
  for await (const frame of reader.memoryFrames()) postMessage({ frame }, [frame.bytes.buffer]);
  return { end: true };
}

async function limitCold({ url }) {
  const begun = performance.now();
  const manifest = await (await fetch(url)).json();
  const decoder = new Worker(import.meta.url, { type: 'module' });
  const pieces = [];
  const header = Promise.withResolvers();
  const end = Promise.withResolvers();
  let memory = null;
  const write = ({ frame: { pieces, bytes } }) => {
    for (const { at, offset, length } of pieces) {
      new Uint8Array(memory.buffer, offset, length).set(bytes.subarray(at, at + length));
    }
  };
  decoder.onmessage = ({ data }) => {
    if (data.header) header.resolve(data);
    else if (data.end) end.resolve();
    else if (memory) write(data);
    else pieces.push(data);
  };
  decoder.postMessage({ what: 'decode', snapshot: manifest.snapshot, url });
  const others = fetchOthers(manifest, url);
  const runtime = WebAssembly.compileStreaming(fetch(new URL(`${manifest.runtime.url}pyodide.asm.wasm`, url)));
  await others;
  const { header: found, modules } = await header.promise;
  const steps = await limit({
    runtime,
    libraries: Promise.resolve(modules),
    size: found.memory.size,
    fill: target => {
      memory = target;
      pieces.splice(0).forEach(write);
      return end.promise;
    }
  });
  decoder.terminate();
  return { total: performance.now() - begun, steps };
}

async function limitWarm({ url }) {
  const begun = performance.now();
  const manifest = await (await fetch(url)).json();
  const runtime = WebAssembly.compileStreaming(fetch(new URL(`${manifest.runtime.url}pyodide.asm.wasm`, url)));
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
  const before = header.frames.length - header.libraries.length - Math.ceil(stored / frame);
  let at = header.frames.slice(0, before).reduce((sum, [, bytes]) => sum + bytes, 0);
  const libraries = header.libraries.flat().map(bytes => {
    const library = new Uint8Array(bytes);
    at += handle.read(library, { at });
    return WebAssembly.compile(library);
  });
  await others;
  const steps = await limit({
    runtime,
    libraries: Promise.all(libraries),
    size: header.memory.size,
    fill: async memory => {
      for (const [offset, length] of runs) at += handle.read(new Uint8Array(memory.buffer, offset, length), { at });
    }
  });
  handle.close();
  return { total: performance.now() - begun, steps };
}

const WHAT = { restore, untilKept, decode, limitCold, limitWarm };

addEventListener('message', async ({ data }) => {
  try {
    postMessage(await WHAT[data.what](data));
  } catch (error) {
    postMessage({ failed: `${error.message}\n${error.stack}` });
  }
});
