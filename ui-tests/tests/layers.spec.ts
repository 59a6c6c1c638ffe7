import { expect } from '@playwright/test';

import { choose, evaluate, openKernel, runAction } from './freezing';
import { expectOutput, outputs, run, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false });

// Kernels start several times in one test.
test.slow();

const PACKAGES = 'digest("/lib/python3.14/site-packages")';

test('a layer of the course with a small package more is as large as that', async ({
  page
}) => {
  await openKernel(page, 'course');
  await runAction(page, '%freeze_fs full.blob');
  const farewell = await run(
    page,
    '%pip install -q farewell\nimport farewell\nfarewell.leave("Ada")'
  );
  await expect(outputs(farewell).last()).toContainText('Goodbye, Ada!');
  await runAction(page, '%freeze_fs small.blob --layer');
  const share = await evaluate(
    page,
    '(lambda kept: kept["small.blob"].size / kept["full.blob"].size)(await __import__("jupyter_frozenfs").images())'
  );
  expect(Number(share)).toBeLessThan(0.02);
  const digest = await evaluate(page, PACKAGES);

  await openKernel(page, 'course');
  await runAction(page, '%thaw_fs small.blob');
  expect(await evaluate(page, PACKAGES)).toBe(digest);
  await expectOutput(page, 'import farewell\nfarewell.leave("Ada")', 'Goodbye, Ada!');
});

test('a layer goes onto the course after that was rebuilt', async ({ page }, info) => {
  await openKernel(page, 'course');
  await run(page, '%pip install -q farewell');
  await expectOutput(page, 'make("/home/pyodide/work"); "made"', 'made');
  await expectOutput(
    page,
    'import course_calendar\nPath(course_calendar.__file__).write_text("VERSION = \'mine\'"); course_calendar.VERSION',
    '1.0'
  );
  const digest = await evaluate(page, 'digest("/home")');
  const download = page.waitForEvent('download');
  await runAction(page, '%freeze_fs mine.blob --layer --download');
  const path = info.outputPath('mine.blob');
  await (await download).saveAs(path);

  await openKernel(page, 'course', 'freezing-rebuilt/');
  await expectOutput(page, 'import course_calendar\ncourse_calendar.VERSION', '2.0');
  const refused = await run(page, '%thaw_fs --upload');
  await choose(refused, path);
  await expect(outputs(refused).last()).toContainText(
    'what it was made on is not here'
  );
  await expect(outputs(refused).last()).toContainText('--rebase');
  const cell = await run(page, '%thaw_fs --upload --rebase');
  await choose(cell, path);
  await expect(cell.getByRole('status')).toContainText('done in');
  await expect(outputs(cell).last()).toContainText(
    'course_calendar.py (written in the layer, changed in the image)'
  );
  await expect(outputs(cell).last()).toContainText('1: ');
  expect(await evaluate(page, 'digest("/home")')).toBe(digest);
  await expectOutput(page, 'import farewell\nfarewell.leave("Ada")', 'Goodbye, Ada!');
  await expectOutput(page, 'Path(course_calendar.__file__).read_text()', 'mine');
});
