import AxeBuilder from '@axe-core/playwright';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, type Locator } from '@playwright/test';

import { openKernel, runAction } from './freezing';
import {
  entry,
  expectDone,
  lookAt,
  makeFiles,
  openForm,
  openPanel,
  showTab
} from './panel';
import { expectOutput, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false, viewport: { width: 1600, height: 1000 } });
test.slow();

const PANEL = '#jupyter-frozenfs-panel .jp-FrozenPanel';

/** What axe-core finds wrong with the panel as it is. */
async function violations(panel: Locator): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: panel.page() })
    .include(PANEL)
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target}\n${failureSummary}`)
  );
}

/** Change the theme, as the settings menu does. */
async function setTheme(page: IJupyterLabPageFixture, theme: string): Promise<void> {
  await page.evaluate(async name => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: { commands: { execute(id: string, args: object): Promise<unknown> } };
    };
    await jupyterapp.commands.execute('apputils:change-theme', { theme: name });
  }, theme);
  await expect(page.locator('body')).toHaveAttribute('data-jp-theme-name', theme);
}

test('axe-core finds nothing wrong with any part of the panel, in light, dark and high contrast', async ({
  page
}, info) => {
  await openKernel(page, 'small');
  await makeFiles(page);
  await runAction(
    page,
    '%freeze_fs stars.blob --root /home/pyodide/work --note "the first night"'
  );
  await expectOutput(
    page,
    '(work / "new.txt").write_text("new"); (work / "empty").unlink(); (work / "run.sh").write_text("changed")',
    '7'
  );
  await runAction(
    page,
    '%freeze_fs more.blob --root /home/pyodide/work --note "the second night"'
  );
  const panel = await openPanel(page);
  await lookAt(panel, 'stars.blob');
  await entry(panel, 'stars.csv').click();
  await expect(panel.getByRole('cell', { name: 'Deneb' })).toBeVisible();

  for (const [theme, name] of [
    ['JupyterLab Light', 'light'],
    ['JupyterLab Dark', 'dark'],
    ['JupyterLab Dark High Contrast', 'contrast']
  ]) {
    await setTheme(page, theme);
    for (const tab of ['Inside', 'Changes', 'Freeze', 'Room']) {
      await showTab(panel, tab);
      expect(await violations(panel), `${tab}, ${name}`).toEqual([]);
      await info.attach(`${tab}, ${name}`, {
        body: await panel.screenshot(),
        contentType: 'image/png'
      });
    }
    await showTab(panel, 'Inside');
    for (const action of ['Mount at…', 'Thaw…', 'Delete…', 'Autoload…']) {
      await openForm(panel, action);
      expect(await violations(panel), `${action}, ${name}`).toEqual([]);
    }
    await panel.getByRole('button', { name: 'Verify', exact: true }).click();
    await expectDone(panel, 'Verifying stars.blob');
    expect(await violations(panel), `a job, ${name}`).toEqual([]);
  }
});
