import { test as base, type IJupyterLabPageFixture } from '@jupyterlab/galata';
import {
  type BrowserContext,
  expect,
  type Frame,
  type Locator
} from '@playwright/test';

export interface ISiteFixtures {
  /** Whether the browser keeps what it has fetched; where not, each page comes from the server or a service worker. */
  httpCache: boolean;
  /** Whether kernels may start before they are asked for; where not, the page says that data is to be saved. */
  prewarm: boolean;
  /** Requests to anywhere but the site, where no name leads: none may be made. */
  refused: string[];
}

/** Tests of a site, with everything outside its own address out of reach. */
export const test = base.extend<ISiteFixtures>({
  // Galata waits for the launcher, which a page that opens a notebook does not show.
  waitForApplication: async ({}, use) => {
    await use(page =>
      page.locator('#jupyterlab-splash').waitFor({ state: 'detached' })
    );
  },
  httpCache: [true, { option: true }],
  prewarm: [true, { option: true }],
  // Galata would ask a server for a folder, and look after its kernels, sessions and terminals.
  tmpPath: async ({}, use) => use(''),
  kernels: async ({}, use) => use(null),
  sessions: async ({}, use) => use(null),
  terminals: async ({}, use) => use(null),
  context: async ({ context, httpCache, prewarm }, use) => {
    // Playwright turns the cache off where requests are routed.
    if (!httpCache) await context.route('**', route => route.continue());
    if (!prewarm) {
      await context.addInitScript(() =>
        Object.defineProperty(navigator, 'connection', { value: { saveData: true } })
      );
    }
    await use(context);
  },
  refused: [
    async ({ context, baseURL }, use) => {
      const { origin } = new URL(baseURL!);
      const refused: string[] = [];
      context.on('request', request => {
        const url = new URL(request.url());
        if (url.protocol.startsWith('http') && url.origin !== origin)
          refused.push(url.href);
      });
      await use(refused);
      expect(refused, 'requests outside the site').toEqual([]);
    },
    { auto: true }
  ]
});

/**
 * Open a page of the site.
 *
 * Galata gives JupyterLab 15 s to come up, which a busy machine with two cores may exceed.
 */
export async function goto(page: IJupyterLabPageFixture, path: string): Promise<void> {
  Object.assign(page, {
    waitForAppStarted: () => page.waitForFunction(() => 'jupyterapp' in window)
  });
  await page.goto(path);
}

/** Open a notebook of the site and wait until it is shown. */
export async function openNotebook(
  page: IJupyterLabPageFixture,
  name: string,
  root = ''
): Promise<void> {
  await goto(page, `${root}lab/index.html?path=${name}`);
  await expect(page.locator('.jp-Notebook .jp-Cell').first()).toBeVisible();
  await waitForKernel(page);
}

/** Open an empty notebook with the kernel of an environment. */
export async function newNotebook(
  page: IJupyterLabPageFixture,
  kernel = 'small',
  root = ''
): Promise<void> {
  await goto(page, `${root}lab/index.html`);
  await createNotebook(page, kernel);
}

/** Create a notebook on a page that is open. */
export async function createNotebook(
  page: IJupyterLabPageFixture,
  kernel: string
): Promise<void> {
  await page.evaluate(async kernelName => {
    const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
    await app.restored;
    await app.commands.execute('notebook:create-new', { kernelName });
  }, kernel);
  await expect(panel(page).locator('.jp-Notebook .jp-Cell').first()).toBeVisible();
  await waitForKernel(page);
}

/** A cell that is run before the notebook in front has a kernel is not run. Where none can be had, nothing comes. */
export async function waitForKernel(
  page: Pick<IJupyterLabPageFixture, 'waitForFunction'>
): Promise<void> {
  const connected = page.waitForFunction(
    () => {
      const { shell } = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      return !!shell.currentWidget?.sessionContext?.session?.kernel;
    },
    null,
    { timeout: 10_000 }
  );
  await connected.catch(() => undefined);
}

