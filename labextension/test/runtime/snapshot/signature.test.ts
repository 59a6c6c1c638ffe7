import { expect, test } from 'vitest';

import { functionType } from '../../../src/runtime/snapshot/signature';

test.each([
  ['v', [0x60, 0, 0]],
  ['i', [0x60, 0, 1, 0x7f]],
  ['vpj', [0x60, 2, 0x7f, 0x7e, 0]],
  ['dfde', [0x60, 3, 0x7d, 0x7c, 0x6f, 1, 0x7c]]
])('the signature %s', (signature, bytes) => {
  expect([...functionType(signature)]).toEqual(bytes);
});
