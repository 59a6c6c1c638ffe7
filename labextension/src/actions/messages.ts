/**
 * How a kernel and the pages that show its output talk while a cell runs: a `BroadcastChannel` is the one way that works
 * in every kernel, because a kernel handles no message of its own protocol meanwhile.
 *
 * Every message names its action by a random id, which is also in the output that pages show. All pages of the origin
 * hear all of it; of those that show the action one does what only a page can.
 */

/** The name of the channel. */
export const CHANNEL = 'jupyter-frozenfs';

/** The output in which an action is shown. */
export const ACTION_MIME = 'application/vnd.jupyter-frozenfs.action+json';

/** What of an image or a tree is done; bytes of file contents. */
export interface IAmount {
  files: number;
  totalFiles: number;
  bytes: number;
  totalBytes: number;
}

/** What becomes of an action: the first two go on, the others are the end of it. */
export type ActionState = 'running' | 'waiting' | 'done' | 'cancelled' | 'failed';

/** What is known of an action, and what its output holds. */
export interface IActionModel {
  /** The action's id. */
  id: string;
  /** What is done, e.g. `Freezing env.blob`. */
  title: string;
  state: ActionState;
  /** How it ended, or what it waits for. */
  text?: string;
  /** Whether it waits for a file, which a person chooses in the output. */
  upload?: boolean;
}

/** What only a page can do, by one of them. */
export type Task =
  /** Hand a file to the browser as a download; `true` is the answer. */
  | { what: 'download'; name: string; blob: Blob }
  /** Ask the browser, once, to keep what is stored; the answer is what it said. */
  | { what: 'persist' };

/** What a browser says of the stores of this origin. */
export interface IPersistence {
  /** The browser deletes nothing by itself. */
  persisted: boolean;
  /** It has been asked just now. */
  asked: boolean;
}

/** From the kernel, to all pages. */
export type KernelMessage =
  | { id: string; kind: 'state'; model: IActionModel }
  | { id: string; kind: 'progress'; amount: IAmount }
  /** Who can do a task? */
  | { id: string; kind: 'ask' }
  /** One page is to do it. */
  | { id: string; kind: 'do'; page: string; task: Task };

/** From a page, to the kernel. */
export type PageMessage =
  /** A page shows the action: how far is it? */
  | { id: string; kind: 'hello' }
  | { id: string; kind: 'cancel' }
  /** A person has chosen. */
  | { id: string; kind: 'file'; file: File }
  | { id: string; kind: 'offer'; page: string }
  | { id: string; kind: 'answer'; page: string; value?: unknown; error?: string };
