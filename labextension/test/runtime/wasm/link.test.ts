import { describe, expect, test } from 'vitest';

import { lateImports } from '../../../src/runtime/snapshot/late-imports';
import type { ILinker, SymbolFunction } from '../../../src/runtime/snapshot/module';
import type { ILinkInput, ILinked, Resolution } from '../../../src/runtime/wasm/link';
import { RUNTIME, linkModules } from '../../../src/runtime/wasm/link';
import { EXPORTS } from '../../../src/runtime/wasm/names';
import { ModuleError } from '../../../src/runtime/wasm/parse';
import { functionType } from '../../../src/runtime/snapshot/signature';
import { assemble } from './assemble';
import { courseLibraries, runtimeWasm } from './real';

/** A runtime as Emscripten makes one, but small. */
const RUNTIME_TEXT = `
(module
  (type $number (func (result i32)))
  (import "env" "host_number" (func $host_number (result i32)))
  (memory (export "memory") 1 16)
  (table (export "__indirect_function_table") 4 funcref)
  (global $stack (export "__stack_pointer") (mut i32) (i32.const 4096))
  (global $hidden (mut i32) (i32.const 5))
  (tag $error (export "__cpp_exception") (param i32))
  (func $double (export "double") (param i32) (result i32)
    (i32.mul (local.get 0) (i32.const 2)))
  (func (export "call") (param i32) (result i32)
    (call_indirect (type $number) (local.get 0)))
  (func (export "from_host") (result i32) (call $host_number))
  (func (export "same") (result i32) (i32.const 100))
  (func (export "count") (result i32)
    (global.set $hidden (i32.add (global.get $hidden) (i32.const 1)))
    (global.get $hidden))
  (func $seven (result i32) (i32.const 7))
  (elem (i32.const 1) $seven)
  (data (i32.const 16) "runtime"))
`;
const runtime = assemble(RUNTIME_TEXT);

/** Where the libraries of a test lie, one after the other. */
const MEMORY_BASE = 8192;
const TABLE_BASE = 8;
const STEP = 16;

/** What each library of Emscripten imports for itself. */
const OWN = `
  (import "env" "memory" (memory 0))
  (import "env" "__indirect_function_table" (table 0 funcref))
  (import "env" "__stack_pointer" (global $stack (mut i32)))
  (import "env" "__memory_base" (global $memory_base i32))
  (import "env" "__table_base" (global $table_base i32))
`;

/** A library with these imports and this in it, and where its symbols are. */
interface ILibrary {
  imports?: string;
  text: string;
  symbols?: Record<string, Resolution>;
}

function link(
  libraries: ILibrary[],
  input: Partial<Omit<ILinkInput, 'libraries'>> = {}
): ILinked {
  return linkModules({
    runtime,
    libraries: libraries.map(({ imports = '', text, symbols = {} }, index) => ({
      bytes: assemble(`(module ${imports} ${OWN} ${text})`),
      memoryBase: MEMORY_BASE + 1024 * index,
      tableBase: TABLE_BASE + STEP * index,
      resolve: symbol => {
        const found = symbols[symbol];
        if (!found) throw new Error(`nobody should ask for ${symbol}`);
        return found;
      }
    })),
    addresses: new Map(),
    appended: [],
    slots: [],
    ...input
  });
}

type Call = (...args: number[]) => number;

interface IRunning {
  memory: Uint8Array;
  table: WebAssembly.Table;
  /** What the module exports. */
  exports: WebAssembly.Exports;
  /** A function of the runtime. */
  runtime(name: string): Call;
  /** A function of a library. */
  of(library: number, name: string): Call;
}

const HOST = { env: { host_number: () => 1000 } };

/** The memories that a module imports, as it is made of. */
function memoriesOf(module: WebAssembly.Module): WebAssembly.Imports {
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== 'memory') continue;
    imports[from] = { [name]: new WebAssembly.Memory({ initial: 1, maximum: 16 }) };
  }
  return imports;
}

function instantiate(
  bytes: Uint8Array,
  more: WebAssembly.Imports = {}
): WebAssembly.Exports {
  const module = new WebAssembly.Module(bytes as BufferSource);
  const imports = { ...memoriesOf(module), ...HOST, ...more };
  return new WebAssembly.Instance(module, imports).exports;
}

