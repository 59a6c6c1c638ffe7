import { describe, expect, test } from 'vitest';

import type { IManifest, ISnapshotFile } from '../../src/runtime/manifest';
import { EnvironmentError, VERSION, parseManifest } from '../../src/runtime/manifest';
import { course } from './snapshot/course';

const WHERE = 'https://example.org/frozen/course/now/environment.json';

/** The manifest of the built course, with something changed. */
function changed(change: (manifest: IManifest, snapshot: ISnapshotFile) => void) {
  const manifest = structuredClone(course().manifest);
  change(manifest, manifest.snapshot!);
  return manifest;
}

describe('a manifest', () => {
  test('of the built course is one, with the runtime into which its libraries are linked', () => {
    const { manifest } = course();
    expect(parseManifest(manifest, WHERE)).toBe(manifest);
    expect(manifest.snapshot!.linked).toEqual({
      parts: [{ file: expect.stringMatching(/\.wasm$/), size: expect.any(Number) }],
      size: manifest.snapshot!.linked.parts[0].size,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/)
    });
  });

  test('needs no snapshot', () => {
    const manifest = changed(manifest => delete manifest.snapshot);
    expect(parseManifest(manifest, WHERE)).toBe(manifest);
  });

  test('may have the linked runtime in several pieces', () => {
    const manifest = changed((_, { linked }) => {
      const [{ file, size }] = linked.parts;
      linked.parts = [
        { file: `${file}.0`, size: size - 1000 },
        { file: `${file}.1`, size: 1000 }
      ];
    });
    expect(parseManifest(manifest, WHERE)).toBe(manifest);
  });

  test.each<[string, Parameters<typeof changed>[0], string]>([
    [
      'has another version',
      manifest => (manifest.version = VERSION - 1),
      `expected version ${VERSION}, found ${VERSION - 1}`
    ],
    [
      'has a snapshot without a linked runtime',
      (_, snapshot) => delete (snapshot as Partial<ISnapshotFile>).linked,
      '`snapshot` names no linked runtime'
    ],
    [
      'has a linked runtime of which a piece is missing',
      (_, { linked }) => linked.parts.pop(),
      'the parts of the linked runtime hold 0 bytes, expected'
    ],
    [
      'has a snapshot of which a piece is missing',
      (_, { parts }) => parts.pop(),
      'the parts of the snapshot do not hold'
    ]
  ])('that %s is refused', (_, change, reason) => {
    const parse = () => parseManifest(changed(change), WHERE);
    expect(parse).toThrow(EnvironmentError);
    expect(parse).toThrow(
      `${WHERE} is not a frozen environment that this kernel can start: ${reason}`
    );
  });
});
