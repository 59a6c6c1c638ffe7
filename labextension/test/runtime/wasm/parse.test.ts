import { beforeAll, describe, expect, test } from 'vitest';

import { ByteReader } from '../../../src/runtime/wasm/bytes';
import {
  Kind,
  ModuleError,
  Section,
  parseModule
} from '../../../src/runtime/wasm/parse';
import { assemble, moduleOf } from './assemble';
import { courseLibraries, runtimeWasm } from './real';

const WHOLE = assemble(`
(module
  (@custom "dylink.0" "abc")
  (type $number (func (param i32) (result i64)))
  (import "env" "ask" (func $ask (type $number)))
  (import "env" "table" (table 2 8 funcref))
  (import "env" "memory" (memory 1))
  (import "env" "base" (global i32))
  (import "env" "top" (global $top (mut i32)))
  (import "env" "error" (tag $error (param i32)))
  (table $own 3 externref)
  (global $constant i32 (i32.const -5))
  (tag $other (param i32))
  (func $start)
  (func $answer (export "answer") (type $number) (i64.const 42))
  (export "constant" (global $constant))
  (export "table" (table $own))
  (export "memory" (memory 0))
  (export "error" (tag $error))
  (start $start)
  (elem (i32.const 1) $answer)
  (data $text "text")
  (func (memory.init $text (i32.const 0) (i32.const 0) (i32.const 4))))
`);

describe('a module', () => {
  const module = parseModule(WHOLE);

  test('has its imports, with what each of them is', () => {
    expect(
      module.imports.map(({ module, name, kind, description: { bytes, at, end } }) => [
        `${module}.${name}`,
        kind,
        [...bytes.subarray(at, end)]
      ])
    ).toEqual([
      ['env.ask', Kind.Function, [0]],
      ['env.table', Kind.Table, [0x70, 1, 2, 8]],
      ['env.memory', Kind.Memory, [0, 1]],
      ['env.base', Kind.Global, [0x7f, 0]],
      ['env.top', Kind.Global, [0x7f, 1]],
      ['env.error', Kind.Tag, [0, 1]]
    ]);
  });

  test('has its exports', () => {
    expect(module.exports).toEqual([
      { name: 'answer', kind: Kind.Function, index: 2 },
      { name: 'constant', kind: Kind.Global, index: 2 },
      { name: 'table', kind: Kind.Table, index: 1 },
      { name: 'memory', kind: Kind.Memory, index: 0 },
      { name: 'error', kind: Kind.Tag, index: 0 }
    ]);
  });

  test('has what it defines', () => {
    expect(module.types.map(type => [...type])).toEqual([
      [0x60, 1, 0x7f, 1, 0x7e],
      [0x60, 1, 0x7f, 0],
      [0x60, 0, 0]
    ]);
    expect(module.functions).toEqual([2, 0, 2]);
    expect(module.tables.map(table => [...table])).toEqual([[0x6f, 0, 3]]);
    expect(module.memories).toEqual([]);
    expect(module.tags.map(tag => [...tag])).toEqual([[0, 1]]);
    expect(module.start).toBe(1);
    expect(module.globals.vector(() => module.globals.byte())).toEqual([0x7f]);
    expect(module.code.map(({ end, at }) => end - at)).toEqual([2, 4, 12]);
    const [, { bytes, at, end }] = module.code;
    expect([...bytes.subarray(at, end)]).toEqual([0, 0x42, 42, 0x0b]);
  });

  test('has its own sections by their names', () => {
    const bytes = module.custom.get('dylink.0')!;
    expect(new TextDecoder().decode(bytes)).toBe('abc');
  });

  test('with nothing in it has nothing', () => {
    const empty = parseModule(moduleOf());
    expect(empty).toMatchObject({
      types: [],
      imports: [],
      functions: [],
      exports: [],
      code: [],
      start: undefined
    });
    for (const section of [empty.globals, empty.elements]) {
      expect(section.vector(() => 0)).toEqual([]);
    }
  });

  test.each<[string, [id: number, content: number[]], string]>([
    ['types of arrays', [Section.Type, [1, 0x5e, 0x7f, 0]], 'a type of the form 0x5e'],
    ['groups of types', [Section.Type, [1, 0x4e, 0]], 'a type of the form 0x4e'],
    [
      'references to its own types',
      [Section.Type, [1, 0x60, 1, 0x63, 0, 0]],
      'references to types of its own'
    ],
    [
      'globals with such references',
      [Section.Import, [1, 1, 0x61, 1, 0x62, Kind.Global, 0x64, 0, 0]],
      'references to types of its own'
    ]
  ])('with %s is refused', (_, section, message) => {
    const parse = () => parseModule(moduleOf(section));
    expect(parse).toThrow(ModuleError);
    expect(parse).toThrow(message);
  });

  test('that is cut short is refused, but between two sections', () => {
    const borders = [8];
    const reader = new ByteReader(WHOLE, 8);
    while (!reader.done) {
      reader.byte();
      borders.push(reader.part().end);
    }
    expect(borders.length).toBe(14);
    for (let length = 9; length < WHOLE.length; length++) {
      if (borders.includes(length)) continue;
      expect(() => parseModule(WHOLE.subarray(0, length))).toThrow(RangeError);
    }
  });
});

describe('real modules', () => {
  let modules: Map<string, Uint8Array>;

  beforeAll(async () => {
    modules = await courseLibraries();
    modules.set('the runtime', runtimeWasm());
  });

  test('have the imports and exports that an engine finds', () => {
    const kinds = ['function', 'table', 'memory', 'global', 'tag'];
    for (const [path, bytes] of modules) {
      const { imports, exports } = parseModule(bytes);
      const compiled = new WebAssembly.Module(bytes as BufferSource);
      const found = imports.map(({ module, name, kind }) => [
        module,
        name,
        kinds[kind]
      ]);
      expect(found, path).toEqual(
        WebAssembly.Module.imports(compiled).map(one => [
          one.module,
          one.name,
          one.kind
        ])
      );
      expect(
        exports.map(({ name, kind }) => [name, kinds[kind]]),
        path
      ).toEqual(WebAssembly.Module.exports(compiled).map(one => [one.name, one.kind]));
    }
  });
});