/** Instantiate what is linked, and put the libraries' functions into the table as a restore does. */
function run(linked: ILinked, more?: WebAssembly.Imports): IRunning {
  const exports = instantiate(linked.bytes, more);
  const table = exports.__indirect_function_table as WebAssembly.Table;
  table.grow(TABLE_BASE + STEP * 4 - table.length);
  const functions = exports[EXPORTS] as WebAssembly.Table;
  (functions.get(0) as () => void)();
  return {
    memory: new Uint8Array((exports.memory as WebAssembly.Memory).buffer),
    table,
    exports,
    runtime: name => exports[name] as Call,
    of: (library, name) =>
      functions.get(linked.exports[library].functions[name]) as Call
  };
}

/** `WebAssembly.Exception`, which TypeScript does not know. */
interface IException {
  getArg(tag: unknown, index: number): unknown;
}

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return expect.unreachable();
}

const call = (table: WebAssembly.Table, index: number) => (table.get(index) as Call)();

describe('linked libraries', () => {
  test('call each other, whichever comes first', () => {
    const asks = (name: string, other: string, module: number): ILibrary => ({
      imports: `(import "env" "${other}" (func $other (param i32) (result i32)))`,
      text: `
        (func (export "${name}") (param i32) (result i32)
          (if (result i32) (i32.eqz (local.get 0))
            (then (i32.const ${module}))
            (else (call $other (i32.sub (local.get 0) (i32.const 1))))))`,
      symbols: { [other]: { module, name: other } }
    });
    const { of } = run(link([asks('ask', 'tell', 1), asks('tell', 'ask', 0)]));
    expect([0, 1, 2, 3].map(n => of(0, 'ask')(n))).toEqual([1, 0, 1, 0]);
    expect([0, 1].map(n => of(1, 'tell')(n))).toEqual([0, 1]);
  });

  test('call the runtime', () => {
    const { of } = run(
      link([
        {
          imports: '(import "env" "double" (func $double (param i32) (result i32)))',
          text: '(func (export "four") (result i32) (call $double (i32.const 2)))',
          symbols: { double: { module: RUNTIME, name: 'double' } }
        }
      ])
    );
    expect(of(0, 'four')()).toBe(4);
  });

  test('have each their own function where two have the same name', () => {
    const same = (value: number): ILibrary => ({
      text: `
        (func $same (export "same") (result i32) (i32.const ${value}))
        (func (export "use") (result i32) (call $same))`
    });
    const linked = link([
      same(1),
      same(2),
      {
        imports: '(import "env" "same" (func $same (result i32)))',
        text: '(func (export "use") (result i32) (call $same))',
        symbols: { same: { module: 1, name: 'same' } }
      }
    ]);
    const { of, runtime } = run(linked);
    expect([of(0, 'same')(), of(1, 'same')(), runtime('same')()]).toEqual([1, 2, 100]);
    expect([of(0, 'use')(), of(1, 'use')(), of(2, 'use')()]).toEqual([1, 2, 2]);
  });

  test('call the host, by what the runtime imports of it and by what it does not', () => {
    const linked = link([
      {
        imports: `
          (import "env" "host_number" (func $number (result i32)))
          (import "env" "host_add" (func $add (param i32) (result i32)))`,
        text: '(func (export "ask") (result i32) (call $add (call $number)))',
        symbols: { host_number: 'host', host_add: 'host' }
      }
    ]);
    const names = WebAssembly.Module.imports(
      new WebAssembly.Module(linked.bytes as BufferSource)
    ).map(({ name }) => name);
    expect(names.filter(name => name.startsWith('host_'))).toEqual([
      'host_number',
      'host_add'
    ]);
    const env = { ...HOST.env, host_add: (n: number) => n + 1 };
    expect(run(linked, { env }).of(0, 'ask')()).toBe(1001);
  });

  test('export again what they have imported', () => {
    const { of } = run(
      link([
        {
          imports: '(import "env" "double" (func $double (param i32) (result i32)))',
          text: '(export "twice" (func $double))',
          symbols: { double: { module: RUNTIME, name: 'double' } }
        }
      ])
    );
    expect(of(0, 'twice')(21)).toBe(42);
  });

  test('share the runtime’s memory, stack and exceptions', () => {
    const linked = link([
      {
        imports: '(import "env" "__cpp_exception" (tag $error (param i32)))',
        text: `
          (func $throw (export "throw") (param i32) (throw $error (local.get 0)))
          (func (export "catch") (param i32) (result i32)
            try (result i32)
              (call $throw (local.get 0))
              (i32.const 0)
            catch $error
            end)
          (func (export "push") (param i32)
            (global.set $stack (i32.sub (global.get $stack) (i32.const 16)))
            (i32.store (global.get $stack) (local.get 0)))`
      }
    ]);
    const { of, exports, memory } = run(linked);
    expect(of(0, 'catch')(9)).toBe(9);
    const thrown = caught(() => of(0, 'throw')(8)) as IException;
    expect(thrown.getArg(exports.__cpp_exception, 0)).toBe(8);
    of(0, 'push')(77);
    expect((exports.__stack_pointer as WebAssembly.Global).value).toBe(4080);
    expect(memory[4080]).toBe(77);
  });

  test('have tags of their own', () => {
    const throws = (name: string): ILibrary => ({
      imports: '(import "env" "__cpp_exception" (tag $error (param i32)))',
      text: `
        (tag $own (param i32))
        (func (export "${name}") (result i32)
          try (result i32)
            try (result i32)
              (throw $own (i32.const 3))
            catch $error
              drop
              (i32.const 4)
            end
          catch $own
          end)`
    });
    const { of } = run(link([throws('one'), throws('other')]));
    expect([of(0, 'one')(), of(1, 'other')()]).toEqual([3, 3]);
  });

  test('keep their own globals, each its own', () => {
    const large = (number: number): ILibrary => ({
      text: `
        (global $small i32 (i32.const ${number}))
        (global $large i64 (i64.const ${5_000_000_000 + number}))
        (func (export "sum") (result i32)
          (i32.add (global.get $small) (i32.wrap_i64 (i64.sub (global.get $large) (i64.const 5000000000)))))`
    });
    const { of, runtime } = run(link([large(10), large(20)]));
    expect([of(0, 'sum')(), of(1, 'sum')()]).toEqual([20, 40]);
    expect(runtime('count')()).toBe(6);
  });

  test('find functions in their part of the table, and are found there', () => {
    const takes: ILibrary = {
      imports: '(import "env" "call" (func $call (param i32) (result i32)))',
      text: `
        (type $number (func (result i32)))
        (func $one (result i32) (i32.const 1))
        (func $two (result i32) (i32.const 2))
        (func (export "through_the_runtime") (result i32)
          (call $call (i32.add (global.get $table_base) (i32.const 1))))
        (func (export "itself") (result i32)
          (call_indirect (type $number) (i32.add (global.get $table_base) (i32.const 0))))
        (elem (global.get $table_base) $one $two)`,
      symbols: { call: { module: RUNTIME, name: 'call' } }
    };
    const { of, table } = run(link([takes, takes]));
    for (const library of [0, 1]) {
      expect(of(library, 'through_the_runtime')()).toBe(2);
      expect(of(library, 'itself')()).toBe(1);
      const base = TABLE_BASE + STEP * library;
      expect([call(table, base), call(table, base + 1)]).toEqual([1, 2]);
      expect(table.get(base + 2)).toBe(null);
    }
    expect(call(table, 1)).toBe(7);
  });

  test('say where their data is', () => {
    const linked = link([
      { text: '(global (export "first") i32 (i32.const 0))' },
      {
        text: `
          (global (export "first") i32 (i32.const 4))
          (global (export "second") i32 (i32.const 20))
          (func (export "place") (result i32) (i32.add (global.get $memory_base) (i32.const 8)))
          (data (global.get $memory_base) "library")`
      }
    ]);
    expect(linked.exports.map(({ data }) => data)).toEqual([
      { first: MEMORY_BASE },
      { first: MEMORY_BASE + 1024 + 4, second: MEMORY_BASE + 1024 + 20 }
    ]);
    const { of, memory } = run(linked);
    expect(of(1, 'place')()).toBe(MEMORY_BASE + 1024 + 8);
    // A snapshot of the memory holds it already.
    expect(memory.subarray(MEMORY_BASE).every(byte => byte === 0)).toBe(true);
  });

  test('have the addresses of symbols as numbers', () => {
    const linked = link(
      [
        {
          imports: `
            (import "GOT.mem" "text" (global $text (mut i32)))
            (import "GOT.func" "double" (global $double (mut i32)))`,
          text: `
            (func (export "text") (result i32) (i32.add (global.get $text) (i32.const 2)))
            (func (export "double") (result i32) (global.get $double))`
        }
      ],
      {
        addresses: new Map([
          ['text', 500],
          ['double', 3]
        ])
      }
    );
    const module = new WebAssembly.Module(linked.bytes as BufferSource);
    const globals = WebAssembly.Module.imports(module).filter(
      ({ kind }) => kind === 'global'
    );
    expect(globals).toEqual([]);
    const { of } = run(linked);
    expect([of(0, 'text')(), of(0, 'double')()]).toEqual([502, 3]);
  });

  test('have their functions where slots say, beside the runtime’s', () => {
    const linked = link(
      [
        {
          text: `
            (func (export "one") (result i32) (i32.const 1))
            (func (export "two") (result i32) (i32.const 2))`
        }
      ],
      {
        slots: [
          { index: TABLE_BASE + 40, origin: { module: 0, name: 'two' } },
          { index: TABLE_BASE + 20, origin: { module: 0, name: 'one' } },
          { index: TABLE_BASE + 21, origin: { module: RUNTIME, name: 'same' } },
          { index: TABLE_BASE + 22, origin: { module: 0, name: 'two' } }
        ]
      }
    );
    const { table } = run(linked);
    const found = [20, 21, 22, 40].map(index => call(table, TABLE_BASE + index));
    expect(found).toEqual([1, 100, 2, 2]);
    expect(table.get(TABLE_BASE + 23)).toBe(null);
  });

  test('refer to functions that are in no table', () => {
    const { of } = run(
      link([
        {
          text: `
            (func $one (export "one") (result i32) (i32.const 1))
            (func (export "is_null") (result i32) (ref.is_null (ref.func $one)))`
        }
      ])
    );
    expect(of(0, 'is_null')()).toBe(0);
  });
});

