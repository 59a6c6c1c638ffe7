import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import type { PyodideAPI } from 'pyodide';
import { loadPyodide } from 'pyodide';
import { ContentsAPI, DriveFS } from '@jupyterlite/services/lib/contents/drivefs';
import type {
  TDriveMethod,
  TDriveRequest,
  TDriveResponse
} from '@jupyterlite/services/lib/contents/drivefs';
import { beforeEach, describe, expect, test } from 'vitest';

import { DriveDirectories } from '../../src/kernel/drive';

const PYODIDE = dirname(createRequire(import.meta.url).resolve('pyodide'));
const DIRECTORY = 0o40777;
const FILE = 0o100666;

/** The page's side: files by path; directories have no time of change, as in JupyterLite. */
class Page {
  readonly files = new Map<string, string>();
  readonly asked: string[] = [];

  answer(request: TDriveRequest<TDriveMethod>): unknown {
    const { method } = request;
    const path = request.path.replace(/^\//, '');
    this.asked.push(`${method} ${path}`);
    switch (method) {
      case 'getattr':
        return {
          dev: 1,
          nlink: 1,
          uid: 0,
          gid: 0,
          rdev: 0,
          size: this.files.get(path)?.length ?? 0,
          blksize: 4096,
          blocks: 1,
          mtime: 0
        };
      case 'readdir':
        return [...this.files.keys()];
      case 'lookup':
        return this.files.has(path) ? { ok: true, mode: FILE } : { ok: false };
      case 'getmode':
        return path === '' ? DIRECTORY : FILE;
      case 'get':
        return { content: this.files.get(path), format: 'text' };
      case 'mknod':
        this.files.set(path, '');
        return null;
      case 'put':
        this.files.set(path, (request as TDriveRequest<'put'>).data.data as string);
        return null;
      case 'rmdir':
        this.files.delete(path);
        return null;
      case 'rename':
        throw new Error('not asked for here');
    }
  }

  count(method: TDriveMethod): number {
    return this.asked.filter(line => line.startsWith(method)).length;
  }
}

describe('the drive of the contents in Python', () => {
  let pyodide: PyodideAPI;
  let page: Page;
  let directories: DriveDirectories;
  let clock: number;

  beforeEach(async () => {
    pyodide = await loadPyodide({ indexURL: PYODIDE });
    page = new Page();
    clock = 1_800_000_000_000;
    class Contents extends ContentsAPI {
      request<T extends TDriveMethod>(data: TDriveRequest<T>): TDriveResponse<T> {
        return page.answer(data) as TDriveResponse<T>;
      }
    }
    class Drive extends DriveFS {
      override createAPI(options: DriveFS.IOptions): ContentsAPI {
        return new Contents(options);
      }
    }
    const host = pyodide as unknown as DriveFS.IOptions & {
      FS: {
        mkdir(path: string): void;
        mount(type: DriveFS, options: object, path: string): void;
      };
    };
    const { FS, PATH, ERRNO_CODES } = host;
    const drive = new Drive({
      FS,
      PATH,
      ERRNO_CODES,
      baseUrl: '',
      driveName: '',
      mountpoint: '/drive'
    });
    directories = new DriveDirectories(drive, () => clock);
    FS.mkdir('/drive');
    FS.mount(drive, {}, '/drive');
    pyodide.runPython('import os, sys; os.chdir("/drive"); sys.path.insert(0, "")');
    page.asked.length = 0;
  });

  test('imports of a moment ask once for the directory', () => {
    pyodide.runPython('import imaplib, poplib, ftplib, sched');
    expect(page.count('getattr')).toBe(1);
    expect(page.count('readdir')).toBe(1);
  });

  test('after a second it asks again, and does not list again what has not changed', () => {
    pyodide.runPython('import colorsys');
    clock += 1001;
    pyodide.runPython('import tabnanny');
    expect(page.count('getattr')).toBe(2);
    expect(page.count('readdir')).toBe(1);
  });

  test('a module that the kernel writes can be imported in the same cell', () => {
    pyodide.runPython('import colorsys');
    const answer = pyodide.runPython(
      'open("mine.py", "w").write("x = 42"); import mine; mine.x'
    );
    expect(answer).toBe(42);
  });

  test('a module that the person adds can be imported in the next cell', () => {
    pyodide.runPython('import colorsys');
    page.files.set('theirs.py', 'x = 43');
    directories.forget(); // a cell begins
    expect(pyodide.runPython('import theirs; theirs.x')).toBe(43);
  });

  test('the attributes of files are asked for each time', () => {
    page.files.set('data.csv', 'a,b');
    expect(pyodide.runPython('os.path.getsize("data.csv")')).toBe(3);
    page.files.set('data.csv', 'a,b,c');
    expect(pyodide.runPython('os.path.getsize("data.csv")')).toBe(5);
  });

  test('names of the drive can be removed again', () => {
    pyodide.runPython('open("mine.py", "w").write("x = 42"); os.remove("mine.py")');
    expect(pyodide.runPython('os.listdir(".") == []')).toBe(true);
  });
});
