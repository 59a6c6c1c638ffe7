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

/**
 * Open a page in a browser without a window.
 *
 * @returns What closes it.
 */
export function openPage(url: string): () => Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), 'frozenfs-chromium-'));
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
      url
    ],
    // Its own process group, so that its helpers end with it.
    { stdio: 'ignore', detached: true }
  );
  const ended = new Promise(resolve => browser.once('exit', resolve));
  return async () => {
    process.kill(-browser.pid!, 'SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}
