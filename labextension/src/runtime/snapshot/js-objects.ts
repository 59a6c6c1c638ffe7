import type { PyodideAPI } from 'pyodide';

import { SnapshotError } from './error';

/** Where an object is found again: the names that lead to it from Pyodide's public API. */
export type ObjectPath = string[];

type Named = Record<string, unknown>;

/**
 * Answers, for the JavaScript objects that Python holds, where a restored kernel finds its own.
 *
 * Objects that are reached from `globalThis` are Pyodide's business; what is left are members of its own API.
 */
export function objectPaths(pyodide: PyodideAPI): (object: object) => ObjectPath {
  const api = pyodide as unknown as Named & { _api: Named };
  const paths = new Map<unknown, ObjectPath>();
  addMembers(paths, api._api, ['_api']);
  addMembers(paths, api, []);
  paths.set(api, []);
  return object => {
    const path = paths.get(object);
    if (!path) {
      throw new SnapshotError(
        `Python holds a JavaScript object that a restored kernel cannot find again: ${describe(object)}`
      );
    }
    return path;
  };
}

/** The object of a restored kernel that is at a path. */
export function objectAt(api: unknown, path: ObjectPath): unknown {
  return path.reduce((object, name) => (object as Named)[name], api);
}

function addMembers(
  paths: Map<unknown, ObjectPath>,
  object: Named,
  path: ObjectPath
): void {
  const prototype = Object.getPrototypeOf(object) as Named;
  for (const holder of [prototype, object]) {
    for (const name of Object.getOwnPropertyNames(holder)) {
      const { value } = Object.getOwnPropertyDescriptor(holder, name)!;
      const member = value ?? read(object, name);
      const held = typeof member === 'function' || typeof member === 'object';
      if (held && member !== null && !paths.has(member)) {
        paths.set(member, [...path, name]);
      }
    }
  }
}

function read(object: Named, name: string): unknown {
  try {
    return object[name];
  } catch {
    return undefined; // a getter that wants another `this`
  }
}

function describe(object: object): string {
  const { name } = object as { name?: string };
  const kind = object.constructor?.name ?? 'object';
  return `${kind} ${name ?? ''} ${String(object).slice(0, 80)}`.replace(/\s+/g, ' ');
}
