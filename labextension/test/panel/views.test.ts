import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { bundled } from '../browser/bundled';
import { Browser, type Page } from '../browser/devtools';
import { PanelSite } from './site';

let site: PanelSite;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  site = await PanelSite.start();
  const css = readFileSync(new URL('../../style/panel.css', import.meta.url), 'utf8');
  site.files.set(
    'index.html',
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Panel</title>' +
      `<style>${css}</style><main id="panel" style="inline-size: 300px; block-size: 900px"></main>` +
      '<script type="module" src="page.js"></script></html>'
  );
  site.files.set('page.js', await bundled(new URL('./views-page.ts', import.meta.url)));
  browser = Browser.start();
  page = await browser.open(`${site.url}index.html`);
});

beforeEach(async () => {
  await page.go('about:blank');
  await page.go(`${site.url}index.html`);
  await page.evaluate(`(async () => {
    const all = (selector, name) => [...document.querySelectorAll(selector)].filter(node =>
      node.checkVisibility() && (name === undefined || (node.getAttribute('aria-label') ?? node.textContent).startsWith(name)));
    window.all = all;
    window.one = (selector, name) => {
      const [found] = all(selector, name);
      if (!found) throw new Error('There is no ' + selector + ' ' + (name ?? ''));
      return found;
    };
    window.until = async condition => {
      for (let i = 0; i < 500; i++) {
        const value = condition();
        if (value) return value;
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      throw new Error('It did not come to pass: ' + condition);
    };
    window.active = () => {
      const tree = one('[role=tree]');
      return document.getElementById(tree.getAttribute('aria-activedescendant'))
        ?.querySelector('.jp-FrozenPanel-label').textContent;
    };
    window.open = async name => {
      one('[role=option]', name).click();
      await until(() => all('[role=treeitem]').length);
    };
    await until(() => model.isListed);
  })()`);
});

afterAll(async () => {
  await browser?.close();
  site?.stop();
});

/** Press a key as a keyboard does. */
async function press(key: string): Promise<void> {
  const text = key.length === 1 ? { text: key } : {};
  await page.send('Input.dispatchKeyEvent', { type: 'keyDown', key, ...text });
  await page.send('Input.dispatchKeyEvent', { type: 'keyUp', key });
}

describe('images', () => {
  test('stand in groups by place, with what is known of them', async () => {
    expect(
      await page.evaluate(`all('[role=group]').filter(group => group.closest('[role=listbox]')).map(group => [
        document.getElementById(group.getAttribute('aria-labelledby')).textContent,
        ...[...group.querySelectorAll('[role=option]')].map(option => option.firstChild.textContent)])`)
    ).toEqual([
      ['This site', 'Python (course)'],
      ['In this browser', 'data.blob', 'week-2.blob']
    ]);
    expect(await page.evaluate(`one('[role=option]', 'week-2').textContent`)).toMatch(
      /56\.0 kB · 12 files.*before the exercise.*layer on data\.blob/
    );
  });

  test('are chosen by keys', async () => {
    await page.evaluate(`one('[role=listbox]').focus()`);
    await press('ArrowDown');
    await press('Enter');
    expect(await page.evaluate('model.selected')).toBe('store:data.blob');
    await press('w');
    await press(' ');
    expect(await page.evaluate('model.selected')).toBe('store:week-2.blob');
  });
});

describe('the tree', () => {
  test('draws the rows in sight only, and tells of all', async () => {
    await page.evaluate(`open('data.blob')`);
    await page.evaluate(`one('[role=tree]').focus()`);
    await press('End');
    await press('*');
    const { rows, setsize, scroll } = await page.evaluate<Record<string, number>>(`({
      rows: document.querySelectorAll('[role=treeitem]').length,
      setsize: Number(one('[role=treeitem][aria-level="2"]', 'package').getAttribute('aria-setsize')),
      scroll: one('[role=tree]').scrollHeight / 24 | 0
    })`);
    expect(rows).toBeLessThan(60);
    expect(setsize).toBe(60);
    expect(scroll).toBeGreaterThanOrEqual(66);
  });

  test('is walked by keys', async () => {
    await page.evaluate(`open('data.blob')`);
    await page.evaluate(`one('[role=tree]').focus()`);
    expect(await page.evaluate('active()')).toBe('data');
    await press('ArrowRight');
    await press('ArrowRight');
    expect(await page.evaluate('active()')).toBe('notebook.ipynb');
    await press('t');
    expect(await page.evaluate('active()')).toBe('table.csv');
    await press('Enter');
    expect(await page.evaluate('model.path')).toBe('/data/table.csv');
    await press('ArrowLeft');
    expect(await page.evaluate('active()')).toBe('data');
    await press('ArrowLeft');
    expect(
      await page.evaluate(`one('[role=treeitem]').getAttribute('aria-expanded')`)
    ).toBe('false');
    await press('End');
    expect(await page.evaluate('active()')).toBe('lib');
    await press('ArrowRight');
    await press('PageDown');
    await press('Home');
    expect(await page.evaluate('active()')).toBe('data');
  });

  test('shows where a path is that was found by its name', async () => {
    await page.evaluate(`open('data.blob')`);
    await page.evaluate(`model.share({ query: 'module2999' })`);
    expect(await page.evaluate(`one('[aria-label="Search result"]').textContent`)).toBe(
      '1 found'
    );
    await page.evaluate(`one('[role=option]', 'module2999').click()`);
    await page.evaluate(`model.share({ query: '' })`);
    expect(
      await page.evaluate(`one('[role=treeitem][aria-selected=true]').textContent`)
    ).toMatch(/^module2999\.py/);
  });
});

