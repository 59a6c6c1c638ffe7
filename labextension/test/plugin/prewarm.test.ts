import { describe, expect, test } from 'vitest';

import type { ISurroundings } from '../../src/plugin/prewarm';
import { atRest, mayBeginAtOnce, mayPrewarm, prewarm } from '../../src/plugin/prewarm';

describe('a kernel may start before it is asked for', () => {
  const cases: [where: string, may: boolean, surroundings: Partial<ISurroundings>][] = [
    ['in a browser that tells nothing', true, {}],
    ['on a fast line', true, { memory: 8, connection: { effectiveType: '4g' } }],
    ['on a page with one notebook', true, { page: 'notebooks' }],
    ['not in an embedded frame', false, { embedded: true }],
    ['not where data is to be saved', false, { connection: { saveData: true } }],
    ['not on a mobile network', false, { connection: { type: 'cellular' } }],
    ['not on a slow line', false, { connection: { effectiveType: '2g' } }],
    ['not on a very slow line', false, { connection: { effectiveType: 'slow-2g' } }],
    ['not on a small device', false, { memory: 2 }],
    ['not where files are listed', false, { page: 'tree' }],
    ['not in an editor', false, { page: 'edit' }]
  ];
  test.each(cases)('%s: %s', (_, may, surroundings) => {
    expect(mayPrewarm({ page: '', embedded: false, ...surroundings })).toBe(may);
  });
});

describe('prewarming', () => {
  /** A page, as much of it as is looked at. */
  class Page extends EventTarget {
    visibilityState: DocumentVisibilityState = 'visible';
    readonly document = this as unknown as Document;
    readonly navigator = {} as Navigator;
    readonly self = this as unknown as Window & typeof globalThis;
    readonly top = this.self;
    begun = 0;

    open(): void {
      prewarm(() => this.begun++, '', this);
    }

    see(visibilityState: DocumentVisibilityState): void {
      this.visibilityState = visibilityState;
      this.dispatchEvent(new Event('visibilitychange'));
    }
  }

  test('begins at once on a page that is seen, and once only', () => {
    const page = new Page();
    page.open();
    expect(page.begun).toBe(1);
    page.see('hidden');
    page.see('visible');
    expect(page.begun).toBe(1);
  });

  test('begins on a hidden page when it is seen', () => {
    const page = new Page();
    page.visibilityState = 'hidden';
    page.open();
    expect(page.begun).toBe(0);
    page.see('visible');
    expect(page.begun).toBe(1);
  });
});

test('a start begins beside that of JupyterLab where there are processors for both', () => {
  expect(mayBeginAtOnce(4)).toBe(true);
  expect(mayBeginAtOnce(2)).toBe(false);
});

describe('a thread is at rest', () => {
  /** Hold up this thread for 30 of each 40 milliseconds, until it is ended. */
  function work(): { end(): void; ended: boolean } {
    const timer = setInterval(() => {
      const end = performance.now() + 30;
      while (performance.now() < end);
    }, 10);
    const working = {
      ended: false,
      end: () => {
        clearInterval(timer);
        working.ended = true;
      }
    };
    return working;
  }

  test('when it has nothing more to do', async () => {
    const working = work();
    setTimeout(working.end, 300);
    await atRest(60_000);
    expect(working.ended).toBe(true);
  });

  test('by agreement, when one has waited long enough', async () => {
    const working = work();
    await atRest(200);
    expect(working.ended).toBe(false);
    working.end();
  });
});
