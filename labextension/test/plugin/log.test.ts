import type { ILoggerRegistry } from '@jupyterlab/logconsole';
import type { Session } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { describe, expect, test } from 'vitest';

import { KernelLog } from '../../src/plugin/log';

/** The sessions of a page, and what its log console was told. */
class Page {
  readonly lines: string[] = [];
  private readonly _running: { path: string; kernel: { id: string } }[] = [];
  private readonly _runningChanged = new Signal<this, unknown>(this);

  readonly sessions = {
    running: () => this._running.values(),
    runningChanged: this._runningChanged
  } as unknown as Session.IManager;

  readonly loggers = {
    getLogger: (path: string) => ({
      log: ({ data }: { data: string }) => this.lines.push(`${path}: ${data}`)
    })
  } as unknown as ILoggerRegistry;

  run(path: string, id: string): void {
    this._running.push({ path, kernel: { id } });
    this._runningChanged.emit(undefined);
  }
}

const entry = (kernelId: string, data: string) => ({
  kernelId,
  payload: { type: 'text' as const, level: 'warning' as const, data }
});

describe('the log of a kernel', () => {
  test('is that of its notebook', () => {
    const page = new Page();
    const { log } = new KernelLog(page.sessions, page.loggers);
    page.run('a.ipynb', '1');
    page.run('b.ipynb', '2');
    log(entry('2', 'hello'));
    expect(page.lines).toEqual(['b.ipynb: hello']);
  });

  test('has what was said before the session was known, in order', () => {
    const page = new Page();
    const { log } = new KernelLog(page.sessions, page.loggers);
    log(entry('1', 'first'));
    log(entry('1', 'second'));
    page.run('other.ipynb', '2');
    expect(page.lines).toEqual([]);
    page.run('a.ipynb', '1');
    expect(page.lines).toEqual(['a.ipynb: first', 'a.ipynb: second']);
  });

  test('is not kept without bound for a kernel that never has a session', () => {
    const page = new Page();
    const { log } = new KernelLog(page.sessions, page.loggers);
    for (let i = 0; i < 1000; i++) log(entry('1', String(i)));
    page.run('a.ipynb', '1');
    expect(page.lines.length).toBeLessThan(300);
    expect(page.lines.at(-1)).toBe('a.ipynb: 999');
  });

  test('is nothing where there is no log console', () => {
    const page = new Page();
    const { log } = new KernelLog(page.sessions, null);
    log(entry('1', 'hello'));
    page.run('a.ipynb', '1');
    expect(page.lines).toEqual([]);
  });
});
