import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { mayBeKept, noteKept } from '../../src/kernel/kept-note';

const COURSE = 'https://example.org/course/environment.json';

describe('the note of what is kept', () => {
  let items: Map<string, string>;

  beforeEach(() => {
    items = new Map();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => items.set(key, value)
    });
  });

  afterEach(() => void vi.unstubAllGlobals());

  test('has an environment once it was noted, and not before', () => {
    expect(mayBeKept(COURSE)).toBe(false);
    noteKept(COURSE);
    noteKept(COURSE);
    expect(mayBeKept(COURSE)).toBe(true);
    expect(mayBeKept(`${COURSE}?other`)).toBe(false);
  });

  test('has sixteen of them, and forgets the oldest', () => {
    noteKept(COURSE);
    for (let i = 0; i < 15; i++) noteKept(`${COURSE}?${i}`);
    expect(mayBeKept(COURSE)).toBe(true);
    noteKept(`${COURSE}?15`);
    expect(mayBeKept(COURSE)).toBe(false);
    expect(mayBeKept(`${COURSE}?0`)).toBe(true);
  });

  test.each(['{', '{}', '[1]', 'null'])('is empty when it reads %s', text => {
    items.set('jupyter-frozenfs:kept', text);
    expect(mayBeKept(COURSE)).toBe(false);
    noteKept(COURSE);
    expect(mayBeKept(COURSE)).toBe(true);
  });

  test('says that it may be where nothing can be noted', () => {
    vi.stubGlobal('localStorage', {
      getItem() {
        throw new DOMException('forbidden', 'SecurityError');
      }
    });
    noteKept(COURSE);
    expect(mayBeKept(COURSE)).toBe(true);
  });
});
