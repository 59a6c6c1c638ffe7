import { expect, test } from 'vitest';

import { restored, startKernelFrom, take } from './course';
import { writing } from './side-module';

// To open a library once more with RTLD_GLOBAL changes nothing: C finds it among those that are open. It becomes global
// when a library needs it that is opened so.

test('a library that becomes global after it was opened finds what it needs, and is found', async () => {
  const script = `
${writing({
  'libanswer.so': { exports: 'answer', returns: 42 },
  'libask.so': { exports: 'ask', returns: 'answer', needed: ['libanswer.so'] },
  'libmore.so': { exports: 'more', returns: 'ask', needed: ['libask.so'] },
  'libagain.so': { exports: 'again', returns: 'ask' }
})}
sys.ask = ctypes.CDLL("/usr/lib/libask.so")
sys.more = ctypes.CDLL("/usr/lib/libmore.so", ctypes.RTLD_GLOBAL)
sys.again = ctypes.CDLL("/usr/lib/libagain.so")
`;
  const code = 'import sys; [sys.ask.ask(), sys.more.more(), sys.again.again()]';
  const fresh = await startKernelFrom();
  expect(fresh.run(`${script}\n0`)).toBe('0');
  expect(fresh.run(code)).toBe('[42, 42, 42]');
  expect((await restored(await take({ script }))).run(code)).toBe('[42, 42, 42]');
});

test('a library that becomes global late hides nothing from those that were opened before', async () => {
  const script = `
${writing({
  'liblate.so': { exports: 'same', returns: 1 },
  'libown.so': { exports: 'same', returns: 2 },
  'libuse.so': { exports: 'use', returns: 'same' },
  'libmore.so': { exports: 'more', returns: 0, needed: ['liblate.so'] }
})}
sys.late = ctypes.CDLL("/usr/lib/liblate.so")
ctypes.CDLL("/usr/lib/libown.so", ctypes.RTLD_GLOBAL)
sys.use = ctypes.CDLL("/usr/lib/libuse.so")
sys.more = ctypes.CDLL("/usr/lib/libmore.so", ctypes.RTLD_GLOBAL)
`;
  const code = 'import sys; sys.use.use()';
  const fresh = await startKernelFrom();
  expect(fresh.run(`${script}\n0`)).toBe('0');
  expect(fresh.run(code)).toBe('2');
  expect((await restored(await take({ script }))).run(code)).toBe('2');
});
