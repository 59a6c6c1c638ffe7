import { expect, test } from 'vitest';

import { restored, startKernelFrom, take } from './course';
import { writing } from './side-module';

test('libraries with functions of the same name have each their own, and so has who needs one of them', async () => {
  const script = `
${writing({
  'libone.so': { exports: 'same', returns: 1 },
  'libother.so': { exports: 'same', returns: 2 },
  'libneeds.so': { exports: 'needs', returns: 'same', needed: ['libother.so'] }
})}
sys.one = ctypes.CDLL("/usr/lib/libone.so")
sys.other = ctypes.CDLL("/usr/lib/libother.so")
sys.needs = ctypes.CDLL("/usr/lib/libneeds.so")
`;
  const code = 'import sys; [sys.one.same(), sys.other.same(), sys.needs.needs()]';
  const fresh = await startKernelFrom();
  expect(fresh.run(`${script}\n0`)).toBe('0');
  expect(fresh.run(code)).toBe('[1, 2, 2]');
  expect((await restored(await take({ script }))).run(code)).toBe('[1, 2, 2]');
});

test('a library finds what another brings that is opened in the restored kernel only', async () => {
  const script = `
${writing({ 'libask.so': { exports: 'ask', returns: 'later' } })}
sys.ask = ctypes.CDLL("/usr/lib/libask.so")
`;
  const code = `
${writing({ 'liblater.so': { exports: 'later', returns: 42 } })}
sys.later = ctypes.CDLL("/usr/lib/liblater.so", ctypes.RTLD_GLOBAL)
sys.ask.ask()`;
  const fresh = await startKernelFrom();
  expect(fresh.run(`${script}\n0`)).toBe('0');
  expect(fresh.run(code)).toBe('42');
  expect((await restored(await take({ script }))).run(code)).toBe('42');
});
