import { Notification } from '@jupyterlab/apputils';

import type { IFrozenStarts, IStart } from './starts';
import { shown } from './text';

/** How often a notification is written anew while bytes arrive, in milliseconds. */
const INTERVAL = 250;

/** A start shorter than this is not worth a notification, in milliseconds. */
const PATIENCE = 700;

export interface INotifyOptions {
  /** Notify of progress too, for pages without a status bar. */
  progress: boolean;
  /** Show the log console; absent when there is none. */
  showLog?(kernelId: string): void;
}

/** Tell of failures, which stay until they are read, and where there is no status bar of progress. */
export function notifyOf(starts: IFrozenStarts, options: INotifyOptions): void {
  const told = new Set<string>();
  const running = new Map<string, ProgressNotification>();

  starts.changed.connect(() => {
    const current = new Map(starts.current.map(start => [start.id, start]));
    for (const id of told) {
      if (!current.get(id)?.failure) told.delete(id);
    }
    for (const [id, notification] of running) {
      const start = current.get(id);
      if (!start || start.failure) {
        notification.end();
        running.delete(id);
      }
    }
    for (const start of current.values()) {
      if (start.failure && !told.has(start.id)) {
        told.add(start.id);
        Notification.error(start.failure.headline, {
          autoClose: false,
          actions: options.showLog
            ? [{ label: 'Show log', callback: () => options.showLog?.(start.id) }]
            : []
        });
      } else if (!start.failure && options.progress) {
        const notification = running.get(start.id) ?? new ProgressNotification();
        running.set(start.id, notification);
        notification.show(start);
      }
    }
  });
}

/** The notification of one start. */
class ProgressNotification {
  show(start: IStart): void {
    this._start = start;
    this._timer ??= setTimeout(
      () => this._write(),
      this._id === null ? PATIENCE : INTERVAL
    );
  }

  end(): void {
    clearTimeout(this._timer);
    if (this._id !== null) Notification.dismiss(this._id);
  }

  private _write(): void {
    this._timer = undefined;
    const now = this._start && shown([this._start]);
    if (!now) return;
    const message = `${now.step} ${now.amount}`.trim();
    const progress = now.fraction ?? undefined;
    if (this._id === null) {
      this._id = Notification.emit(message, 'in-progress', {
        autoClose: false,
        progress
      });
    } else {
      Notification.update({ id: this._id, message, progress });
    }
  }

  private _id: string | null = null;
  private _start: IStart | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
