import 'fake-indexeddb/auto';

import type { PyProxy } from 'pyodide/ffi';
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import * as actions from '../../src/actions';
import type { IEmscriptenFS } from '../../src/emscripten';
import * as sessions from '../../src/session';
import * as stores from '../../src/store';
import { Kernel } from '../fs/kernel';

/** What a kernel's Python loads as `frozenfs.mjs`, which Node cannot import from a Blob. */
const MODULE = { ...actions, ...sessions, ...stores };

const PACKAGE = new URL('../../../jupyter_frozenfs/', import.meta.url);
const PYTHON = '/packages/jupyter_frozenfs';

/** A panel's service, and what it tells. */
const SERVICE = `
import asyncio, json, sys
sys.path.insert(0, "/packages")
from jupyter_frozenfs.kernel import bundle
from jupyter_frozenfs_test import frozenfs
bundle._loaded.append((frozenfs.module, frozenfs.session))

import jupyter_frozenfs
from jupyter_frozenfs.kernel.errors import KernelError
from jupyter_frozenfs.panel.service import Service

heard = []
service = Service(lambda message, buffers: heard.append(message))

async def ask(verb, **options):
    id = f"{verb} {len(heard)}"
    service.handle({"kind": "request", "id": id, "verb": verb, "options": options})
    while True:
        for message in heard:
            if message.get("id") == id and message["kind"] in ("result", "error"):
                return message["value"] if message["kind"] == "result" else message["error"]
        await asyncio.sleep(0.01)

async def error(awaitable):
    try:
        await awaitable
    except KernelError as error:
        return f"{type(error).__name__}: {error}"
`;

let kernel: Kernel;
let FS: IEmscriptenFS;
let number = 0;

beforeAll(async () => {
  kernel = await Kernel.start();
  ({ FS } = kernel);
  const { pyodide } = kernel;
  for (const folder of ['', 'image/', 'kernel/', 'panel/']) {
    FS.mkdirTree(PYTHON + (folder && `/${folder.slice(0, -1)}`));
    for (const name of readdirSync(new URL(folder, PACKAGE))) {
      if (!name.endsWith('.py')) continue;
      FS.writeFile(
        `${PYTHON}/${folder}${name}`,
        readFileSync(new URL(folder + name, PACKAGE))
      );
    }
  }
  const session = new sessions.Session(FS, {
    site: 'https://user.example/python/',
    kernelspec: 'course',
    environment: null
  });
  pyodide.registerJsModule('jupyter_frozenfs_test', {
    frozenfs: { module: MODULE, session }
  });
  await pyodide.loadPackage([]);
  pyodide.runPython(SERVICE);
});

beforeEach(() => {
  number += 1;
  FS.mkdirTree(`/work/${number}/sub`);
  FS.chdir(`/work/${number}`);
  FS.writeFile('one.txt', `first of ${number}`);
  FS.writeFile('sub/two.txt', 'second');
});

afterAll(() => void kernel.pyodide.runPython('service.close()'));

/** What the body of an asynchronous Python function returns, by way of JSON. */
async function python(body: string): Promise<unknown> {
  const lines = body.split('\n').map(line => `    ${line}`);
  const code = `import json\nasync def test():\n${lines.join('\n')}\n\njson.dumps(await test())`;
  return JSON.parse((await kernel.pyodide.runPythonAsync(code)) as string);
}

describe('functions of Python', () => {
  test('mount what was frozen, list it and unmount it', async () => {
    const found = await python(`
import os
await jupyter_frozenfs.freeze("mine", root=os.getcwd(), progress=False)
mount = await jupyter_frozenfs.mount("mine", "/mounted/mine", writable=True)
names = sorted(os.listdir("/mounted/mine"))
open("/mounted/mine/new.txt", "w").close()
mounts = await jupyter_frozenfs.mounts()
gone = await jupyter_frozenfs.unmount("/mounted/mine")
return [repr(mount).splitlines()[0], names, [each.path for each in mounts], mounts["/mounted/mine"].changes,
        repr(gone).splitlines()[0], os.path.exists("/mounted"), len(await jupyter_frozenfs.mounts())]`);
    expect(found).toEqual([
      'mine is mounted on /mounted/mine',
      ['one.txt', 'sub'],
      ['/mounted/mine'],
      1,
      'mine is no longer mounted on /mounted/mine',
      false,
      0
    ]);
  });

  test('say what is wrong in words', async () => {
    const found = (await python(`
return [await error(each) for each in (
    jupyter_frozenfs.mount("mine", "relative"),
    jupyter_frozenfs.mount("mine"),
    jupyter_frozenfs.mount("nothing.blob", "/mounted/nothing"),
    jupyter_frozenfs.unmount("/work"),
)]`)) as string[];
    expect(found[0]).toMatch(/^KernelError: relative is not absolute/);
    expect(found[1]).toMatch(/^UsageError: .*%mount_fs NAME \/path/);
    expect(found[2]).toMatch(/^KernelError: .*nothing\.blob/);
    expect(found[3]).toMatch(/^KernelError: No image is mounted on \/work/);
  });
});

