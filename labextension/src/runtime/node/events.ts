/**
 * What the build step says to the Python process that started it: one JSON object a line on standard output.
 */
export type BuildEvent =
  | { event: 'progress'; step: string; done: number; total: number; what?: string }
  | { event: 'log'; text: string }
  | { event: 'error'; kind: 'python' | 'runtime'; message: string; traceback?: string }
  | ({ event: 'result' } & Record<string, unknown>);

export function emit(event: BuildEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The author's own Python failed: its traceback is the message. */
export class PythonFailure extends Error {
  override name = 'PythonFailure';

  constructor(
    message: string,
    readonly traceback: string
  ) {
    super(message);
  }
}