describe('what nobody has when it is linked', () => {
  /** The part of Emscripten's linker that is asked. */
  function emscripten(functions: Record<string, SymbolFunction>): ILinker {
    return {
      GOT: {},
      resolveGlobalSymbol: (symbol: string) => ({ sym: functions[symbol] })
    } as unknown as ILinker;
  }

  test('a function cannot be called until someone brings it', () => {
    const linked = link([
      {
        imports: '(import "env" "later" (func $later (param i32) (result i32)))',
        text: '(func (export "ask") (result i32) (call $later (i32.const 5)))',
        symbols: { later: 'late' }
      },
      {
        imports: '(import "env" "later" (func $later (param i32) (result i32)))',
        text: '(func (export "ask_too") (result i32) (call $later (i32.const 6)))',
        symbols: { later: 'late' }
      }
    ]);
    const brought: Record<string, SymbolFunction> = {};
    const { of } = run(linked, lateImports(emscripten(brought)));
    expect(() => of(0, 'ask')()).toThrow(
      'Dynamic linking error: cannot resolve symbol later'
    );
    brought.later = ((n: number) => n * 10) as SymbolFunction;
    expect([of(0, 'ask')(), of(1, 'ask_too')()]).toEqual([50, 60]);
  });

  test('an address is 0 until someone brings it', () => {
    const asks = (kind: string): ILibrary => ({
      imports: `(import "GOT.${kind}" "later" (global $later (mut i32)))`,
      text: '(func (export "ask") (result i32) (i32.add (global.get $later) (i32.const 1)))'
    });
    const linker = emscripten({});
    const { of } = run(link([asks('mem'), asks('func')]), lateImports(linker));
    expect([of(0, 'ask')(), of(1, 'ask')()]).toEqual([1, 1]);
    linker.GOT.later.value = 640;
    expect([of(0, 'ask')(), of(1, 'ask')()]).toEqual([641, 641]);
  });

  test('an address that is in the linker’s table already is that one', () => {
    const linker = emscripten({});
    linker.GOT.later = new WebAssembly.Global({ value: 'i32', mutable: true }, 64);
    const { of } = run(
      link([
        {
          imports: '(import "GOT.mem" "later" (global $later (mut i32)))',
          text: '(func (export "ask") (result i32) (global.get $later))'
        }
      ]),
      lateImports(linker)
    );
    expect(of(0, 'ask')()).toBe(64);
  });
});