test('None travels as null, and null as None', async () => {
  const { pyodide } = kernel;
  const sent = pyodide.runPython(
    'from jupyter_frozenfs.panel.wire import received, sendable\nsendable({"a": None, "b": [None, 1], "c": (0,)})'
  ) as PyProxy;
  expect(sent.toJs({ dict_converter: Object.fromEntries })).toEqual({
    a: null,
    b: [null, 1],
    c: [0]
  });
  const come = pyodide.toPy({ a: null, b: { c: [null, 'x'] } }) as PyProxy;
  pyodide.globals.set('come', come);
  expect(pyodide.runPython('repr(received(come))')).toBe(
    "{'a': None, 'b': {'c': [None, 'x']}}"
  );
  sent.destroy();
  come.destroy();
});

describe('what a panel asks for', () => {
  test('the kernel says what it is', async () => {
    expect(await python('return await ask("hello")')).toMatchObject({
      native: false,
      kernelspec: 'course',
      cwd: FS.cwd(),
      subshells: false,
      environment: null,
      contents_drive: null,
      mounts: []
    });
  });

  test('freezing, a dry run, thawing, and what has changed since', async () => {
    const [frozen, changes, plan, thawed] = (await python(`
import os
root = os.getcwd()
open("three.txt", "w").write("third")
frozen = await ask("freeze", name="asked", root=root, note="from the panel")
open("one.txt", "w").write("changed")
os.unlink("three.txt")
return [frozen, await ask("compare_live", source="asked"), await ask("plan_thaw", source="asked"),
        await ask("thaw", source="asked")]`)) as Record<string, unknown>[];
    expect(frozen).toMatchObject({
      name: 'asked',
      files: 3,
      stored: true,
      skipped: []
    });
    expect(changes).toMatchObject([
      { path: '/one.txt', kind: 'changed', before: 10, after: 7 },
      { path: '/three.txt', kind: 'removed', before: 5, after: null }
    ]);
    expect(plan).toMatchObject({
      root: FS.cwd(),
      created: ['/three.txt'],
      changed: ['/one.txt'],
      counts: {
        created: 1,
        changed: 1,
        removed: 0,
        kept: 0,
        dangerous: 0,
        conflicts: 0
      },
      bytes: 15
    });
    expect(thawed).toMatchObject({ counts: { created: 1, changed: 1 }, bytes: 15 });
    expect(FS.readFile('one.txt', { encoding: 'utf8' })).toMatch(/^first of/);
  });

  test('a path is checked, an image mounted, and every panel told', async () => {
    const [bad, good, mounted, events, unmounted] = (await python(`
await ask("freeze", name="shown", root="${FS.cwd()}")
before = len(heard)
bad, good = await ask("check_mount", path="/work"), await ask("check_mount", path="/shown")
mounted = await ask("mount", source="shown", path="/shown", root="/sub")
events = [message for message in heard[before:] if message["kind"] == "event"]
return [bad, good, mounted, events, await ask("unmount", path="/shown")]`)) as unknown[];
    expect(bad).toEqual({
      ok: false,
      problem: expect.stringContaining('is not empty') as string
    });
    expect(good).toEqual({ ok: true, problem: null });
    expect(mounted).toMatchObject({ path: '/shown', root: '/sub', name: 'shown' });
    expect(events).toMatchObject([{ what: 'mounts', value: [{ path: '/shown' }] }]);
    expect(unmounted).toMatchObject({ path: '/shown' });
  });

  test('what is dangerous is listed with the error', async () => {
    FS.writeFile('sub/evil.pth', 'import evil');
    const found = await python(`
await ask("freeze", name="own", root="${FS.cwd()}", file="/own.blob")
await jupyter_frozenfs.Store().delete("own")
import os; os.unlink("sub/evil.pth")
return await ask("thaw", source="/own.blob", root="${FS.cwd()}")`);
    expect(found).toMatchObject({
      type: 'DangerousError',
      message: expect.stringContaining('/sub/evil.pth') as string,
      dangerous: [{ path: '/sub/evil.pth', why: expect.any(String) as string }]
    });
  });

  test('Cancel on the comm ends what is under way, and leaves nothing behind', async () => {
    FS.writeFile('large.bin', new Uint8Array(40_000_000));
    const [said, names] = (await python(`
id = "to be cancelled"
service.handle({"kind": "request", "id": id, "verb": "freeze",
                "options": {"name": "cut", "root": "${FS.cwd()}", "gzip": True}})
await asyncio.sleep(0.05)
service.handle({"kind": "cancel", "id": id})
while not any(message.get("id") == id for message in heard):
    await asyncio.sleep(0.01)
said = [message for message in heard if message.get("id") == id]
return [said, [image.name for image in await jupyter_frozenfs.images()]]`)) as [
      unknown,
      string[]
    ];
    expect(said).toMatchObject([{ kind: 'error', error: { type: 'CancelledError' } }]);
    expect(names).not.toContain('cut');
  });
});
