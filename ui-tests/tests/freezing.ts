import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, type Locator } from '@playwright/test';

import { createNotebook, expectOutput, goto, outputs, run } from './site';

/** Python that makes files of every kind, and a digest of a tree that names whatever has changed in it. */
export const TREE = `
import hashlib, os, stat
from pathlib import Path

def make(root):
    root = Path(root)
    (root / "empty folder").mkdir(parents=True)
    (root / "deep" / "er").mkdir(parents=True)
    (root / "deep" / "er" / "data.bin").write_bytes(bytes(range(256)) * 5000)
    (root / "empty").write_bytes(b"")
    (root / "run.sh").write_text("#!/bin/sh")
    (root / "run.sh").chmod(0o755)
    (root / "Gr\\u00fc\\u00dfe.txt").write_text("NFC")
    (root / "Gru\\u0308\\u00dfe.txt").write_text("NFD")
    (root / "module_of_mine.py").write_text("answer = 42")
    os.symlink("nowhere", root / "dangling")
    os.symlink("loop", root / "loop")
    os.symlink("deep/er", root / "way")
    os.utime(root / "empty", (1_000_000_000, 1_000_000_000))

contents = not os.path.exists("/lib/python3.14/os.py")

def digest(root="/"):
    found, count = hashlib.sha256(), 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(set(folders) - ({"dev", "proc", "sys", "drive"} if folder == "/" else set()))
        for name in sorted([*folders, *files]):
            path = os.path.join(folder, name)
            about = os.lstat(path)
            said = [path, stat.filemode(about.st_mode)]
            if stat.S_ISLNK(about.st_mode):
                said.append(os.readlink(path))
            elif stat.S_ISREG(about.st_mode):
                said += [int(about.st_mtime), about.st_size]
                # What is read of a mounted image is fetched piece by piece, and diff compares these contents.
                if contents or not path.startswith("/lib/"):
                    said.append(hashlib.sha256(Path(path).read_bytes()).hexdigest())
            found.update(repr(said).encode())
            count += 1
    return f"{count} entries {found.hexdigest()}"
`;

/** A frozen kernel that is restored from a snapshot, one that starts from its image, and the stock kernel. */
export const KERNELS = ['small', 'course', 'python'];

/** Open an empty notebook whose kernel has the magics, and the Python above. */
export async function openKernel(
  page: IJupyterLabPageFixture,
  kernel = 'small',
  root = 'freezing/'
): Promise<void> {
  // What was open before would ask for its kernel.
  await goto(page, `${root}lab/index.html?reset`);
  await page.waitForFunction(() => 'jupyterapp' in window);
  await createNotebook(page, kernel);
  if (kernel === 'python') {
    // The stock kernel takes its time to start.
    const cell = await run(page, '%pip install -q jupyter_frozenfs\n"installed"');
    await expect(outputs(cell).last()).toContainText('installed', { timeout: 150_000 });
    await expectOutput(page, '%load_ext jupyter_frozenfs\n"loaded"', 'loaded');
  }
  await expectOutput(page, `${TREE}"ready"`, 'ready');
}

/** Run a magic that freezes or thaws, and wait for its end. */
export async function runAction(
  page: IJupyterLabPageFixture,
  source: string,
  ends = 'done in'
): Promise<Locator> {
  const cell = await run(page, source);
  await expect(cell.locator('.jp-FrozenAction-status')).toContainText(ends, {
    timeout: 120_000
  });
  return cell;
}

/** What Python makes of an expression. */
export async function evaluate(
  page: IJupyterLabPageFixture,
  source: string
): Promise<string> {
  const cell = await run(page, `print("<", ${source}, ">")`);
  await expect(outputs(cell).last()).toContainText('>', { timeout: 120_000 });
  return (await outputs(cell).last().textContent())!.replace(/^< | >\s*$/g, '');
}

/** Choose a file of the computer, once the kernel waits for one. */
export async function choose(cell: Locator, path: string): Promise<void> {
  const input = cell.locator('input[type=file]');
  await expect(input).toBeVisible();
  await input.setInputFiles(path);
}
