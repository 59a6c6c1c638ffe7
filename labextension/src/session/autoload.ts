import type { KernelAction } from '../actions';
import { planThaw } from '../fs';
import { rebasedTreeOf } from './layers';
import type { Session } from './session';
import { openImageOf } from './source';
import { checkDanger, thawSession, type IThawResult } from './thaw';

/** What a person sets; neither a name nor `off` asks what is set. */
export interface IAutoloadRequest {
  /** Of the image to be thawed. */
  name: string | null;
  /** Thaw nothing any more. */
  off: boolean;
  /** Thaw what Python runs by itself, though the image was not made here. */
  trust: boolean;
}

/** What is set. */
export interface IAutoloadResult {
  kernelspec: string;
  /** Of the image, or null. */
  name: string | null;
  /** Why it was not thawed the last time; it is not tried again until it is set anew. */
  failed: string | null;
}

/** Say, or ask, which image is thawed whenever a kernel of this kernelspec starts in this browser. */
export async function setAutoload(
  session: Session,
  { name, off, trust }: IAutoloadRequest,
  action: KernelAction
): Promise<IAutoloadResult> {
  const { autoload } = await session.store();
  const { kernelspec } = session.kernel;
  if (off) {
    await autoload.clear(kernelspec);
  } else if (name !== null) {
    const store = await session.store();
    const { record, blob } = await store.get(name);
    const image = await openImageOf({ name, record, blob });
    if (!trust) {
      const { tree } = await rebasedTreeOf(session, image, action.signal);
      await checkDanger(
        session,
        { name, record, image },
        await planThaw(session.FS, tree, { signal: action.signal })
      );
    }
    await autoload.set(kernelspec, name);
  }
  const set = await autoload.get(kernelspec);
  return { kernelspec, name: set?.name ?? null, failed: set?.failed ?? null };
}

/** Said of a thaw that has begun, and in whose place there will be what came of it. */
const BEGUN = 'the kernel stopped while it was thawed';

/**
 * Thaw what is set for this kernelspec, if anything is.
 *
 * One that fails, or in which the kernel stops, is not tried again: otherwise no kernel would start.
 *
 * @returns What was thawed; null when nothing is set, or has failed before.
 */
export async function runAutoload(
  session: Session,
  action: KernelAction
): Promise<IThawResult | null> {
  const { autoload } = await session.store();
  const { kernelspec } = session.kernel;
  const set = await autoload.get(kernelspec);
  if (!set || set.failed !== null) return null;
  await autoload.note(kernelspec, BEGUN);
  try {
    const request = { source: set.name, upload: false };
    const thawed = await thawSession(
      session,
      {
        ...request,
        root: null,
        include: [],
        exclude: [],
        clean: false,
        keepNewer: false,
        dryRun: false,
        rebase: true,
        // It was looked at when it was set.
        trust: true
      },
      action
    );
    await autoload.note(kernelspec, null);
    return thawed;
  } catch (error) {
    await autoload.note(kernelspec, (error as Error).message);
    throw error;
  }
}
