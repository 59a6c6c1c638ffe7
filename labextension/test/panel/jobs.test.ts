import { afterEach, describe, expect, test, vi } from 'vitest';

import { DangerousError, LinkError } from '../../src/panel/error';
import { type Job, Jobs } from '../../src/panel/jobs';
import { Link } from '../../src/panel/link';
import { BROWSER_KERNEL, TestTransport } from './transport';

afterEach(() => {
  vi.useRealTimers();
});

/** Each state and text that a job has had. */
function follow(jobs: Jobs): string[] {
  const seen: string[] = [];
  const note = (job: Job) => {
    const line = `${job.state}: ${job.text}`;
    if (seen.at(-1) !== line) seen.push(line);
  };
  jobs.changed.connect(() => {
    const job = jobs.list.at(-1);
    if (!job) return;
    note(job);
    job.changed.connect(note);
  });
  return seen;
}

describe('a job', () => {
  test('tells how far it is and how it ends', async () => {
    const jobs = new Jobs();
    const seen = follow(jobs);
    const amount = { files: 1, totalFiles: 2, bytes: 3, totalBytes: 4 };
    const value = await jobs.run(
      'Verifying a.blob',
      'page',
      async ({ onProgress }) => {
        onProgress(amount);
        return 7;
      },
      count => `${count} are sound`
    );
    expect(value).toBe(7);
    expect(seen).toEqual(['running: ', 'done: 7 are sound']);
    expect(jobs.list[0]).toMatchObject({
      title: 'Verifying a.blob',
      amount,
      isOver: true
    });
  });

  test('that is cancelled is no failure', async () => {
    const jobs = new Jobs();
    const seen = follow(jobs);
    const running = jobs.run('Exporting', 'page', async ({ signal }, job) => {
      job.cancel();
      signal.throwIfAborted();
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual(['running: ', 'cancelled: Cancelled']);
  });

  test('that fails says why, with the details apart', async () => {
    const jobs = new Jobs();
    const error = new LinkError({
      type: 'UsageError',
      message: 'There is no such image.',
      details: 'Traceback'
    });
    await expect(
      jobs.run('Thawing', 'kernel', () => Promise.reject(error))
    ).rejects.toBe(error);
    expect(jobs.list[0]).toMatchObject({
      state: 'failed',
      text: 'There is no such image.',
      details: 'Traceback',
      dangerous: []
    });
  });

  test('that fails for what Python would run names it', async () => {
    const jobs = new Jobs();
    const dangerous = [{ path: '/x.pth', why: 'is read' }];
    const failing = jobs.run('Setting', 'page', () =>
      Promise.reject(new DangerousError('Not made here.', dangerous))
    );
    await expect(failing).rejects.toThrow('Not made here.');
    expect(jobs.list[0].dangerous).toEqual(dangerous);
  });

  test('says how much time is left, once it can', async () => {
    vi.useFakeTimers();
    const jobs = new Jobs();
    const amount = (bytes: number) => ({
      files: 0,
      totalFiles: 0,
      bytes,
      totalBytes: 100
    });
    await jobs.run('Freezing', 'page', async ({ onProgress }, job) => {
      expect(job.timeLeft).toBeNull();
      onProgress(amount(0));
      vi.advanceTimersByTime(500);
      onProgress(amount(10));
      expect(job.timeLeft).toBeNull();
      vi.advanceTimersByTime(1500);
      onProgress(amount(40));
      expect(job.timeLeft).toBe(3);
    });
    expect(jobs.list[0].timeLeft).toBeNull();
  });

  test('of the kernel waits while a cell runs, and says so', async () => {
    const transport = new TestTransport();
    transport.answer = verb => (verb === 'hello' ? BROWSER_KERNEL : []);
    const link = new Link(transport);
    transport.set({ status: 'open' });
    await vi.waitFor(() => expect(link.state).toBe('idle'));
    transport.set({ busy: true });
    await vi.waitFor(() => expect(link.state).toBe('busy'));
    const jobs = new Jobs(link);
    const seen = follow(jobs);
    const running = jobs.run('Mounting', 'kernel', how =>
      link.request('mount', {}, how)
    );
    await jobs.run('Verifying', 'page', async () => undefined);
    transport.set({ busy: false });
    await running;
    expect(seen).toContain('waiting: Waits until the running cell has ended');
    expect(jobs.list.map(({ state }) => state)).toEqual(['done', 'done']);
    link.dispose();
  });
});

describe('the list', () => {
  test('forgets what has ended when it is dismissed, and nothing else', async () => {
    const jobs = new Jobs();
    let end = () => undefined as void;
    const running = jobs.run(
      'One',
      'page',
      () => new Promise<void>(done => (end = done))
    );
    await jobs.run('Two', 'page', async () => undefined);
    for (const job of [...jobs.list]) jobs.dismiss(job);
    expect(jobs.list.map(({ title }) => title)).toEqual(['One']);
    end();
    await running;
  });

  test('does not grow for ever', async () => {
    const jobs = new Jobs();
    for (let i = 0; i < 100; i++) {
      await jobs.run(`Job ${i}`, 'page', async () => undefined);
    }
    expect(jobs.list.length).toBeLessThan(30);
    expect(jobs.list.at(-1)!.title).toBe('Job 99');
  });
});
