import { expect } from '@playwright/test';

import { evaluate, openKernel, runAction } from './freezing';
import { entry, image, kernelState, lookAt, makeFiles } from './panel';
import { expectOutput, goto, openNotebook, restart, run, test } from './site';

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

/** A notebook whose one cell shows a panel: its output and the state of its widgets, as JupyterLab saves them. */
const SAVED = {
  cells: [
    {
      cell_type: 'code',
      id: 'panel',
      execution_count: 1,
      // Of a notebook that nobody trusts, JupyterLab shows text in place of widgets.
      metadata: { trusted: true },
      source: 'import jupyter_frozenfs\njupyter_frozenfs.Panel()',
      outputs: [
        {
          output_type: 'execute_result',
          execution_count: 1,
          metadata: {},
          data: {
            'application/vnd.jupyter.widget-view+json': {
              model_id: 'aaaa',
              version_major: 2,
              version_minor: 0
            },
            'text/plain': 'Panel()'
          }
        }
      ]
    }
  ],
  metadata: {
    kernelspec: { name: 'small', display_name: 'Small', language: 'python' },
    widgets: {
      'application/vnd.jupyter.widget-state+json': {
        version_major: 2,
        version_minor: 0,
        state: {
          aaaa: {
            model_module: 'jupyter-frozenfs',
            model_module_version: '^0.1.0',
            model_name: 'PanelModel',
            state: {
              _view_module: 'jupyter-frozenfs',
              _view_module_version: '^0.1.0',
              _view_name: 'PanelView',
              layout: 'IPY_MODEL_bbbb',
              tab: 'inside'
            }
          },
          bbbb: {
            model_module: '@jupyter-widgets/base',
            model_module_version: '2.0.0',
            model_name: 'LayoutModel',
            state: {}
          }
        }
      }
    }
  },
  nbformat: 4,
  nbformat_minor: 5
};

test('a panel that was saved with its notebook shows images before a cell is run', async ({
  page
}) => {
  await goto(page, 'lab/index.html?reset');
  await page.waitForFunction(() => 'jupyterapp' in window);
  await page.evaluate(async content => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: {
        serviceManager: {
          contents: { save(path: string, model: object): Promise<unknown> };
        };
      };
    };
    const model = { type: 'notebook', format: 'json', content };
    await jupyterapp.serviceManager.contents.save('saved.ipynb', model);
  }, SAVED);
  await openNotebook(page, 'saved.ipynb');
  const panel = page.locator('.jp-OutputArea .jp-FrozenPanel');
  await expect(kernelState(panel)).toContainText('No kernel');
  await lookAt(panel, 'Course');
  await panel.getByRole('searchbox').fill('fernhill');
  await expect(panel.getByRole('listbox', { name: 'Search results' })).toContainText(
    'fernhill.csv'
  );
});
