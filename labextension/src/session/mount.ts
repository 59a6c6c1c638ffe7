import type { KernelAction } from '../actions';
import type { IEmscriptenFS, IFSMount, IFSStream } from '../emscripten';
import { changes, createFrozenFS, mountedImages, type IMountedImage } from '../fs';
import { ImageReader, imagesOf } from '../image';
import { HttpSource } from '../source';
import { SessionError } from './error';
import { baseName } from './files';
import { treeOf } from './layers';
import { mountProblem } from './mount-point';
import type { Session } from './session';
import { isAddress, isManifest, openNamed, type IImageRequest } from './source';

/** What is mounted, and where. */
export interface IMountRequest extends IImageRequest {
  /** Absolute; made when it is not there. */
  path: string;
  /** Which folder of the image is shown; `/` is all of it. */
  root: string;
  writable: boolean;
}

/** A mounted image. */
export interface IMount {
  path: string;
  /** Which folder of the image it is. */
  root: string;
  /** Of the image, or of the layer that lies on top. */
  name: string;
  /** Its digest, as far as it is known: nothing is read to find it out. */
  sha256: string | null;
  writable: boolean;
  /** Names of the images below it, the lowest first; none unless it is a layer. */
  layers: string[];
  /** How many paths of a writable mount were changed; they go with it. */
  changes: number;
  /** Whether the kernel runs from it. */
  system: boolean;
}

/**
 * Mount an image, read-only unless it is asked for otherwise. Nothing is read but its index, and of an address only
 * what is used comes over the network.
 *
 * @throws SessionError with the code `busy` when the path is not free.
 */
export async function mountSession(
  session: Session,
  request: IMountRequest,
  action: KernelAction
): Promise<IMount> {
  const { FS } = session;
  checkPath(FS, request.path);
  const image = await openForMount(session, request, action);
  const [bottom, ...layers] = imagesOf(await treeOf(session, image));
  action.signal.throwIfAborted();
  checkPath(FS, request.path); // somebody may have been quicker
  const { root, writable } = request;
  const made = makeFolder(FS, request.path);
  try {
    const options = { image: bottom, layers, root, writable };
    const { mount } = FS.mount(createFrozenFS(FS), options, request.path);
    madeFolders.set(mount, made);
    return describe(mountedImages(FS).find(one => one.mount === mount)!);
  } catch (error) {
    removeFolders(FS, made);
    throw error instanceof FS.ErrnoError
      ? new SessionError('busy', `${request.path}: ${error.message}`, { cause: error })
      : error;
  }
}

/**
 * Unmount an image. What was changed in a writable one is gone.
 *
 * @throws SessionError with the code `busy` when a program uses it, with `missing` when nothing is mounted there.
 */
export function unmountSession(session: Session, path: string): IMount {
  const { FS } = session;
  const found = findMount(FS, path);
  const described = describe(found);
  if (found.system) {
    throw new SessionError(
      'usage',
      `${found.path} is what this kernel runs from, and cannot be unmounted.`
    );
  }
  const use = usesOf(FS, found.mount);
  if (use !== null) throw new SessionError('busy', `${found.path} is in use: ${use}`);
  FS.unmount(found.path);
  removeFolders(FS, madeFolders.get(found.mount) ?? []);
  return described;
}

/** The images that are mounted in the kernel, by their paths. */
export function listMounts({ FS }: Session): IMount[] {
  return mountedImages(FS).map(describe);
}

/** The folders that a mount had to make, the outermost first. */
const madeFolders = new WeakMap<IFSMount, string[]>();

/** Of an address, only what is used is fetched: the files of a site's environment, or the ranges of an image. */
async function openForMount(
  session: Session,
  request: IMountRequest,
  action: KernelAction
): Promise<ImageReader> {
  const { source } = request;
  if (request.upload || source === null || !isAddress(source) || isManifest(source)) {
    return (await openNamed(session, request, action)).image;
  }
  const measuring = HttpSource.open(source, {
    signal: action.signal,
    onProgress: (bytes, totalBytes) =>
      action.progress({ files: 0, totalFiles: 0, bytes, totalBytes }),
    onWarning: text => console.warn(text)
  });
  return ImageReader.open(await measuring);
}

function describe(mounted: IMountedImage): IMount {
  const { path, root, images, writable, system, mount } = mounted;
  const top = images.at(-1)!;
  const { written, removed } = changes(mount);
  return {
    path,
    root,
    name: shortName(top.name),
    sha256: top.sha256 ?? null,
    writable,
    layers: images.slice(0, -1).map(({ name }) => shortName(name)),
    changes: written.length + removed.length,
    system
  };
}

/** What people call an image: of an address its last part, of an environment its name. */
function shortName(name: string): string {
  if (isAddress(name)) return decodeURIComponent(baseName(new URL(name).pathname));
  return name.replace(/ \([a-z][a-z0-9+.-]*:\/\/[^)]*\)$/i, '');
}

function findMount(FS: IEmscriptenFS, path: string): IMountedImage {
  const wanted = path.replace(/\/+$/, '') || '/';
  const { exists } = FS.analyzePath(wanted);
  const real =
    path.startsWith('/') && exists
      ? FS.lookupPath(wanted, { follow: true }).path
      : wanted;
  const all = mountedImages(FS);
  const found = all.find(mount => mount.path === real || mount.path === wanted);
  if (found) return found;
  const own = all.filter(({ system }) => !system).map(mount => mount.path);
  throw new SessionError(
    'missing',
    `No image is mounted on ${path}. ` +
      (own.length > 0
        ? `Images are mounted on ${own.join(', ')}.`
        : 'No images are mounted but what the kernel runs from, if it does.')
  );
}

/** Who uses a mount, and what to do; null when nobody does. */
function usesOf(FS: IEmscriptenFS, mount: IFSMount): string | null {
  const [below] = mount.mounts;
  if (below) {
    return `something is mounted on ${below.mountpoint} in it. Unmount that first.`;
  }
  const { streams } = FS as IEmscriptenFS & { streams: (IFSStream | null)[] };
  for (const stream of streams) {
    if (stream?.node?.mount === mount) {
      return `the file ${stream.path ?? FS.getPath(stream.node)} is open. Close it first.`;
    }
  }
  if (FS.lookupPath(FS.cwd()).node.mount === mount) {
    return 'the kernel works in it. Go elsewhere first, with `%cd /`.';
  }
  return null;
}

function checkPath(FS: IEmscriptenFS, path: string): void {
  const problem = mountProblem(FS, path);
  if (problem !== null) throw new SessionError('busy', problem);
}

/** Make a folder and those that it lies in. */
function makeFolder(FS: IEmscriptenFS, path: string): string[] {
  const made: string[] = [];
  let at = '';
  for (const name of path.split('/').filter(Boolean)) {
    at += `/${name}`;
    if (FS.analyzePath(at).exists) continue;
    FS.mkdir(at);
    made.push(at);
  }
  return made;
}

/** Remove folders again, unless something lies in them by now. */
function removeFolders(FS: IEmscriptenFS, made: readonly string[]): void {
  for (const path of [...made].reverse()) {
    const { exists } = FS.analyzePath(path);
    if (!exists || FS.readdir(path).length > 2) return;
    FS.rmdir(path);
  }
}
