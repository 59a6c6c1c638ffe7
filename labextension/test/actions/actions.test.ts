import { afterEach, describe, expect, test, vi } from 'vitest';

import { KernelAction } from '../../src/actions';
import type { IActionModel, IAmount, Task } from '../../src/actions/messages';
import { PageAction } from '../../src/actions/page-action';
import { persist } from '../../src/actions/tasks';
import { shownAmount, spoken } from '../../src/plugin/actions/text';

const open: { close?(): void; dispose?(): void }[] = [];

afterEach(() => {
  for (const one of open.splice(0)) {
    one.close?.();
    one.dispose?.();
  }
});

function kernel(id = 'one', title = 'Freezing env.blob'): KernelAction {
  const action = new KernelAction(id, title);
  open.push(action);
  return action;
}

class View {
  models: IActionModel[] = [];
  amounts: IAmount[] = [];
  isLost = false;

  state(model: IActionModel) {
    this.models.push(model);
  }

  amount(amount: IAmount) {
    this.amounts.push(amount);
  }

  lost() {
    this.isLost = true;
  }
}

function page(id = 'one', doTask = async (_: Task): Promise<unknown> => true) {
  const view = new View();
  const action = new PageAction(id, view, doTask);
  open.push(action);
  return { view, action };
}

const AMOUNT = { files: 1, totalFiles: 2, bytes: 30, totalBytes: 40 };

describe('a kernel and a page', () => {
  test('a page hears how far an action is, also when it comes later', async () => {
    const action = kernel();
    action.progress(AMOUNT);
    const { view } = page();
    await vi.waitFor(() => expect(view.amounts).toEqual([AMOUNT]));
    expect(view.models[0]).toEqual({
      id: 'one',
      title: 'Freezing env.blob',
      state: 'running'
    });
    action.state({ state: 'done', text: 'done in 2 s' });
    await vi.waitFor(() => expect(view.models.at(-1)?.state).toBe('done'));
  });

  test('actions do not hear of each other', async () => {
    const action = kernel('one');
    const other = kernel('two', 'Thawing');
    const { view } = page('one');
    const second = page('two');
    second.action.cancel();
    other.state({ state: 'done' });
    await vi.waitFor(() => expect(second.view.models.at(-1)?.state).toBe('done'));
    expect(other.signal.aborted).toBe(true);
    expect(action.signal.aborted).toBe(false);
    expect(view.models.every(({ id }) => id === 'one')).toBe(true);
  });

  test('Cancel aborts the signal of the kernel', async () => {
    const action = kernel();
    page().action.cancel();
    await vi.waitFor(() => expect(action.signal.aborted).toBe(true));
    expect((action.signal.reason as Error).name).toBe('AbortError');
  });

  test('amounts are told now and then, and not for each file', async () => {
    const action = kernel();
    const { view } = page();
    await vi.waitFor(() => expect(view.models).toHaveLength(1));
    for (let files = 0; files < 1000; files++) action.progress({ ...AMOUNT, files });
    await vi.waitFor(() => expect(view.amounts.length).toBeGreaterThan(0));
    expect(view.amounts.length).toBeLessThan(100);
  });
});

describe('what only a page can do', () => {
  test('is done by one of several pages', async () => {
    const done: Task[] = [];
    const doTask = async (task: Task) => {
      done.push(task);
      return true;
    };
    const action = kernel();
    page('one', doTask);
    page('one', doTask);
    page('one', doTask);
    expect(await action.persist()).toBe(true);
    expect(done).toEqual([{ what: 'persist' }]);
  });

  test('is handed the bytes of a download', async () => {
    const done: Task[] = [];
    page('one', async task => done.push(task) > 0);
    expect(await kernel().download('env.blob', new Blob(['bytes']))).toBe(true);
    expect(done).toMatchObject([{ what: 'download', name: 'env.blob' }]);
    expect(await (done[0] as { blob: Blob }).blob.text()).toBe('bytes');
  });

  test('waits for a page whose output is drawn later', async () => {
    const action = kernel();
    const answer = action.download('env.blob', new Blob([]));
    setTimeout(() => page(), 200);
    expect(await answer).toBe(true);
  });

  test('is not done where no page shows the action', async () => {
    page('another');
    expect(await kernel().download('env.blob', new Blob([]))).toBe(false);
    expect(await kernel('two').persist()).toBe(null);
  });

  test('fails with what went wrong in the page', async () => {
    const action = kernel();
    page('one', async () => {
      throw new Error('no room on the disk');
    });
    await expect(action.download('env.blob', new Blob([]))).rejects.toThrow(
      'no room on the disk'
    );
  });
});

