/** The steps of a start, in the order in which they end. */
export type ProgressStep = 'runtime' | 'image' | 'python' | 'kernel' | 'ready';

/** What a start is doing now; `done` and `total` are bytes, where the step moves bytes. */
export interface IProgress {
  step: ProgressStep;
  label: string;
  done?: number;
  total?: number;
}
