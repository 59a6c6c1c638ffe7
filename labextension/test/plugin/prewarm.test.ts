import { describe, expect, test } from 'vitest';

import type { ISurroundings } from '../../src/plugin/prewarm';
import { mayBeginAtOnce, mayPrewarm, prewarm } from '../../src/plugin/prewarm';

const ENVIRONMENT = {
  name: 'course',
  displayName: 'Course',
  url: 'https://example.org/environment.json'
};

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
    readonly begun: string[] = [];

    open(): void {
      const workers = {
        prewarm: ({ name }: { name: string }) => this.begun.push(name)
      };
      prewarm(workers, ENVIRONMENT, '', this);
    }

    see(visibilityState: DocumentVisibilityState): void {
      this.visibilityState = visibilityState;
      this.dispatchEvent(new Event('visibilitychange'));
    }
  }

  test('begins at once on a page that is seen, and once only', () => {
    const page = new Page();
    page.open();
    expect(page.begun).toEqual(['course']);
    page.see('hidden');
    page.see('visible');
    expect(page.begun).toEqual(['course']);
  });

  test('begins on a hidden page when it is seen', () => {
    const page = new Page();
    page.visibilityState = 'hidden';
    page.open();
    expect(page.begun).toEqual([]);
    page.see('visible');
    expect(page.begun).toEqual(['course']);
  });
});

test('a start begins beside that of JupyterLab where there are processors for both', () => {
  expect(mayBeginAtOnce(4)).toBe(true);
  expect(mayBeginAtOnce(2)).toBe(false);
});