describe('a file', () => {
  const previews = [
    ['/data/readme.txt', 'text', 'from an image'],
    ['/data/table.csv', 'table', '709000'],
    ['/data/notebook.ipynb', 'notebook', 'print(1)']
  ];
  test.each(previews)('%s is shown as %s', async (path, kind, text) => {
    await page.evaluate(`open('data.blob')`);
    await page.evaluate(`model.share({ path: '${path}' })`);
    expect(
      await page.evaluate(
        `until(() => all('[aria-label=Preview][data-kind=${kind}]')[0]).then(node => node.textContent)`
      )
    ).toContain(text);
  });

  test('that is a picture is an image element', async () => {
    await page.evaluate(`open('data.blob')`);
    await page.evaluate(`model.share({ path: '/data/picture.svg' })`);
    expect(
      await page.evaluate(
        `until(() => all('[aria-label=Preview] img').find(image => image.complete)).then(image => [image.alt, image.naturalWidth])`
      )
    ).toEqual(['picture.svg', 60]);
  });
});

describe('with a kernel', () => {
  beforeEach(async () => {
    await page.evaluate(`link.set('idle', BROWSER_KERNEL)`);
    await page.evaluate(`open('data.blob')`);
  });

  test('an image is mounted where it is suggested, and unmounted', async () => {
    await page.evaluate(`one('button', 'Mount at…').click()`);
    await page.evaluate(`one('button[type=submit]', 'Mount').click()`);
    await page.evaluate(`until(() => all('button', 'Unmount /mnt/data')[0])`);
    expect(
      await page.evaluate(`link.asked.find(([verb]) => verb === 'mount')[1]`)
    ).toEqual({
      source: 'data.blob',
      upload: false,
      path: '/mnt/data',
      root: '/',
      writable: false
    });
    await page.evaluate(`one('button', 'Unmount /mnt/data').click()`);
    await page.evaluate(`until(() => all('button', 'Unmount').length === 0)`);
  });

  test('a path that cannot be is told before anything is asked', async () => {
    await page.evaluate(`one('button', 'Mount at…').click()`);
    await page.evaluate(`(() => {
      const input = document.activeElement;
      input.value = 'data';
      input.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
    await page.evaluate(`one('button[type=submit]', 'Mount').click()`);
    expect(
      await page.evaluate(`one('form .jp-FrozenPanel-problem').textContent`)
    ).toContain('/mnt/data');
    expect(await page.evaluate(`link.asked.some(([verb]) => verb === 'mount')`)).toBe(
      false
    );
  });

  test('a thaw is shown before it is done, with what Python would run by itself', async () => {
    await page.evaluate(`one('button', 'Thaw…').click()`);
    expect(await page.evaluate(`all('form > button', 'Thaw').length`)).toBe(0);
    await page.evaluate(`one('button', 'Show what it would do').click()`);
    await page.evaluate(`until(() => all('form > button', 'Thaw')[0])`);
    expect(await page.evaluate(`one('.jp-FrozenPanel-plan').textContent`)).toMatch(
      /1 file created, 1 file changed.*sitecustomize\.py is run at each start/
    );
    expect(await page.evaluate(`link.asked.some(([verb]) => verb === 'thaw')`)).toBe(
      false
    );
    await page.evaluate(`one('form > button', 'Thaw').click()`);
    await page.evaluate(`until(() => link.asked.find(([verb]) => verb === 'thaw'))`);
  });

  test('the panel says that it waits while a cell runs', async () => {
    await page.evaluate(`link.set('busy')`);
    expect(await page.evaluate(`one('[aria-label=Kernel]').textContent`)).toContain(
      'Waits for the running cell'
    );
  });

  test('a layer is frozen onto an image of the store', async () => {
    await page.evaluate(`model.share({ tab: 'freeze' })`);
    await page.evaluate(`(() => {
      const [what] = all('select');
      what.value = 'layer';
      what.dispatchEvent(new Event('change'));
      all('select')[1].value = 'data.blob';
    })()`);
    await page.evaluate(`one('button[type=submit]', 'Freeze').click()`);
    expect(
      await page.evaluate(
        `until(() => link.asked.find(([verb]) => verb === 'freeze')).then(([, options]) => options)`
      )
    ).toMatchObject({ name: 'session.blob', layer: false, base: 'data.blob' });
  });
});

test('without a kernel nothing is offered that needs one', async () => {
  await page.evaluate(`open('data.blob')`);
  expect(
    await page.evaluate(`all('button', 'Mount').length + all('button', 'Thaw').length`)
  ).toBe(0);
  expect(await page.evaluate(`one('[aria-label=Kernel]').textContent`)).toContain(
    'open a notebook'
  );
});

test('what takes a while has a bar, and is cancelled', async () => {
  await page.evaluate(`open('data.blob')`);
  await page.evaluate(`one('button', 'Export').click()`);
  expect(
    await page.evaluate(
      `[one('progress').value, one('.jp-FrozenPanel-amount').textContent]`
    )
  ).toEqual([0.4, '4.0 MB of 10.0 MB']);
  await page.evaluate(`one('button', 'Cancel: Exporting data.blob').click()`);
  await page.evaluate(
    `until(() => all('.jp-FrozenPanel-job[data-state=cancelled]').length === 1)`
  );
});

test('an action goes on when another image is looked at, and is cancelled from there', async () => {
  await page.evaluate(`open('data.blob')`);
  await page.evaluate(`one('button', 'Export').click()`);
  await page.evaluate(`one('[role=option]', 'week-2').click()`);
  await page.evaluate(
    `until(() => all('.jp-FrozenPanel-others progress').length === 1)`
  );
  await page.evaluate(`one('button', 'Cancel: Exporting data.blob').click()`);
  expect(await page.evaluate('model.jobs.list.map(job => job.signal.aborted)')).toEqual(
    [true]
  );
});

test('an error says what is the matter, with the details folded', async () => {
  await page.evaluate(`open('data.blob')`);
  await page.evaluate(`one('button', 'Verify').click()`);
  const job = '.jp-FrozenPanel-job[data-state=failed]';
  expect(
    await page.evaluate(`until(() => all('${job}')[0]).then(node =>
      [node.querySelector('[role=status]').textContent, node.querySelector('details').open])`)
  ).toEqual([
    'Verifying data.blob: data.blob is damaged: chunk 3 has another checksum.',
    false
  ]);
});

test('deleting asks, and names what depends on the image', async () => {
  await page.evaluate(`open('data.blob')`);
  await page.evaluate(`one('button', 'Delete…').click()`);
  await page.evaluate(
    `until(() => one('form').textContent.includes('week-2.blob is a layer on it.'))`
  );
  expect(await page.evaluate('model.rows.length')).toBe(3);
  await page.evaluate(`one('button[type=submit]', 'Delete').click()`);
  await page.evaluate('until(() => model.rows.length === 2)');
});

test('two images are compared, and the differences filtered by kind', async () => {
  await page.evaluate(`open('data.blob')`);
  await page.evaluate(`model.share({ tab: 'changes' })`);
  await page.evaluate(`one('button', 'Compare').click()`);
  const paths = `all('[role=listitem]').map(item => item.getAttribute('aria-label'))`;
  await page.evaluate(`until(() => all('[role=listitem]').length === 3)`);
  expect(await page.evaluate(paths)).toContain(
    'changed: /data/readme.txt, 10 B → 19 B, size, content'
  );
  await page.evaluate(`one('button', 'Changed (1)').click()`);
  expect(await page.evaluate<string[]>(paths)).toHaveLength(2);
});

test('two views of one model show the same, and a job that the other has begun', async () => {
  await page.evaluate(`(() => {
    const other = document.createElement('div');
    other.id = 'other';
    document.body.append(other);
    other.append(new PanelWidget(model).node);
  })()`);
  await page.evaluate(`open('data.blob')`);
  await page.evaluate(`one('#panel button', 'Export').click()`);
  expect(
    await page.evaluate(
      `until(() => all('#other .jp-FrozenPanel-others progress')[0]).then(() => one('#other h3').textContent)`
    )
  ).toBe('data.blob');
});
