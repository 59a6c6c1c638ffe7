import { expect } from '@playwright/test';

import { evaluate, openKernel, runAction } from './freezing';
import { entry, image, kernelState, lookAt, makeFiles } from './panel';
import { expectOutput, restart, run, test } from './site';

// One kernel only: the one that is asked for.
// All cells are in sight: JupyterLab may draw no others.
test.use({ prewarm: false, viewport: { width: 1600, height: 3200 } });
test.slow();

test('a panel in a notebook is a widget: several views, traits that are observed and linked, a restart', async ({
  page
}) => {
  await openKernel(page, 'course');
  await makeFiles(page);
  await runAction(page, '%freeze_fs a.blob --root /home/pyodide/work');
  const panels = page.locator('.jp-OutputArea .jp-FrozenPanel');
  const [one, two] = [panels.nth(0), panels.nth(1)];

  await test.step('two views of one panel show the same', async () => {
    await run(page, 'panel = %frozen_fs panel\npanel');
    await expect(one).toBeVisible();
    await run(page, 'panel');
    await expect(two).toBeVisible();
    await expect(kernelState(one)).toContainText('The kernel is ready');
    await lookAt(one, 'a.blob');
    await expect(image(two, 'a.blob')).toHaveAttribute('aria-selected', 'true');
    await entry(one, 'notes.md').click();
    await expect(entry(two, 'notes.md')).toHaveAttribute('aria-selected', 'true');
  });

  await test.step('its traits are read, set, observed and linked', async () => {
    expect(await evaluate(page, 'panel.selected, panel.path')).toBe(
      'store:a.blob /notes.md'
    );
    expect(await evaluate(page, '[image.name for image in panel.images]')).toContain(
      'a.blob'
    );
    await expectOutput(
      page,
      'import ipywidgets\nseen = []\npanel.observe(lambda change: seen.append(change["new"]), "path")\n' +
        'text = ipywidgets.Text(); ipywidgets.link((panel, "query"), (text, "value")); text',
      ''
    );
    await entry(one, 'stars.csv').click();
    await expect.poll(() => evaluate(page, 'seen')).toBe("['/stars.csv']");
    await run(page, 'text.value = "module"');
    await expect(one.getByRole('searchbox')).toHaveValue('module');
    await run(page, 'panel.query = ""; panel.tab = "room"');
    await expect(two.getByRole('tabpanel', { name: 'Room' })).toBeVisible();
    await run(page, 'panel.tab = "inside"');
    await expect(two.getByRole('tree')).toBeVisible();
  });

  await test.step('after a restart it says that its kernel is gone, and shows images', async () => {
    await restart(page);
    await expect(kernelState(one)).not.toContainText('ready');
    await entry(one, 'notes.md').click();
    await expect(one.getByRole('region', { name: 'Chosen entry' })).toContainText(
      'Vega is bright.'
    );
    await expectOutput(page, '%load_ext jupyter_frozenfs\n6 * 7', '42');
  });
});