describe('the start of a library', () => {
  /** As lld writes it: addresses that are no constants for it, and memory that is to be zero. */
  const START = `
    (global $where (mut i32) (i32.const 0))
    (global $what (mut i32) (i32.const 0))
    (func $start (local i32)
      (global.set $where (i32.add (global.get $memory_base) (i32.const 8)))
      (global.set $what (i32.add (global.get $table_base) (i32.const 1)))
      (local.set 0 (i32.add (global.get $memory_base) (i32.const 64)))
      (memory.fill (local.tee 0 (local.get 0)) (i32.const 0) (i32.const 16))
      (i32.store offset=80 (global.get $memory_base) (i32.const 0))
      (i64.store offset=88 (global.get $memory_base) (i64.const 0))
      (i32.store8 offset=96 (global.get $memory_base) (i32.const 0))
      (i32.store16 offset=98 (global.get $memory_base) (i32.const 0)))
    (start $start)`;

  test('has been: the addresses that it computes are there, the memory is not cleared', () => {
    const linked = link([
      {
        text: `${START}
          (func (export "where") (result i32) (global.get $where))
          (func (export "what") (result i32) (global.get $what))
          (func (export "again") (call $start))
          (func (export "poke")
            (memory.fill (global.get $memory_base) (i32.const 9) (i32.const 128)))`
      }
    ]);
    const { of, memory } = run(linked);
    expect(of(0, 'where')()).toBe(MEMORY_BASE + 8);
    expect(of(0, 'what')()).toBe(TABLE_BASE + 1);
    of(0, 'poke')();
    of(0, 'again')();
    const data = memory.subarray(MEMORY_BASE, MEMORY_BASE + 128);
    expect(data.every(byte => byte === 9)).toBe(true);
  });

  test.each([
    ['calls', '(call $other)'],
    ['reads memory', '(global.set $where (i32.load (global.get $memory_base)))'],
    ['decides', '(if (i32.const 1) (then (global.set $where (i32.const 4))))'],
    ['moves the stack', '(global.set $stack (i32.const 16))'],
    ['goes on from the stack', '(global.set $where (global.get $stack))'],
    ['copies memory', '(memory.copy (i32.const 0) (i32.const 8) (i32.const 8))']
  ])('is refused where it %s', (_, instruction) => {
    const attempt = () =>
      link([
        {
          text: `
            (global $where (mut i32) (i32.const 0))
            (func $other)
            (func $start ${instruction})
            (start $start)`
        }
      ]);
    expect(attempt).toThrow(ModuleError);
    expect(attempt).toThrow('library 0 does more than expected when it starts');
  });

  test('is refused where a function changes what it has computed', () => {
    expect(() =>
      link([
        { text: '' },
        {
          text: `${START}
            (func (export "change") (global.set $where (i32.const 1)))`
        }
      ])
    ).toThrow(/^library 1 changes its global \d+, whose value cannot be known$/);
  });
});

