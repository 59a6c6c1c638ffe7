import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, type Locator, type Page } from '@playwright/test';

import { expectOutput } from './site';

/** Files to look at: those of `TREE`, a table, a notebook, a picture, and a text. */
const FILES = `
import base64, json
work = Path("/home/pyodide/work")
make(work)
(work / "notes.md").write_text("# Stars\\n\\nVega is bright.\\n")
(work / "stars.csv").write_text("name,light\\nVega,1\\nDeneb,2\\n")
cell = {"cell_type": "code", "execution_count": 1, "id": "a", "metadata": {}, "source": ["6 * 7"],
        "outputs": [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": ["42"]}}]}
(work / "first.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
(work / "dot.png").write_bytes(base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="))
"made"
`;

/** Make `/home/pyodide/work` in the kernel of the notebook in front. */
export async function makeFiles(page: IJupyterLabPageFixture): Promise<void> {
  await expectOutput(page, FILES, 'made');
}

interface IApp {
  commands: { execute(id: string): Promise<unknown>; hasCommand(id: string): boolean };
}

/** Show the panel in the sidebar, as its command does. */
export async function openPanel(page: Page): Promise<Locator> {
  const command = 'jupyter-frozenfs:open-panel';
  await page.waitForFunction(
    id =>
      (window as unknown as { jupyterapp?: IApp }).jupyterapp?.commands.hasCommand(id),
    command
  );
  await page.evaluate(async id => {
    const { jupyterapp } = window as unknown as { jupyterapp: IApp };
    await jupyterapp.commands.execute(id);
  }, command);
  const panel = page.locator('#jupyter-frozenfs-panel .jp-FrozenPanel');
  await expect(panel).toBeVisible();
  return panel;
}

/** The kernel's light of a panel. */
export function kernelState(panel: Locator): Locator {
  return panel.getByRole('status', { name: 'Kernel' });
}

/** An image in the list. */
export function image(panel: Locator, name: string): Locator {
  return panel
    .getByRole('listbox', { name: 'Images' })
    .getByRole('option')
    .filter({ has: panel.page().getByText(name, { exact: true }) });
}

/** Look at an image, and wait until its inside is shown. */
export async function lookAt(panel: Locator, name: string): Promise<void> {
  await image(panel, name).click();
  await expect(image(panel, name)).toHaveAttribute('aria-selected', 'true');
  await expect(panel.getByRole('heading', { name, exact: true })).toBeVisible();
}

/** Show one of the tabs. */
export async function showTab(panel: Locator, name: string): Promise<Locator> {
  await panel.getByRole('tab', { name }).click();
  return panel.getByRole('tabpanel', { name });
}

/** Open the form of one of the actions of the image that is looked at. */
export async function openForm(panel: Locator, action: string): Promise<Locator> {
  await panel
    .getByRole('group', { name: 'Actions' })
    .getByRole('button', { name: action })
    .click();
  const form = panel.locator('.jp-FrozenPanel-formPlace form');
  await expect(form).toBeVisible();
  return form;
}

/** Wait until something has ended, and return where that is told. */
export async function expectDone(
  panel: Locator,
  title: string | RegExp
): Promise<Locator> {
  const job = panel.getByRole('group', { name: title });
  await expect(job.last()).toHaveAttribute('data-state', 'done', { timeout: 120_000 });
  return job.last();
}

/** A row of the tree of what is inside. */
export function entry(panel: Locator, name: string): Locator {
  return panel
    .getByRole('tree')
    .getByRole('treeitem')
    .filter({ has: panel.page().getByText(name, { exact: true }) });
}
