import type { ILoggerRegistry, ILogPayload } from '@jupyterlab/logconsole';
import type { Session } from '@jupyterlab/services';

/** How many messages are kept for kernels whose session is not known. */
const KEPT = 200;

/** What a kernel has to say. */
export interface ILogEntry {
  payload: ILogPayload;
  kernelId: string;
}

/**
 * Write what kernels say to the log console of the notebook that they belong to.
 *
 * A kernel says its first things before its session is known; they are kept until it is.
 */
export class KernelLog {
  constructor(
    private readonly _sessions: Session.IManager,
    private readonly _loggers: ILoggerRegistry | null
  ) {
    _sessions.runningChanged.connect(this._flush, this);
  }

  /** Log; bound, to be handed over as a function. */
  readonly log = (entry: ILogEntry): void => {
    if (!this._loggers) return;
    this._waiting.push(entry);
    this._flush();
  };

  private _flush(): void {
    const waiting = this._waiting.splice(0);
    for (const entry of waiting) {
      const path = sessionPath(this._sessions, entry.kernelId);
      if (path === undefined) this._waiting.push(entry);
      else this._loggers?.getLogger(path).log(entry.payload);
    }
    // A kernel without a session will have none later: keep what is recent only.
    this._waiting.splice(0, Math.max(0, this._waiting.length - KEPT));
  }

  private readonly _waiting: ILogEntry[] = [];
}

/** The path of the notebook or console that a kernel runs for: the name of its log. */
export function sessionPath(
  sessions: Session.IManager,
  kernelId: string
): string | undefined {
  for (const session of sessions.running()) {
    if (session.kernel?.id === kernelId) return session.path;
  }
  return undefined;
}
