import type { IPart } from '../manifest';
import type { IHeader } from './format';
import type { IMemoryFrame, ISnapshotHead } from './reader';
import type { IState } from './state';

/** What a decoder is asked to fetch. */
export interface IDecodeJob {
  /** The absolute URL of `environment.json`. */
  url: string;
  parts: IPart[];
  header: ISnapshotHead;
  /** Of the whole file. */
  sha256: string;
  /** The absolute URL of the runtime's folder. */
  runtimeUrl: string;
}

/** To the worker that decodes. */
export type ToDecoder =
  | { type: 'decode'; job: IDecodeJob }
  /** A block has been written: its buffer is given back. */
  | { type: 'written'; buffer: ArrayBuffer }
  /** The kernel has started: keep what was decoded for the next start, and what else makes that faster. */
  | { type: 'keep' };

/** From the worker that decodes. */
export type FromDecoder =
  | { type: 'header'; header: IHeader }
  | { type: 'state'; state: IState }
  | { type: 'pyodide'; bytes: Uint8Array }
  | { type: 'gc-heads'; distances: Uint32Array }
  | { type: 'runtime-data'; words: Uint32Array }
  | { type: 'linker'; bytes: Uint8Array }
  /** A block of a frame. */
  | { type: 'memory'; block: IMemoryFrame }
  | { type: 'decoded' }
  /** `kept`: whether there was room. */
  | { type: 'kept'; kept: boolean }
  /** Nothing more is to be done. */
  | { type: 'done' }
  | { type: 'bytes'; done: number; total: number }
  | { type: 'warning'; text: string }
  /** `misfit`: the file is not what it should be. */
  | { type: 'failed'; message: string; misfit: boolean };