describe('a file of the computer', () => {
  test('is chosen on a page', async () => {
    const action = kernel();
    const { view, action: shown } = page();
    const chosen = action.upload();
    await vi.waitFor(() => expect(view.models.at(-1)?.upload).toBe(true));
    shown.file(new File(['hello'], 'env.blob'));
    const file = await chosen;
    expect(file.name).toBe('env.blob');
    expect(await file.text()).toBe('hello');
    await vi.waitFor(() => expect(view.models.at(-1)?.upload).toBe(false));
  });

  test('is not waited for any more after Cancel', async () => {
    const action = kernel();
    const { view, action: shown } = page();
    const chosen = action.upload();
    await vi.waitFor(() => expect(view.models.at(-1)?.state).toBe('waiting'));
    shown.cancel();
    await expect(chosen).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('asking the browser to keep what is stored', () => {
  const notes = () => {
    const held = new Map<string, string>();
    return {
      getItem: (key: string) => held.get(key) ?? null,
      setItem: (key: string, value: string) => void held.set(key, value)
    };
  };

  test('is done once', async () => {
    let asked = 0;
    const storage = {
      persisted: async () => false,
      persist: async () => ++asked > 5
    };
    const kept = notes();
    expect(await persist(storage, kept)).toEqual({ persisted: false, asked: true });
    expect(await persist(storage, kept)).toEqual({ persisted: false, asked: false });
    expect(asked).toBe(1);
  });

  test('is not done when it is granted already', async () => {
    const storage = {
      persisted: async () => true,
      persist: async () => {
        throw new Error('asked');
      }
    };
    expect(await persist(storage, notes())).toEqual({ persisted: true, asked: false });
  });

  test('cannot be done on plain http', async () => {
    expect(await persist(undefined, notes())).toEqual({
      persisted: false,
      asked: false
    });
  });
});

describe('what is shown', () => {
  test('bytes, files, and after some seconds the time that is left', () => {
    const amount = { files: 1000, totalFiles: 9000, bytes: 12e6, totalBytes: 48e6 };
    expect(shownAmount(amount, 1)).toEqual({
      fraction: 0.25,
      text: '12.0 of 48.0 MB, 1,000 of 9,000 files'
    });
    expect(shownAmount(amount, 5).text).toContain(', 15 s left');
    expect(shownAmount(amount, 600).text).toContain(', 30 min left');
    expect(shownAmount({ ...amount, bytes: 48e6 }, 60).text).not.toContain('left');
  });

  test('nothing, when nothing is known', () => {
    const nothing = { files: 0, totalFiles: 0, bytes: 0, totalBytes: 0 };
    expect(shownAmount(nothing, 10)).toEqual({ fraction: null, text: '' });
  });

  test('files count where there are no bytes', () => {
    const empty = { files: 1, totalFiles: 4, bytes: 0, totalBytes: 0 };
    expect(shownAmount(empty, 0).fraction).toBe(0.25);
  });

  test('what is read aloud has no numbers while it goes on', () => {
    const model: IActionModel = {
      id: '1',
      title: 'Freezing env.blob',
      state: 'running'
    };
    expect(spoken(model)).toBe('Freezing env.blob …');
    expect(spoken({ ...model, state: 'done', text: 'done in 2 s' })).toBe(
      'Freezing env.blob: done in 2 s'
    );
  });
});
