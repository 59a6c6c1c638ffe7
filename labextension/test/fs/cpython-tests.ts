/**
 * Where CPython's own tests are: Pyodide's standard library comes without them.
 *
 * They are fetched once into `.cache`, from the package that Debian makes of them, by the machine's own apt.
 * Elsewhere, `FROZENFS_CPYTHON` names the `Lib` folder of a CPython of nearly the same version.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The modules that are run. */
export const MODULES = [
  'test_fileio',
  'test_glob',
  'test_pathlib',
  'test_shutil',
  'test_tempfile',
  'test_zipfile'
];

/** What they need of the package `test`. */
const NEEDED = ['__init__.py', 'support', 'archiver_tests.py', 'archivetestdata'];

const PYTHON = '3.14';
const PACKAGES = [`libpython${PYTHON}-testsuite`, `libpython${PYTHON}-stdlib`];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const CACHE = fileURLToPath(new URL('../../../.cache/cpython-tests/', import.meta.url));

/** A folder that holds the package `test`, or why there is none. */
export function findTests(): { folder: string } | { missing: string } {
  const given = process.env.FROZENFS_CPYTHON;
  if (given) {
    return isComplete(given)
      ? { folder: given }
      : { missing: `${given} has no complete folder "test"` };
  }
  if (isComplete(CACHE)) return { folder: CACHE };
  try {
    fetchFromDebian();
    return { folder: CACHE };
  } catch (error) {
    return {
      missing: `set FROZENFS_CPYTHON to the Lib folder of a CPython ${PYTHON} (apt: ${(error as Error).message.split('\n')[0]})`
    };
  }
}

function filesOf(folder: string): string[] {
  const names = readdirSync(join(folder, 'test'));
  return names.filter(
    name => NEEDED.includes(name) || MODULES.includes(name.replace(/\.py$/, ''))
  );
}

function isComplete(folder: string): boolean {
  return (
    existsSync(join(folder, 'test')) &&
    filesOf(folder).length === NEEDED.length + MODULES.length
  );
}

/** Download and unpack, without touching what the machine has installed or knows of packages. */
function fetchFromDebian(): void {
  // On the same disk, so that the tests are there all at once or not at all.
  mkdirSync(join(CACHE, '..'), { recursive: true });
  const work = mkdtempSync(join(CACHE, '../cpython-'));
  try {
    for (const folder of ['lists/partial', 'archives/partial', 'debs']) {
      mkdirSync(join(work, folder), { recursive: true });
    }
    writeFileSync(join(work, 'status'), '');
    const sources = `deb [signed-by=${KEYRING}] ${debianMirror()} sid main\n`;
    writeFileSync(join(work, 'sources.list'), sources);
    const options = [
      `Dir::Etc::sourcelist=${work}/sources.list`,
      'Dir::Etc::sourceparts=/dev/null',
      `Dir::State::lists=${work}/lists`,
      `Dir::State::status=${work}/status`,
      `Dir::Cache=${work}`,
      // Otherwise a download as root into a private folder earns a warning.
      'APT::Sandbox::User=root'
    ].flatMap(option => ['-o', option]);
    const apt = (...command: string[]) =>
      run('apt-get', [...options, ...command], join(work, 'debs'));
    apt('update');
    apt('download', ...PACKAGES);
    for (const deb of readdirSync(join(work, 'debs'))) {
      run('dpkg-deb', ['-x', join(work, 'debs', deb), join(work, 'tree')]);
    }
    const lib = join(work, `tree/usr/lib/python${PYTHON}`);
    if (!isComplete(lib)) throw new Error('the packages do not hold all of the tests');
    const draft = join(work, 'tests');
    for (const name of filesOf(lib)) {
      cpSync(join(lib, 'test', name), join(draft, 'test', name), { recursive: true });
    }
    rmSync(CACHE, { recursive: true, force: true });
    renameSync(draft, CACHE);
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Where this machine gets its packages. */
function debianMirror(): string {
  const uris = run('apt-get', ['indextargets', '--format', '$(REPO_URI)']).split('\n');
  const mirror = uris.find(uri => /\/debian\/?$/.test(uri));
  if (!mirror) throw new Error('no Debian mirror is set up here');
  return mirror;
}

function run(command: string, args: string[], cwd?: string): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
}
