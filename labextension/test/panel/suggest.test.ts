import { expect, test } from 'vitest';

import { mountPathProblem, suggestMountPath } from '../../src/panel/suggest';

test.each([
  ['course.blob', '/mnt/course'],
  ['course.tar.gz', '/mnt/course'],
  ['my data (1).img', '/mnt/my-data-1'],
  ['日本.img', '/mnt/日本'],
  ['../..', '/mnt/image'],
  ['.img', '/mnt/image'],
  ['v1.2', '/mnt/v1.2']
])('%s is mounted at %s', (name, path) => {
  expect(suggestMountPath({ name }, [])).toBe(path);
  expect(mountPathProblem(path, [], null)).toBeNull();
});

test('a path that is taken is not suggested', () => {
  const mounts = [{ path: '/mnt/a' }, { path: '/mnt/a-2' }];
  expect(suggestMountPath({ name: 'a.blob' }, mounts)).toBe('/mnt/a-3');
});

test.each([
  ['', /Type a path/],
  ['data', /begins with a slash: \/mnt\/data/],
  ['/', /on \/ itself/],
  ['//', /on \/ itself/],
  ['/a/../b', /neither \. nor \.\./],
  ['/a//b', /no empty parts/],
  ['/proc/x', /belongs to the kernel/],
  ['/dev', /belongs to the kernel/],
  ['/drive', /file browser/],
  ['/drive/a/', /file browser/],
  ['/mnt/a/', /a\.blob is mounted there already/]
])('%s is refused', (path, message) => {
  const mounts = [{ path: '/mnt/a', name: 'a.blob' }];
  expect(mountPathProblem(path, mounts, { contents_drive: '/drive' })).toMatch(message);
});

test.each(['/mnt/b', '/drives', '/home/pyodide/data/', '/devices'])(
  '%s is not',
  path => {
    const mounts = [{ path: '/mnt/a', name: 'a.blob' }];
    expect(mountPathProblem(path, mounts, { contents_drive: '/drive' })).toBeNull();
  }
);
