import { Signal } from '@lumino/signaling';
import { describe, expect, test } from 'vitest';

import type { IFailure } from '../../src/kernel/messages';
import { FrozenStarts } from '../../src/plugin/starts';
import { shown } from '../../src/plugin/text';
import type { IProgress } from '../../src/runtime/progress';

const FAILURE: IFailure = {
  headline: 'Course could not start: no.',
  summary: 'Course could not start: no. Because.',
  details: 'Error: Because\n  at x'
};

/** The part of a kernel that tells of its start. */
class Kernel {
  constructor(
    readonly id: string,
    displayName = 'Course'
  ) {
    this.environment = {
      name: 'course',
      displayName,
      url: 'https://example.org/environment.json'
    };
  }
  readonly environment;
  readonly progress = new Signal<this, IProgress>(this);
  readonly warned = new Signal<this, string>(this);
  readonly failed = new Signal<this, IFailure>(this);
  readonly disposed = new Signal<this, void>(this);
}

function watch(...kernels: Kernel[]): FrozenStarts {
  const starts = new FrozenStarts();
  for (const kernel of kernels) {
    starts.watch(kernel as unknown as Parameters<FrozenStarts['watch']>[0]);
  }
  return starts;
}

const IMAGE: IProgress = {
  step: 'image',
  label: 'Loading the environment',
  done: 8_240_000,
  total: 16_060_000
};

describe('what is shown of starting kernels', () => {
  test('nothing when none is starting', () => {
    expect(shown(watch().current)).toBeNull();
  });

  test('a kernel that has said nothing yet is starting', () => {
    expect(shown(watch(new Kernel('1')).current)).toMatchObject({
      step: 'Course: Starting',
      amount: '',
      fraction: null
    });
  });

  test('step and megabytes while bytes arrive', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.progress.emit(IMAGE);
    const now = shown(starts.current);
    expect(now).toMatchObject({
      step: 'Course: Loading the environment',
      amount: '8.2 of 16.1 MB',
      failed: false
    });
    expect(now?.fraction).toBeCloseTo(0.513, 3);
  });

  test('the text that is read aloud does not change with the bytes', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.progress.emit(IMAGE);
    const before = shown(starts.current);
    kernel.progress.emit({ ...IMAGE, done: 9_000_000 });
    const after = shown(starts.current);
    expect(after?.step).toBe(before?.step);
    expect(after?.amount).not.toBe(before?.amount);
  });

  test('the bar never overflows, and an empty total is no total', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.progress.emit({ ...IMAGE, done: 20_000_000 });
    expect(shown(starts.current)?.fraction).toBe(1);
    kernel.progress.emit({ ...IMAGE, done: 0, total: 0 });
    expect(shown(starts.current)).toMatchObject({ fraction: null, amount: '' });
  });

  test('what whoever waits should know is shown beside the step, and goes with it', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.progress.emit(IMAGE);
    kernel.warned.emit('The snapshot of Course cannot be used: it is damaged.');
    expect(shown(starts.current)).toMatchObject({
      step: 'Course: Loading the environment. The snapshot of Course cannot be used: it is damaged.',
      amount: '8.2 of 16.1 MB'
    });
    kernel.progress.emit({ step: 'ready', label: 'Ready' });
    expect(shown(starts.current)).toBeNull();
  });

  test('a kernel that runs and warns is not shown', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.progress.emit({ step: 'ready', label: 'Ready' });
    kernel.warned.emit('something is slow');
    expect(shown(starts.current)).toBeNull();
  });

  test('it disappears when the kernel is ready', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.progress.emit({ step: 'ready', label: 'Ready' });
    expect(shown(starts.current)).toBeNull();
  });

  test('it disappears when the kernel is shut down', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.disposed.emit();
    expect(shown(starts.current)).toBeNull();
  });

  test('of several kernels the latest is shown, and that there are others', () => {
    const starts = watch(
      new Kernel('1', 'One'),
      new Kernel('2', 'Two'),
      new Kernel('3', 'Three')
    );
    expect(shown(starts.current)?.step).toBe('Three: Starting (and 2 more)');
  });

  test('a failure stays, also when a late message of progress arrives', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.failed.emit(FAILURE);
    kernel.progress.emit(IMAGE);
    expect(shown(starts.current)).toMatchObject({
      step: FAILURE.headline,
      tooltip: FAILURE.summary,
      failed: true
    });
  });

  test('a kernel that starts is shown before one that has failed', () => {
    const failed = new Kernel('2', 'Two');
    const starts = watch(new Kernel('1', 'One'), failed);
    failed.failed.emit(FAILURE);
    expect(shown(starts.current)?.failed).toBe(false);
  });

  test('a kernel that stops after it was ready is shown again', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    kernel.progress.emit({ step: 'ready', label: 'Ready' });
    kernel.failed.emit(FAILURE);
    expect(shown(starts.current)?.failed).toBe(true);
  });

  test('a restart, which keeps the id, clears the failure; the end of the old kernel does not end the new one', () => {
    const old = new Kernel('1');
    const starts = watch(old);
    old.failed.emit(FAILURE);
    starts.watch(new Kernel('1') as unknown as Parameters<FrozenStarts['watch']>[0]);
    old.disposed.emit();
    expect(shown(starts.current)).toMatchObject({
      step: 'Course: Starting',
      failed: false
    });
  });

  test('listeners hear of each change', () => {
    const kernel = new Kernel('1');
    const starts = watch(kernel);
    let heard = 0;
    starts.changed.connect(() => heard++);
    kernel.progress.emit(IMAGE);
    kernel.progress.emit({ step: 'ready', label: 'Ready' });
    expect(heard).toBe(2);
  });
});
