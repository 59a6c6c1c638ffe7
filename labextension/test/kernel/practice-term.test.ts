import { describe, expect, test } from 'vitest';

import { practiceTerm } from '../../src/kernel/practice-term';

const WEEK = 7 * 24 * 3600 * 1000;

describe('the term of a practice', () => {
  const engine = (brand: string, version = '156') => ({
    userAgentData: {
      brands: [
        { brand: 'Not:A-Brand', version: '8' },
        { brand, version }
      ]
    }
  });

  test('is a week of one version of Chromium', () => {
    const now = 2969 * WEEK;
    expect(practiceTerm(engine('Chromium'), now)).toBe('156 2969');
    expect(practiceTerm(engine('Chromium'), now + WEEK - 1)).toBe('156 2969');
    expect(practiceTerm(engine('Chromium'), now + WEEK)).toBe('156 2970');
    expect(practiceTerm(engine('Chromium', '157'), now)).toBe('157 2969');
  });

  test.each([
    ['tell their brands', engine('Other')],
    ['do not', {}]
  ])('is none for other engines that %s', (_, other) => {
    expect(practiceTerm(other, 0)).toBe(null);
  });
});
