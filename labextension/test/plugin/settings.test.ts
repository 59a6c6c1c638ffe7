import { describe, expect, test } from 'vitest';

import { KERNEL_PLUGIN, readSettings } from '../../src/plugin/settings';

const STOCK = '@jupyterlite/pyodide-kernel-extension:kernel';
const BASE = 'https://example.org/course/2026/';

const read = (own: unknown, stock?: unknown) =>
  readSettings(JSON.stringify({ [KERNEL_PLUGIN]: own, [STOCK]: stock }), BASE);

describe('settings of the kernel plugin', () => {
  test('URLs are relative to the site, not to the page', () => {
    const url = './frozen/course/0123456789abcdef/environment.json';
    const runtime = './frozen/runtime/fedcba9876543210/';
    const linked = [1, 2].map(n => `./frozen/course/0123456789abcdef/linked-${n}.wasm`);
    const { environments } = read({
      environments: [{ name: 'course', display_name: 'Course', url, runtime, linked }]
    });
    expect(environments).toEqual([
      {
        name: 'course',
        displayName: 'Course',
        url: 'https://example.org/course/2026/frozen/course/0123456789abcdef/environment.json',
        runtimeUrl: 'https://example.org/course/2026/frozen/runtime/fedcba9876543210/',
        linkedUrls: [
          'https://example.org/course/2026/frozen/course/0123456789abcdef/linked-1.wasm',
          'https://example.org/course/2026/frozen/course/0123456789abcdef/linked-2.wasm'
        ]
      }
    ]);
  });

  test.each([
    ['is not known where the site does not say', undefined, undefined],
    ['is known not to be there', [], []],
    ['is what is a text of what the site says', ['a.wasm', 7, ''], [`${BASE}a.wasm`]],
    ['is not known where the site says what is no list', 'a.wasm', undefined]
  ])('the linked runtime %s', (_, linked, urls) => {
    const { environments } = read({
      environments: [{ name: 'course', url: 'e.json', linked }]
    });
    expect(environments[0].linkedUrls).toEqual(urls);
  });

  test('an environment without a display name is called by its name', () => {
    expect(
      read({ environments: [{ name: 'course', url: 'e.json' }] }).environments[0]
    ).toMatchObject({
      displayName: 'course'
    });
  });

  test.each([
    '',
    '{}',
    'null',
    '[]',
    `{"${KERNEL_PLUGIN}": null}`,
    `{"${KERNEL_PLUGIN}": {"environments": {}}}`
  ])('a site without environments (%s) has no frozen kernel and no problem', text => {
    expect(readSettings(text, BASE)).toEqual({
      environments: [],
      prewarmed: null,
      pipliteUrls: [],
      disablePyPIFallback: false,
      problems: []
    });
  });

  const A = { name: 'a', url: 'a.json' };
  const B = { name: 'b', url: 'b.json' };
  test.each([
    ['the only environment', [A], 'a'],
    ['the default one', [A, { ...B, default: true }], 'b'],
    ['none where none is the default', [A, B], undefined],
    ['none where its author says no', [{ ...A, prewarm: false }], undefined],
    [
      'none in place of a default one that is not',
      [A, { ...B, default: true, prewarm: false }],
      undefined
    ]
  ])('what starts ahead is %s', (_, environments, name) => {
    expect(read({ environments }).prewarmed?.name).toBe(name);
  });

  test('an entry that cannot be used is named, the others are used', () => {
    const { environments, problems } = read({
      environments: [{ name: 'a' }, 'b', { name: 'c', url: 'c.json' }]
    });
    expect(environments.map(({ name }) => name)).toEqual(['c']);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain('{"name":"a"}');
  });

  test('of two environments with one name the first is used, and it is said', () => {
    const { environments, problems } = read({
      environments: [
        { name: 'a', url: '1.json' },
        { name: 'a', url: '2.json' }
      ]
    });
    expect(environments.map(({ url }) => url)).toEqual([`${BASE}1.json`]);
    expect(problems).toEqual([
      expect.stringContaining('two environments are called a')
    ]);
  });

  test('wheels that the site adds for the stock kernel are found too, after those of the environment', () => {
    const settings = read(
      { environments: [], pipliteUrls: ['./frozen/all.json'] },
      {
        pipliteUrls: ['/course/2026/pypi/all.json?sha256=00', './frozen/all.json'],
        disablePyPIFallback: true
      }
    );
    expect(settings.pipliteUrls).toEqual([
      `${BASE}frozen/all.json`,
      `${BASE}pypi/all.json?sha256=00`
    ]);
    expect(settings.disablePyPIFallback).toBe(true);
  });

  test('whether PyPI is asked can be said for the frozen kernels alone', () => {
    expect(
      read({ disablePyPIFallback: false }, { disablePyPIFallback: true })
        .disablePyPIFallback
    ).toBe(false);
  });
});
