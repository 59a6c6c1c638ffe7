/** A week in milliseconds. */
const WEEK = 7 * 24 * 3600 * 1000;

/** What of a browser tells its engine. */
export interface IEngine {
  userAgentData?: { brands: readonly { brand: string; version: string }[] };
}

/**
 * For how long a kernel's `Practice` is worth something: as long as this text stays the same. A new version of an engine
 * cannot use what an older one has kept; updates in between are not told, so a week is the most.
 *
 * @param now - Milliseconds since the epoch.
 * @returns null for engines that keep compiled code without being used, or never.
 */
export function practiceTerm({ userAgentData }: IEngine, now: number): string | null {
  const engine = userAgentData?.brands.find(({ brand }) => brand === 'Chromium');
  return engine ? `${engine.version} ${Math.floor(now / WEEK)}` : null;
}
