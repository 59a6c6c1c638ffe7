import type { KernelAction } from '../actions';
import { planThaw, thaw, type IConflict, type IThawPlan } from '../fs';
import { warningOf } from '../fs/dangerous';
import { SessionError } from './error';
import { rebasedTreeOf, treeOf } from './layers';
import { ownRecord } from './images';
import type { Session } from './session';
import { openNamed, type IImageRequest, type IOpenImage } from './source';

/** What is thawed, and how. */
export interface IThawRequest extends IImageRequest {
  /** Null for where the files were, as far as that is known, and `/` otherwise. */
  root: string | null;
  include: string[];
  exclude: string[];
  /** Remove what the image does not have. */
  clean: boolean;
  keepNewer: boolean;
  /** Change nothing. */
  dryRun: boolean;
  /** Put a layer onto the image that the kernel runs from, whatever it was made on. */
  rebase: boolean;
  /** Thaw what Python runs by itself, though the image was not made here. */
  trust: boolean;
}

/** What a thaw has done, or would do; paths are those of the image, as seen from `root`. */
export interface IThawResult extends Pick<
  IThawPlan,
  'created' | 'changed' | 'removed' | 'kept' | 'bytes' | 'dangerous'
> {
  name: string;
  root: string;
  /** What was changed both in a layer and between the images that it was made on and is put on. */
  conflicts: readonly IConflict[];
  /** Whether it was done. */
  done: boolean;
}

/** Bring an image back into the live filesystem of a kernel. */
export async function thawSession(
  session: Session,
  request: IThawRequest,
  action: KernelAction
): Promise<IThawResult> {
  const { FS } = session;
  const { dryRun, include, exclude, clean, keepNewer } = request;
  const found = await openNamed(session, request, action);
  const root = request.root ?? found.record?.root ?? '/';
  const { image } = found;
  const { signal } = action;
  const { tree, conflicts } = request.rebase
    ? await rebasedTreeOf(session, image, signal)
    : { tree: await treeOf(session, image), conflicts: [] };
  const options = { root, include, exclude, clean, keepNewer, signal };
  const plan = await planThaw(FS, tree, options);
  const { name } = found;
  const result = { ...plan, name, root, conflicts };
  if (dryRun) return { ...result, done: false };
  if (!request.trust) await checkDanger(session, found, plan);
  const done = await thaw(FS, tree, {
    ...options,
    onProgress: amount => action.progress(amount)
  });
  return { ...result, ...done, done: true };
}

/**
 * Name what Python would run by itself, unless the image was frozen in this browser.
 *
 * @throws SessionError with the code `dangerous`.
 */
export async function checkDanger(
  session: Session,
  { name, record, image }: IOpenImage,
  { dangerous }: Pick<IThawPlan, 'dangerous'>
): Promise<void> {
  if (dangerous.length === 0 || record?.origin === 'frozen') return;
  const own = await ownRecord(session, image.sha256 ?? (await image.digest())).catch(
    () => null // where nothing can be stored, nothing was made here
  );
  if (own) return;
  throw new SessionError(
    'dangerous',
    `${warningOf(name, dangerous)} Thaw it ` +
      'with --trust if you know who made it, or leave these files out with --exclude. Nothing was changed.',
    { dangerous }
  );
}
