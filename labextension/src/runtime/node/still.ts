import nodeCrypto from 'node:crypto';

/** How far the clock goes each time that it is read, in milliseconds: a loop that waits for it must end. */
const TICK = 0.125;

/**
 * Make this process the same each time that it runs: clock, time zone, randomness and language, and no object of
 * Python is freed at a time that JavaScript's garbage collector chooses. There is no way back.
 *
 * @param epoch - What the clock shows at first, in seconds since 1970.
 */
export function holdStill(epoch: number): void {
  process.env.TZ = 'UTC';
  let ticks = 0;
  const elapsed = () => TICK * ++ticks;
  const now = () => Math.floor(epoch * 1000 + elapsed());

  const { Date: RealDate } = globalThis;
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, parameters, newTarget) =>
      Reflect.construct(
        target,
        parameters.length === 0 ? [now()] : parameters,
        newTarget
      ) as Date,
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)
  });
  Object.defineProperty(performance, 'now', { value: elapsed });

  const random = generator();
  Math.random = () => random() / 2 ** 32;
  const fill = <T extends ArrayBufferView | null>(array: T): T => {
    if (array === null) return array;
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let index = 0; index < bytes.length; index++) bytes[index] = random();
    return array;
  };
  crypto.getRandomValues = fill;
  // What Emscripten takes in Node.
  nodeCrypto.randomFillSync = fill as typeof nodeCrypto.randomFillSync;

  globalThis.FinalizationRegistry = class {
    readonly [Symbol.toStringTag] = 'FinalizationRegistry';
    register(): void {}
    unregister(): boolean {
      return false;
    }
  };
}

/** Numbers below 2^32, the same ones each time: the generator `mulberry32` of Tommy Ettinger. */
function generator(): () => number {
  let state = 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}