describe('a library is refused', () => {
  const refused = (libraries: ILibrary[]) => {
    const error = caught(() => link(libraries));
    expect(error).toBeInstanceOf(ModuleError);
    return (error as Error).message;
  };

  test.each([
    ['are passive', '(elem func $f)', 1],
    ['are declared', '(elem declare func $f)', 3],
    ['are expressions', '(elem (i32.const 0) funcref (ref.null func))', 4]
  ])('whose functions for the table %s', (_, text, flags) => {
    expect(refused([{ text: `(func $f) ${text}` }])).toBe(
      `library 0 fills the table in the way ${flags}`
    );
  });

  test('whose functions for the table have no constant place', () => {
    expect(
      refused([
        {
          imports: '(import "GOT.mem" "later" (global $later i32))',
          text: '(func $f) (elem (global.get $later) $f)'
        }
      ])
    ).toBe('where library 0 fills the table is not a constant');
  });

  test('that imports a function as one of another type', () => {
    expect(
      refused([
        {
          imports: '(import "env" "double" (func (param i64) (result i32)))',
          text: '',
          symbols: { double: { module: RUNTIME, name: 'double' } }
        }
      ])
    ).toBe('library 0 imports double as a function of another type than it has');
  });

  test('whose functions change a global: what is in it is not in the memory', () => {
    expect(
      refused([
        {
          text: `
            (global $count (export "count") (mut i32) (i32.const 0))
            (func (export "change") (global.set $count (i32.const 1)))`
        }
      ])
    ).toMatch(/^library 0 changes its global \d+, whose value cannot be known$/);
  });

  test.each([
    ['a number that is no address', '(global (export "pi") f64 (f64.const 3))', 'pi'],
    ['what is the runtime’s', '(export "stack" (global $stack))', 'stack']
  ])('that exports %s', (_, text, name) => {
    expect(refused([{ text }])).toBe(
      `library 0 exports ${name}, which is not a constant`
    );
  });

  test.each(['(export "mine" (memory 0))', '(export "mine" (table 0))'])(
    'that exports what is neither a function nor a constant: %s',
    text => {
      expect(refused([{ text }])).toBe('library 0 exports mine, which is no function');
    }
  );

  test('that copies its data itself', () => {
    expect(
      refused([
        {
          text: `
            (data $text "text")
            (func (memory.init $text (i32.const 0) (i32.const 0) (i32.const 4)))`
        }
      ])
    ).toBe('library 0 copies its data itself');
  });

  test.each([
    ['a global', '(import "env" "nowhere" (global i32))'],
    ['a tag', '(import "env" "nowhere" (tag (param i32)))']
  ])('that imports %s which the runtime does not have', (_, imports) => {
    expect(refused([{ imports, text: '' }])).toBe(
      'library 0 imports nowhere, which the runtime does not have'
    );
  });

  test('that imports a function which its module does not have', () => {
    const imports = '(import "env" "nowhere" (func))';
    const symbols = { nowhere: { module: 1, name: 'nowhere' } };
    expect(refused([{ imports, text: '', symbols }, { text: '' }])).toBe(
      'there is no function nowhere in module 1'
    );
  });

  test('that is no module', () => {
    const bytes = assemble('(module (func))').subarray(0, -2);
    expect(() =>
      linkModules({
        runtime,
        libraries: [{ bytes, memoryBase: 0, tableBase: 0, resolve: () => 'host' }],
        addresses: new Map(),
        appended: [],
        slots: []
      })
    ).toThrow('library 0 is not understood: the module ends too early');
  });

  test('that has an instruction which is not known, by its name', () => {
    const bytes = assemble('(module (func (drop (i32.const 77))))');
    // In place of the constant.
    bytes.set([0xfb, 0], bytes.lastIndexOf(0x41));
    expect(() =>
      linkModules({
        runtime,
        libraries: [{ bytes, memoryBase: 0, tableBase: 0, resolve: () => 'host' }],
        addresses: new Map(),
        appended: [],
        slots: []
      })
    ).toThrow('library 0 is not understood: the instruction 0xfb is not known');
  });
});

