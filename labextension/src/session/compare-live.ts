import type { KernelAction } from '../actions';
import { diffLive, type ILiveChange } from '../fs';
import type { IEntry } from '../image';
import { compareNames } from '../image/names';
import { treeOf } from './layers';
import type { Session } from './session';
import { openNamed, type IImageRequest } from './source';

/** A path at which the live filesystem differs from an image. */
export interface ILiveChangeRow {
  path: string;
  kind: ILiveChange['kind'];
  /** Bytes in the image; null when it is not there, or no file. */
  before: number | null;
  /** Bytes now. */
  after: number | null;
  /** Of `changed`: which of kind, mode, mtime, size, content, target. */
  differs: readonly string[];
}

/** What is compared with an image. */
export interface ICompareLiveRequest extends IImageRequest {
  /** The folder of the live filesystem; null for where the image's files were. */
  root: string | null;
}

/** What has changed in the live filesystem since an image was made, by path. */
export async function compareLiveSession(
  session: Session,
  request: ICompareLiveRequest,
  action: KernelAction
): Promise<ILiveChangeRow[]> {
  const { image, record } = await openNamed(session, request, action);
  const root = request.root ?? record?.root ?? '/';
  const { signal } = action;
  const rows: ILiveChangeRow[] = [];
  const tree = await treeOf(session, image);
  for await (const change of diffLive(session.FS, tree, { root, signal })) {
    const { path, kind, before, after, differs } = change;
    rows.push({
      path,
      kind,
      before: sizeOf(before),
      after: after?.kind === 'file' ? after.size : null,
      differs
    });
    action.progress({ files: rows.length, totalFiles: 0, bytes: 0, totalBytes: 0 });
  }
  return rows.sort((a, b) => compareNames(a.path, b.path));
}

function sizeOf(entry: IEntry | undefined): number | null {
  return entry?.kind === 'file' ? entry.end - entry.start : null;
}
