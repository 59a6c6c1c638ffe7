import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Debian's Chromium, or whatever else is on the path; `CHROMIUM` names another. */
function findBrowser(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = [
    process.env.CHROMIUM,
    ...folders.flatMap(folder => NAMES.map(name => join(folder, name)))
  ];
  for (const candidate of candidates) {
    try {
      accessSync(candidate ?? '', constants.X_OK);
      return candidate!;
    } catch {
      continue;
    }
  }
  throw new Error('These tests need Chromium on the path, or named by CHROMIUM');
}

/** A browser without a window. */
export interface IChromium {
  process: ChildProcess;

  /** End it at once, with all its processes, as a crash does. */
  kill(): Promise<void>;
}

/**
 * Start a browser.
 *
 * @param profile - The folder where it keeps what sites store.
 * @param args - Besides the usual ones; what it opens, for example.
 */
export function startChromium(
  profile: string,
  args: readonly string[],
  stdio: StdioOptions = 'ignore'
): IChromium {
  const browser = spawn(
    findBrowser(),
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      `--user-data-dir=${profile}`,
      ...args
    ],
    // Its own process group, so that its helpers end with it.
    { stdio, detached: true }
  );
  const ended = new Promise(resolve => browser.once('exit', resolve));
  return {
    process: browser,
    kill: async () => {
      process.kill(-browser.pid!, 'SIGKILL');
      await ended;
    }
  };
}

/** An empty folder for what a browser keeps. */
export function makeProfile(): string {
  return mkdtempSync(join(tmpdir(), 'frozenfs-chromium-'));
}

/** Remove it, with what a browser that was killed may still be writing. */
export function removeProfile(profile: string): void {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/**
 * Open a page in a browser without a window.
 *
 * @returns What closes it.
 */
export function openPage(url: string): () => Promise<void> {
  const profile = makeProfile();
  const { kill } = startChromium(profile, [url]);
  return async () => {
    await kill();
    removeProfile(profile);
  };
}
