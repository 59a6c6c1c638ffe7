/**
 * `environment.json`: what a frozen environment consists of.
 *
 * Written by `jupyter_frozenfs/environment/manifest.py`; the two agree on `VERSION`.
 */

import type { IExposed } from './exposed';

/** The version of `environment.json` that this code reads. */
export const VERSION = 2;

/** One subtree of the image and where it appears in the kernel. */
export interface IMountPoint {
  root: string;
  path: string;
}

/** A package of the environment. */
export interface IPackage {
  name: string;
  version: string;
  source: string;
  file: string;
  sha256: string;
  size: number;
  /** The Pyodide lock file has a package of this name. */
  in_lock: boolean;
}

/** A file of the site, in pieces where it would be too large for a host. */
export interface IPart {
  file: string;
  /** In bytes. */
  size: number;
}

/** The image file: sizes and offsets in bytes. */
export interface IImageFile {
  /** The pieces of the file, in order; one unless the site splits images. */
  parts: IPart[];
  size: number;
  sha256: string;
  /** `[0, boot)` of the file holds all that a start reads. */
  boot: number;
  /** Where the last chunk (the index) begins. */
  last_chunk: number;
  uncompressed_size: number;
  /** A copy of what every start reads, up to `boot`. */
  start: { parts: IPart[]; sha256: string };
}

/** Bytes `[offset, offset + length)` of the image. */
export type Range = [offset: number, length: number];

/** A copy of pieces of the image: `[last_chunk, size)`, `[0, boot)`, then `ranges`. */
export interface ICopy {
  parts: IPart[];
  boot: number;
  /** What a kernel reads first, once it has started; between `boot` and `last_chunk`, in order. */
  ranges?: Range[];
}

/** The memory of the warmed-up kernel; sizes in bytes. */
export interface ISnapshotFile {
  parts: IPart[];
  size: number;
  sha256: string;
  /** What precedes the frames; it holds their digests. */
  header: { size: number; sha256: string };
  /** The runtime with the snapshot's libraries linked into it. */
  linked: { parts: IPart[]; size: number; sha256: string };
  /** What a restored kernel reads of the image: its index, what tells where its chunks lie, and some chunks. */
  index: ICopy & { sha256: string };
}

/** The Pyodide that the environment was built for; `url` is a folder, relative to the manifest. */
export interface IRuntime {
  version: string;
  url: string;
  package_base_url: string;
}

export interface IManifest {
  version: number;
  name: string;
  display_name: string;
  python: string;
  runtime: IRuntime;
  image: IImageFile;
  mounts: IMountPoint[];
  packages: IPackage[];
  exposed?: IExposed;
  snapshot?: ISnapshotFile;
}

/** A frozen environment cannot be used; the message says why and what to do. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
}

/**
 * Check what a server answered as `environment.json`.
 *
 * @param value - the parsed JSON
 * @param where - its URL, for messages
 */
export function parseManifest(value: unknown, where: string): IManifest {
  const refuse = (problem: string): never => {
    throw new EnvironmentError(
      `${where} is not a frozen environment that this kernel can start: ${problem}. Rebuild the site with the ` +
        'version of jupyter-frozenfs that it is served with.'
    );
  };
  if (typeof value !== 'object' || value === null) {
    return refuse('expected a JSON object');
  }
  const manifest = value as Partial<IManifest>;
  if (manifest.version !== VERSION) {
    refuse(`expected version ${VERSION}, found ${String(manifest.version)}`);
  }
  const { image, runtime, mounts, packages } = manifest;
  if (!runtime?.url || !runtime.version) {
    refuse('`runtime` names no Pyodide');
  }
  if (!Array.isArray(mounts) || !Array.isArray(packages)) {
    refuse('`mounts` and `packages` must be lists');
  }
  if (!image || !Array.isArray(image.parts) || image.parts.length === 0) {
    return refuse('`image` names no file');
  }
  const { parts, size, boot, last_chunk: lastChunk, start } = image;
  if (sizeOf(parts) !== size) {
    refuse(`the parts of the image hold ${sizeOf(parts)} bytes, expected ${size}`);
  }
  if (!(boot >= 0 && boot <= lastChunk && lastChunk < size)) {
    refuse(
      `offsets of the image are out of order (boot ${boot}, last chunk ${lastChunk}, size ${size})`
    );
  }
  const atStart = size - lastChunk + boot;
  if (!Array.isArray(start?.parts) || sizeOf(start.parts) !== atStart) {
    refuse(`\`image.start\` does not hold the ${atStart} bytes that a start reads`);
  }
  const { snapshot } = manifest;
  if (snapshot) {
    const { index, header, linked } = snapshot;
    if (!linked) {
      return refuse('`snapshot` names no linked runtime');
    }
    if (sizeOf(linked.parts) !== linked.size) {
      refuse(
        `the parts of the linked runtime hold ${sizeOf(linked.parts)} bytes, expected ${linked.size}`
      );
    }
    if (sizeOf(snapshot.parts) !== snapshot.size || !(header.size < snapshot.size)) {
      refuse(`the parts of the snapshot do not hold ${snapshot.size} bytes`);
    }
    const ranges = index.ranges ?? [];
    const inside = ranges.every(
      ([offset, length]) => offset >= 0 && length > 0 && offset + length <= lastChunk
    );
    if (!inside) {
      refuse(`\`snapshot.index\` has ranges that do not lie in the image`);
    }
    const lengths = ranges.reduce((sum, [, length]) => sum + length, 0);
    const atIndex = size - lastChunk + index.boot + lengths;
    if (sizeOf(index.parts) !== atIndex) {
      refuse(
        `\`snapshot.index\` does not hold the ${atIndex} bytes that a restore reads`
      );
    }
  }
  return manifest as IManifest;
}

function sizeOf(parts: readonly IPart[]): number {
  return parts.reduce((sum, part) => sum + part.size, 0);
}

/** Fetch and check `environment.json`. */
export async function fetchManifest(url: string): Promise<IManifest> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new EnvironmentError(
      `${url} did not answer (${String(error)}). Check the network, then restart the kernel.`
    );
  }
  if (!response.ok) {
    throw new EnvironmentError(
      `${url} answered ${response.status} ${response.statusText}. The site may have been rebuilt since this page ` +
        'was opened: reload the page.'
    );
  }
  const text = await response.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new EnvironmentError(
      `${url} is not JSON (${String(error)}). The server may answer with a page of its own: open the address in a tab.`
    );
  }
  return parseManifest(value, url);
}
