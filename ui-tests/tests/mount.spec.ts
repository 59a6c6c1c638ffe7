import { expect } from '@playwright/test';

import { evaluate, openKernel, runAction } from './freezing';
import { expectOutput, run, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false, trace: 'off' });

for (const kernel of ['small', 'python']) {
  test(`an image is mounted, read, and unmounted in the kernel ${kernel}`, async ({
    page
  }) => {
    await openKernel(page, kernel);
    await expectOutput(page, 'make("/home/pyodide/work"); "made"', 'made');
    await runAction(page, '%freeze_fs work.blob --root /home/pyodide/work');
    await expectOutput(
      page,
      '%mount_fs work.blob /data/work',
      'work.blob is mounted on /data/work'
    );
    const same =
      'sorted(os.listdir("/data/work")) == sorted(os.listdir("/home/pyodide/work")), ' +
      'Path("/data/work/way/data.bin").read_bytes() == bytes(range(256)) * 5000';
    expect(await evaluate(page, same)).toContain('True True');
    await expectOutput(
      page,
      'import sys\nsys.path.append("/data/work")\nimport module_of_mine\nmodule_of_mine.answer',
      '42'
    );
    await expectOutput(page, 'open("/data/work/new", "w")', 'Read-only file system');
    await expectOutput(
      page,
      'file = open("/data/work/run.sh")\n%unmount_fs /data/work',
      '/data/work/run.sh is open'
    );
    await expectOutput(
      page,
      'file.close()\n%unmount_fs /data/work',
      'no longer mounted on /data/work'
    );
    expect(await evaluate(page, 'os.path.exists("/data")')).toBe('False');

    await run(page, '%mount_fs work.blob /data/work --writable');
    await expectOutput(
      page,
      'Path("/data/work/run.sh").write_text("echo mine")\n%frozen_fs mounts',
      'writable'
    );
    await expectOutput(page, '%unmount_fs /data/work', 'changes of 1 path');
  });
}

test('of an address only what is used is fetched', async ({ page }) => {
  await openKernel(page, 'small');
  await expectOutput(
    page,
    'import js\nurl = js.frozenfsKernel.environment\n%mount_fs {url} /env --root /lib/python3.14',
    'small is mounted on /env'
  );
  const decoder = 'Path("{}/json/decoder.py").read_text()';
  const own = decoder.replace('{}', '/lib/python3.14');
  expect(await evaluate(page, `${decoder.replace('{}', '/env')} == ${own}`)).toBe(
    'True'
  );
  const ranges: string[] = [];
  page.context().on('request', request => {
    if (request.url().endsWith('image.img')) {
      ranges.push(request.headers().range ?? 'all');
    }
  });
  await expectOutput(
    page,
    'image = url.replace("environment.json", "image.img")\n%mount_fs {image} /image',
    'image.img is mounted on /image'
  );
  const far = decoder.replace('{}', '/image/lib/python3.14');
  expect(await evaluate(page, `${far} == ${own}`)).toBe('True');
  expect(ranges).not.toContain('all');
});
