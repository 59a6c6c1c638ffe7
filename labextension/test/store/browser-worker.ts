import type { Calls } from './calls';
import { calls, onEvent } from './calls';

onEvent(event => postMessage({ event }));

onmessage = async ({ data: [id, name, argument] }) => {
  const call = calls[name as keyof Calls] as (argument: unknown) => Promise<unknown>;
  postMessage({ id, result: await call(argument) });
};
