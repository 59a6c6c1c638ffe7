import type { IServiceWorkerManager } from '@jupyterlite/apputils';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { isControlled } from '../../src/plugin/service-worker';

describe('a kernel reaches the contents through the service worker', () => {
  let container: EventTarget & { controller: object | null };

  beforeEach(() => {
    vi.useFakeTimers();
    container = Object.assign(new EventTarget(), { controller: null });
    vi.stubGlobal('navigator', { serviceWorker: container });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const managed = (enabled: boolean, ready: Promise<void> = Promise.resolve()) =>
    ({ enabled, ready }) as unknown as IServiceWorkerManager;

  function take(): void {
    container.controller = {};
    container.dispatchEvent(new Event('controllerchange'));
  }

  test('at once where it has the page already', async () => {
    container.controller = {};
    expect(await isControlled(managed(true))).toBe(true);
  });

  test('when it has taken over the page, not as soon as it is registered', async () => {
    let answer: boolean | undefined;
    void isControlled(managed(true)).then(found => (answer = found));
    await vi.advanceTimersByTimeAsync(1000);
    expect(answer).toBeUndefined();
    take();
    await vi.advanceTimersByTimeAsync(0);
    expect(answer).toBe(true);
  });

  test.each([
    ['does not take over the page', () => managed(true)],
    ['is never registered', () => managed(false, new Promise(() => undefined))],
    ['cannot be registered', () => managed(false, Promise.reject(new Error('no')))]
  ])('not where one %s in three seconds', async (_, manager) => {
    let answer: boolean | undefined;
    void isControlled(manager()).then(found => (answer = found));
    await vi.advanceTimersByTimeAsync(3000);
    expect(answer).toBe(false);
  });

  test('not where the browser has none', async () => {
    vi.stubGlobal('navigator', {});
    expect(await isControlled(managed(true))).toBe(false);
    expect(await isControlled(null)).toBe(false);
  });
});