/** Open another notebook of the site beside those that are open, and return it. */
export async function openBeside(
  page: IJupyterLabPageFixture,
  path: string,
  mode: 'split-right' | 'split-bottom'
): Promise<Locator> {
  await page.evaluate(
    async ([path, mode]) => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      await app.restored;
      await app.commands.execute('docmanager:open', { path, options: { mode } });
    },
    [path, mode]
  );
  const notebook = await page.activity.getPanelLocator(path);
  await expect(notebook!.locator('.jp-Notebook .jp-Cell').first()).toBeVisible();
  await waitForKernel(page);
  return notebook!;
}

interface IApp {
  restored: Promise<void>;
  shell: {
    currentWidget?: { sessionContext?: { session?: { kernel: unknown } } };
  };
  commands: { execute(id: string, args?: object): Promise<unknown> };
}

/** The notebook in front. */
export function panel(page: IJupyterLabPageFixture): Locator {
  return page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)').last();
}

/** Run all cells of the notebook in front, as its menu does. */
export async function runAll(page: IJupyterLabPageFixture): Promise<void> {
  await page.menu.clickMenuItem('Run>Run All Cells');
}

/** Wait until each code cell of a notebook, that in front unless told otherwise, has run, and none has raised. */
export async function expectAllRun(
  page: IJupyterLabPageFixture,
  notebook = panel(page)
): Promise<void> {
  const cells = notebook.locator('.jp-CodeCell');
  const prompts = cells.locator('.jp-InputArea-prompt');
  await expect
    .poll(
      async () =>
        (await prompts.allTextContents()).every(text => /^\[\d+\]:$/.test(text)),
      {
        timeout: 120_000,
        message: 'each code cell has run'
      }
    )
    .toBe(true);
  await expect(
    notebook.locator('[data-mime-type="application/vnd.jupyter.error"]')
  ).toHaveCount(0);
}

/** Write this source into the last cell of the notebook in front. */
export async function write(
  page: IJupyterLabPageFixture,
  source: string
): Promise<Locator> {
  const cell = panel(page).locator('.jp-CodeCell').last();
  await cell.locator('.cm-content').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(source);
  return cell;
}

/** Run this source in the last cell of the notebook in front, and return the cell. */
export async function run(
  page: IJupyterLabPageFixture,
  source: string
): Promise<Locator> {
  const cells = panel(page).locator('.jp-CodeCell');
  const count = await cells.count();
  await write(page, source);
  await page.keyboard.press('Shift+Enter');
  return cells.nth(count - 1);
}

/** Run this source and expect its output. */
export async function expectOutput(
  page: IJupyterLabPageFixture,
  source: string,
  text: string | RegExp
): Promise<void> {
  const cell = await run(page, source);
  await expect(cell.locator('.jp-Cell-outputArea')).toContainText(text);
}

/** What a cell shows. */
export function outputs(cell: Locator): Locator {
  return cell.locator('.jp-OutputArea-output');
}

/** Restart the kernel of the notebook in front, as its menu does. */
export async function restart(page: IJupyterLabPageFixture): Promise<void> {
  await page.menu.clickMenuItem('Kernel>Restart Kernel…');
  await page.locator('.jp-Dialog .jp-mod-accept').click();
}

/** Everything that the kernel of the notebook in front has logged. */
export async function openLog(page: IJupyterLabPageFixture): Promise<Locator> {
  await page.menu.clickMenuItem('View>Show Log Console');
  return page.locator('.jp-LogConsolePanel, .jp-LogConsole').first();
}

/** The kernels' workers of a page, and whether they have said that they are ready. */
export interface IKernelWorkers {
  /** How many have been created. */
  created: number;
  /** How many have started. */
  ready: number;
}

/** Count the kernels' workers of the pages that are opened from now on. */
export async function watchWorkers(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const counts: IKernelWorkers = { created: 0, ready: 0 };
    Object.assign(window, {
      kernelWorkers: counts,
      Worker: class extends Worker {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(url, options);
          if (!/start\.worker/.test(String(url))) return;
          counts.created++;
          this.addEventListener('message', ({ data }) => {
            if (data?._frozenProgress?.step === 'ready') counts.ready++;
          });
        }
      }
    });
  });
}

/** What `watchWorkers` has counted on a page or in a frame. */
export async function kernelWorkers(
  frame: Pick<Frame, 'evaluate'>
): Promise<IKernelWorkers> {
  return frame.evaluate(
    () => (window as unknown as { kernelWorkers: IKernelWorkers }).kernelWorkers
  );
}
