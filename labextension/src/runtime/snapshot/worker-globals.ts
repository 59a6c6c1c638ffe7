/** What libraries look for in a worker of a browser, and Node has not. They are imported now and called later. */
const ONLY_IN_WORKERS = [
  'FileReaderSync',
  'WorkerGlobalScope',
  'XMLHttpRequest',
  'caches',
  'importScripts',
  'indexedDB',
  'location',
  'postMessage',
  'self'
];

/** What libraries take for a sign of Node. */
const ONLY_IN_NODE = ['Buffer', 'global', 'process', 'require'];

/**
 * The global object as libraries are to see it while a snapshot is taken in Node: that of a worker.
 *
 * Pyodide notes where in it an object was found, and a restored kernel finds its own there.
 */
export function workerGlobals(): object {
  const additions = new Map<string | symbol, unknown>(
    ONLY_IN_WORKERS.map(name => [
      name,
      () => {
        throw new Error(`${name} cannot be used while a snapshot is taken`);
      }
    ])
  );
  const hidden = new Set<string | symbol>(ONLY_IN_NODE);
  return new Proxy(globalThis, {
    get: (target, name) =>
      hidden.has(name) ? undefined : (additions.get(name) ?? Reflect.get(target, name)),
    has: (target, name) =>
      !hidden.has(name) && (additions.has(name) || Reflect.has(target, name)),
    ownKeys: target => [
      ...Reflect.ownKeys(target).filter(name => !hidden.has(name)),
      ...[...additions.keys()].filter(name => !Reflect.has(target, name))
    ],
    getOwnPropertyDescriptor(target, name) {
      if (hidden.has(name)) return undefined;
      const value = additions.get(name);
      return value === undefined
        ? Reflect.getOwnPropertyDescriptor(target, name)
        : { value, writable: true, configurable: true, enumerable: true };
    }
  });
}
