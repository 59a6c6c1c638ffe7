import fc from 'fast-check';
import { expect, test } from 'vitest';

import { sortNames } from '../../src/image';

test('names are sorted by the bytes of their UTF-8', () => {
  const name = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.array(name), names => {
      const expected = [...names].sort((a, b) =>
        Buffer.compare(Buffer.from(a), Buffer.from(b))
      );
      expect(sortNames([...names])).toEqual(expected);
    })
  );
});

test('a name above U+FFFF comes after one just below', () => {
  expect(sortNames(['\u{1f40d}', '\uffee', 'a'])).toEqual(['a', '\uffee', '\u{1f40d}']);
});
