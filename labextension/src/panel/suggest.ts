import type { IImageRow, IKernelFacts, ILink, IMountRow } from './types';

/** Where images are mounted unless somebody says otherwise. */
const FOLDER = '/mnt';

/** Where a running system has what is no file. */
const VIRTUAL = /^\/(dev|proc|sys)(\/|$)/;

/** A path at which nothing is mounted yet, named after an image: `/mnt/course`, `/mnt/course-2`, … */
export function suggestMountPath(
  { name }: Pick<IImageRow, 'name'>,
  mounts: readonly Pick<IMountRow, 'path'>[]
): string {
  const taken = new Set(mounts.map(({ path }) => path));
  const stem =
    name
      .replace(/(\.tar)?\.(gz|tgz|tar|blob|img|data)$/i, '')
      .replace(/[^\p{Letter}\p{Number}._-]+/gu, '-')
      .replace(/^[-.]+|[-.]+$/g, '') || 'image';
  for (let number = 1; ; number++) {
    const path = `${FOLDER}/${stem}${number === 1 ? '' : `-${number}`}`;
    if (!taken.has(path)) return path;
  }
}

/**
 * Say why nothing can be mounted at a path, as far as that can be said without the kernel, which a running cell keeps from
 * answering.
 *
 * @returns null when nothing speaks against it.
 */
export function mountPathProblem(
  path: string,
  mounts: readonly Pick<IMountRow, 'path' | 'name'>[],
  kernel: Pick<IKernelFacts, 'contents_drive'> | null
): string | null {
  if (path === '') return `Type a path, such as ${FOLDER}/data.`;
  if (!path.startsWith('/')) return `A path begins with a slash: ${FOLDER}/${path}`;
  const plain = path.replace(/\/+$/, '');
  if (plain === '') return `Nothing can be mounted on / itself: choose a folder.`;
  if (path.includes('\0') || /\/\.{0,2}(\/|$)/.test(plain)) {
    return 'A path has no empty parts, and neither . nor .. among them.';
  }
  if (VIRTUAL.test(plain)) {
    return `${plain} belongs to the kernel: choose another folder.`;
  }
  const drive = kernel?.contents_drive ?? null;
  if (drive !== null && (plain === drive || plain.startsWith(`${drive}/`))) {
    return `${drive} shows the files of the file browser: choose a folder outside of it.`;
  }
  const there = mounts.find(mount => mount.path === plain);
  return there ? `${there.name} is mounted there already: choose another path.` : null;
}

/** Ask the kernel the same, which sees its files too. */
export async function askMountPath(
  link: ILink,
  path: string,
  signal?: AbortSignal
): Promise<string | null> {
  const { ok, problem } = await link.request<{ ok: boolean; problem: string | null }>(
    'check_mount',
    { path },
    { signal }
  );
  return ok ? null : problem;
}
