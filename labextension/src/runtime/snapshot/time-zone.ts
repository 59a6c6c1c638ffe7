import type { ILinker } from './module';

/** What Python's `time` tells of the time zone. */
export interface ITimeZone {
  /** Seconds west of UTC, without daylight saving time. */
  timezone: number;
  daylight: number;
  names: [string, string];
}

/** Have C know the time zone of this machine; it asks JavaScript once in the life of a memory. */
export function refreshTimeZone(linker: ILinker): ITimeZone {
  const word = (address: number) => new Int32Array(linker.HEAPU8.buffer, address, 1)[0];
  const [standard, summer] = [word(linker._tzname), word(linker._tzname + 4)];
  linker.__tzset_js(linker._timezone, linker._daylight, standard, summer);
  return {
    timezone: word(linker._timezone),
    daylight: word(linker._daylight),
    names: [linker.UTF8ToString(standard), linker.UTF8ToString(summer)]
  };
}
