import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

import { ISOLATED_PORT, NATIVE_PORT, PLAIN_PORT } from './server.mjs';

/** Playwright's own browser where it is installed, else the one that the system has. */
const executablePath = [
  chromium.executablePath(),
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
].find(path => existsSync(path));

export default defineConfig({
  testDir: 'tests',
  outputDir: '../build/ui-tests/results',
  // The pictures of the documentation.
  snapshotPathTemplate: '../docs/images/{arg}{ext}',
  reporter: [['list']],
  // A page that starts a kernel keeps one processor busy and a second one now and then.
  workers: 2,
  fullyParallel: true,
  timeout: 180_000,
  expect: { timeout: 60_000 },
  forbidOnly: !!process.env.CI,
  use: {
    // Names of Galata's options: the site is the root of the server, and each test opens its own page.
    appPath: '',
    autoGoto: false,
    viewport: { width: 1280, height: 900 },
    // A trace takes as much processor time as what it records: `playwright test --trace on` where one is wanted.
    trace: 'off',
    screenshot: 'only-on-failure',
    // What Galata would answer in place of a server: these sites have none.
    mockConfig: false,
    mockSettings: false,
    mockState: false,
    mockUser: false,
    actionTimeout: 60_000,
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // Nothing else is in reach. One name is a page whose origin browsers do not trust, as in a local network
        // without https.
        '--host-resolver-rules=MAP classroom.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'
      ]
    }
  } as object,
  projects: [
    {
      name: 'plain',
      // `make soak` builds the largest environment, and tests it.
      testIgnore: process.env.FROZENFS_SOAK
        ? /(isolated|native)\.spec\.ts/
        : /(isolated|native|science)\.spec\.ts/,
      use: { baseURL: `http://127.0.0.1:${PLAIN_PORT}` }
    },
    {
      name: 'isolated',
      // What is wrong with a host is the same on both, and so is what the documentation shows.
      testIgnore:
        /(hosts|caches|picture|prewarm|offline|misfits|libraries|science|examples|layers|mount|panel.*)\.spec\.ts/,
      grepInvert: /@once/,
      use: { baseURL: `http://127.0.0.1:${ISOLATED_PORT}` }
    },
    {
      name: 'native',
      testMatch: /native\.spec\.ts/,
      use: { baseURL: `http://127.0.0.1:${NATIVE_PORT}` }
    }
  ],
  webServer: [
    {
      command: 'node server.mjs',
      port: PLAIN_PORT,
      // A server lists its files once: one that was left over would serve the site of yesterday.
      reuseExistingServer: false
    },
    {
      command: '../.venv/bin/jupyter lab --config jupyter_server_config.py',
      env: { FROZENFS_NATIVE_PORT: String(NATIVE_PORT), JUPYTER_PREFER_ENV_PATH: '1' },
      url: `http://127.0.0.1:${NATIVE_PORT}/api`,
      reuseExistingServer: false
    }
  ]
});