describe('the runtime in what is linked', () => {
  const library: ILibrary = {
    text: `
      (func $one (export "one") (result i32) (i32.const 1))
      (elem (global.get $table_base) $one)
      (data (global.get $memory_base) "library")`
  };

  test('is as it was but for its data, as long as the libraries are not put into the table', () => {
    const plain = instantiate(runtime);
    const linked = instantiate(link([library, library]).bytes);
    expect(Object.keys(linked)).toEqual([...Object.keys(plain), EXPORTS]);
    const [one, other] = [plain, linked].map(exports => {
      const table = exports.__indirect_function_table as WebAssembly.Table;
      const call = (name: string, ...args: number[]) =>
        (exports[name] as Call)(...args);
      return {
        table: Array.from({ length: table.length }, (_, index) => !!table.get(index)),
        stack: (exports.__stack_pointer as WebAssembly.Global).value as number,
        results: [
          call('double', 4),
          call('call', 1),
          call('from_host'),
          call('same'),
          call('count'),
          call('count')
        ],
        grown: (exports.memory as WebAssembly.Memory).grow(1)
      };
    });
    expect(other).toEqual(one);
    expect(one.results).toEqual([8, 7, 1000, 100, 6, 7]);
    expect(() => (linked.call as Call)(2)).toThrow(WebAssembly.RuntimeError);
  });

  test('puts nothing into a table that is too short', () => {
    const exports = instantiate(link([library]).bytes);
    const functions = exports[EXPORTS] as WebAssembly.Table;
    expect(() => (functions.get(0) as () => void)()).toThrow(WebAssembly.RuntimeError);
  });

  test('keeps what a library says it is', () => {
    const text = RUNTIME_TEXT.replace('(module', '(module (@custom "dylink.0" "abc")');
    const { bytes } = link([library], { runtime: assemble(text) });
    const module = new WebAssembly.Module(bytes as BufferSource);
    const [section] = WebAssembly.Module.customSections(module, 'dylink.0');
    expect(new TextDecoder().decode(section)).toBe('abc');
  });

  test.each([
    ['fills the table as is not expected', '(elem func $seven)', 'in the way 1'],
    ['has a start function', '(func $start) (start $start)', 'has a start function'],
    [
      'copies its data itself',
      `(data $text "text")
       (func (memory.init $text (i32.const 0) (i32.const 0) (i32.const 4)))`,
      'copies its data itself'
    ]
  ])('is refused where it %s', (_, text, message) => {
    const other = assemble(RUNTIME_TEXT.replace(/\)\s*$/, `${text})`));
    const error = caught(() => link([library], { runtime: other }));
    expect(error).toBeInstanceOf(ModuleError);
    expect((error as Error).message).toMatch(`the runtime`);
    expect((error as Error).message).toContain(message);
  });

  test('has its functions in the table that it is told of, behind its own', () => {
    const { table } = run(link([library], { appended: ['same', 'from_host'] }));
    expect([4, 5].map(index => call(table, index))).toEqual([100, 1000]);
    expect(call(table, 1)).toBe(7);
    expect(call(table, TABLE_BASE)).toBe(1);
  });

  test('has functions of the host in the table where their addresses say, which are constants', () => {
    const text = RUNTIME_TEXT.replace(
      '(memory',
      '(import "GOT.func" "next" (global $next (mut i32)))\n' +
        '(func (export "address") (result i32) (global.get $next)) (memory'
    );
    const linked = link([library], {
      runtime: assemble(text),
      addresses: new Map([['next', 5]]),
      appended: ['same', { name: 'next', type: functionType('ii') }]
    });
    const host = { env: { ...HOST.env, next: (number: number) => number + 1 } };
    const { table, runtime } = run(linked, host);
    expect(runtime('address')()).toBe(5);
    expect((table.get(5) as Call)(41)).toBe(42);
    expect(call(table, 4)).toBe(100);
  });
});

test('all libraries of the course are linked into the real runtime, each with what it exports', async () => {
  const libraries = [...(await courseLibraries())];
  const linked = linkModules({
    runtime: runtimeWasm(),
    libraries: libraries.map(([, bytes], index) => ({
      bytes,
      memoryBase: 2 ** 24 + index * 2 ** 20,
      tableBase: 20_000 + index * 10_000,
      resolve: () => 'late'
    })),
    addresses: new Map(),
    appended: [],
    slots: []
  });
  const module = await WebAssembly.compile(linked.bytes as BufferSource);
  expect(WebAssembly.Module.exports(module).at(-1)).toMatchObject({ name: EXPORTS });
  libraries.forEach(([path, bytes], index) => {
    const exports = WebAssembly.Module.exports(
      new WebAssembly.Module(bytes as BufferSource)
    );
    const named = (kind: string) =>
      exports.filter(one => one.kind === kind).map(({ name }) => name);
    const { functions, data } = linked.exports[index];
    expect(Object.keys(functions), path).toEqual(named('function'));
    expect(Object.keys(data), path).toEqual(named('global'));
  });
});
