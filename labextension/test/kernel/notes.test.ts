import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { KEPT } from '../../src/kernel/notes';

const COURSE = 'https://example.org/course/environment.json';
const SHA256 = 'ab'.repeat(32);

describe('the notes of pages', () => {
  let items: Map<string, string>;

  beforeEach(() => {
    items = new Map();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => items.set(key, value)
    });
  });

  afterEach(() => void vi.unstubAllGlobals());

  test('have what was noted for an address, and nothing before', () => {
    expect(KEPT.get(COURSE)).toBe(null);
    KEPT.set(COURSE, SHA256);
    KEPT.set(COURSE, SHA256);
    expect(KEPT.get(COURSE)).toBe(SHA256);
    expect(KEPT.get(`${COURSE}?other`)).toBe(null);
  });

  test('have the newest of an address', () => {
    KEPT.set(COURSE, 'cd'.repeat(32));
    KEPT.set(COURSE, SHA256);
    expect(KEPT.get(COURSE)).toBe(SHA256);
  });

  test('are of sixteen addresses, the oldest is forgotten', () => {
    KEPT.set(COURSE, SHA256);
    for (let i = 0; i < 15; i++) KEPT.set(`${COURSE}?${i}`, `${i}`);
    expect(KEPT.get(COURSE)).toBe(SHA256);
    KEPT.set(`${COURSE}?15`, '15');
    expect(KEPT.get(COURSE)).toBe(null);
    expect(KEPT.get(`${COURSE}?0`)).toBe('0');
  });

  test.each(['{', '{}', '[1]', '[[1, 2]]', '[["a"]]', 'null'])(
    'are empty when they read %s',
    text => {
      items.set('jupyter-frozenfs:kept', text);
      expect(KEPT.get(COURSE)).toBe(null);
      KEPT.set(COURSE, SHA256);
      expect(KEPT.get(COURSE)).toBe(SHA256);
    }
  );

  test('are not known where nothing can be noted', () => {
    vi.stubGlobal('localStorage', {
      getItem() {
        throw new DOMException('forbidden', 'SecurityError');
      }
    });
    KEPT.set(COURSE, SHA256);
    expect(KEPT.get(COURSE)).toBe(undefined);
  });
});
