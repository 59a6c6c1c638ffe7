import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, it } from 'vitest';

import { deferred } from '../../src/runtime/snapshot/deferred';
import { hold } from '../../src/store/hold';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** After the task in which it was made, as what a `WeakRef` refers to stays until the end of one. */
const nextTask = () => new Promise(resolve => setTimeout(resolve));

it('keeps what is asked until it has answered, and no longer', async () => {
  const { promise, resolve } = deferred<number>();
  const ask = () => {
    const handle = { name: 'a handle' };
    return { reference: new WeakRef(handle), answer: hold(handle, () => promise) };
  };
  const { reference, answer } = ask();
  await nextTask();
  collect();
  expect(reference.deref()?.name).toBe('a handle');
  await nextTask();
  resolve(7);
  expect(await answer).toBe(7);
  await nextTask();
  collect();
  expect(reference.deref()).toBeUndefined();
});
