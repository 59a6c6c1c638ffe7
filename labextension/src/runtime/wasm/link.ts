import { ByteReader, ByteWriter } from './bytes';
import { constantGlobals, evaluate, skipExpression } from './constants';
import type { IRenumbering, NewGlobal } from './instructions';
import { InstructionCopier, UnknownInstruction } from './instructions';
import {
  EXPORTS,
  LATE_ADDRESSES,
  LATE_FUNCTIONS,
  MEMORY,
  MEMORY_MODULE
} from './names';
import { ModuleWriter } from './module-writer';
import type { IImport, IModule } from './parse';
import {
  FUNCTION_TYPE,
  I32,
  Kind,
  ModuleError,
  importedFunctions,
  parseModule
} from './parse';

/** Index of the runtime among the modules. */
export const RUNTIME = -1;

/** A function that a module exports: the runtime, or a library by its index. */
export interface IOrigin {
  module: number;
  name: string;
}

/**
 * Where a function that a library imports is: with another module; with the host, which gives it to the runtime under the
 * same name; or not known yet.
 */
export type Resolution = IOrigin | 'host' | 'late';

/** A library, and where it lies. */
export interface ILinkable {
  bytes: Uint8Array;
  memoryBase: number;
  tableBase: number;
  resolve(symbol: string): Resolution;
}

/** A function that the host gives to the runtime. */
export interface IHostFunction {
  name: string;
  /** Its type as WebAssembly has it in a section of types. */
  type: Uint8Array;
}

export interface ILinkInput {
  runtime: Uint8Array;
  libraries: readonly ILinkable[];
  /** Addresses of symbols; those that nobody has are left out. */
  addresses: ReadonlyMap<string, number>;
  /** Functions that have the places in the table behind those that the runtime's file fills, from the start on. */
  appended: readonly (IHostFunction | string)[];
  /** Functions that have a place in the table beside those that their module gives them. */
  slots: readonly { index: number; origin: IOrigin }[];
}

/** What a library exports. */
export interface ILinkedExports {
  /** Where its functions are in the table of exports. */
  functions: Record<string, number>;
  /** Addresses of its data. */
  data: Record<string, number>;
}

export interface ILinked {
  bytes: Uint8Array;
  /** How large the memory may become, in pages. */
  maximum: number;
  exports: ILinkedExports[];
}

/** What the table of functions is exported as, in which their addresses count. */
const TABLE = '__indirect_function_table';

/** The section in which a runtime says what its linker needs to know. */
const DYLINK = 'dylink.0';

/** The type of an entry of the global offset table. */
const MUTABLE_ADDRESS = new Uint8Array([I32, 1]);

/** Where what the host gives is imported from. */
const HOST = 'env';

const FUNCREF = 0x70;
const ELEMENTS_OF_FUNCTIONS = 0;

/** A function without local variables that does nothing. */
const NO_BODY = new Uint8Array([0, 0x0b]);

/**
 * Link libraries into a copy of the runtime, as they lay in a kernel: one module, in which a call from one to another is a
 * call, an address is a constant, and which engines compile, and keep compiled, as a whole.
 *
 * It imports its memory, which can be filled before there is an instance; no data is in it. The libraries' part of the table
 * is filled when the first function of the table `EXPORTS` is called, until when it is the runtime and nothing else.
 *
 * @throws ModuleError when a library has something in it that cannot be linked so
 */
export function linkModules(input: ILinkInput): ILinked {
  return new Linking(input).run();
}

/** A module on its way into the linked one. */
interface IPart {
  name: string;
  module: IModule;
  library?: ILinkable;
  numbers: IRenumbering;
  /** Indexes of its functions and globals in the linked module. */
  functions: number[];
  globals: NewGlobal[];
  tags: number[];
  types: number[];
  firstElement: number;
  exports: Map<string, { kind: Kind; index: number }>;
}

class Linking {
  private readonly runtime: IPart;
  private readonly parts: IPart[];

  private readonly writer = new ModuleWriter();
  /** The body of the function that puts the libraries' functions into the table. */
  private readonly link = new ByteWriter();
  /** The functions of the table of exports; the first one comes last. */
  private readonly exported: number[] = [0];

  constructor(private readonly input: ILinkInput) {
    this.runtime = this.part('the runtime', input.runtime);
    if (this.runtime.module.start !== undefined) {
      throw new ModuleError('the runtime has a start function');
    }
    const libraries = input.libraries.map((library, index) =>
      this.part(`library ${index}`, library.bytes, library)
    );
    this.parts = [this.runtime, ...libraries];
  }

  run(): ILinked {
    for (const part of this.parts) {
      part.types.push(...part.module.types.map(type => this.writer.type(type)));
    }
    // What is imported has the first numbers, so all imports come before what is defined.
    const maximum = this.importMemory();
    for (const part of this.parts) this.import(part);
    for (const one of this.input.appended) {
      if (typeof one === 'object') this.importHostFunction(one);
    }
    for (const part of this.parts) this.define(part);
    for (const part of this.parts) this.importFromOthers(part);
    for (const part of this.parts) understand(part, () => this.defineGlobals(part));
    for (const part of this.parts) understand(part, () => this.addElements(part));
    const table = this.appendToTable();
    const code = this.code();
    const exports = this.parts.slice(1).map(part => this.libraryExports(part));
    this.fillSlots();
    return { bytes: this.assemble(table, code), maximum, exports };
  }

  private part(name: string, bytes: Uint8Array, library?: ILinkable): IPart {
    let module: IModule;
    try {
      module = parseModule(bytes);
    } catch (error) {
      throw new ModuleError(`${name} is not understood: ${(error as Error).message}`);
    }
    const part: IPart = {
      name,
      module,
      library,
      functions: [],
      globals: [],
      tags: [],
      types: [],
      firstElement: 0,
      exports: new Map(
        module.exports.map(({ name, kind, index }) => [name, { kind, index }])
      ),
      numbers: {
        type: index => part.types[index],
        func: index => part.functions[index],
        global: index => part.globals[index],
        setGlobal: index => {
          const global = part.globals[index];
          if ('index' in global) return global.index;
          throw new ModuleError(
            `${name} sets its global ${index}, which is a constant`
          );
        },
        tag: index => part.tags[index],
        element: index => part.firstElement + index,
        data: () => {
          throw new ModuleError(`${name} copies its data itself`);
        }
      }
    };
    return part;
  }

  /** What comes from the host: all that the runtime imports, and of the libraries what is from no other module. */
  private import(part: IPart): void {
    for (const one of part.module.imports) {
      const { kind, name } = one;
      if (!part.library) {
        this.importForRuntime(part, one);
      } else if (kind === Kind.Function) {
        const { resolve } = part.library;
        const resolution = resolve(name);
        part.functions.push(
          typeof resolution === 'object'
            ? -1
            : this.importFunction(one, importedType(part, one), resolution)
        );
      } else if (kind === Kind.Global) {
        part.globals.push(this.libraryGlobal(part, one));
      } else if (kind === Kind.Tag) {
        part.tags.push(this.runtimeExport(part, one));
      } else {
        // The one table or memory that there is.
        this.runtimeExport(part, one);
      }
    }
  }

  /** @returns how large it may become */
  private importMemory(): number {
    const { memories } = this.runtime.module;
    const reader = new ByteReader(memories[0] ?? new Uint8Array());
    if (memories.length !== 1 || reader.byte() !== 1) {
      throw new ModuleError('the runtime has no memory with a maximum');
    }
    reader.unsigned();
    this.writer.importMemory(MEMORY_MODULE, MEMORY, memories[0]);
    return reader.unsigned();
  }

  private importForRuntime(part: IPart, one: IImport): void {
    const { module, name, kind, description } = one;
    const bytes = description.bytes.subarray(description.at, description.end);
    switch (kind) {
      case Kind.Function: {
        const type = importedType(part, one);
        part.functions.push(this.writer.importFunction(module, name, type));
        return;
      }
      case Kind.Global:
        part.globals.push(
          this.offset(one) ?? { index: this.writer.importGlobal(module, name, bytes) }
        );
        return;
      default:
        throw new ModuleError(
          `the runtime imports ${name} from ${module}, which it should have itself`
        );
    }
  }

  private importHostFunction({ name, type }: IHostFunction): number {
    return this.writer.importFunction(HOST, name, this.writer.type(type));
  }

  private importFunction(
    { module, name }: IImport,
    type: number,
    resolution: 'host' | 'late'
  ): number {
    const from = resolution === 'host' ? module : LATE_FUNCTIONS;
    return this.writer.importFunction(from, name, type);
  }

  private libraryGlobal(part: IPart, one: IImport): NewGlobal {
    const { name } = one;
    const { memoryBase, tableBase } = part.library!;
    const offset = this.offset(one);
    if (offset) return offset;
    if (name === '__memory_base') return { value: memoryBase };
    if (name === '__table_base') return { value: tableBase };
    // Resolved once the runtime's own globals have numbers.
    return { index: -1 - this.runtimeExport(part, one) };
  }

  /** An entry of the global offset table, if it is one that a module imports. */
  private offset({ module, name }: IImport): NewGlobal | undefined {
    if (module !== 'GOT.mem' && module !== 'GOT.func') return undefined;
    const value = this.input.addresses.get(name);
    if (value !== undefined) return { value };
    return { index: this.writer.importGlobal(LATE_ADDRESSES, name, MUTABLE_ADDRESS) };
  }

  /** The index in the runtime of what it exports. */
  private runtimeExport({ name: importer }: IPart, { name, kind }: IImport): number {
    if (kind === Kind.Table || kind === Kind.Memory) return 0;
    const found = this.runtime.exports.get(name);
    if (found?.kind !== kind) {
      throw new ModuleError(
        `${importer} imports ${name}, which the runtime does not have`
      );
    }
    return found.index;
  }

  /** Give numbers to the functions and tags of a module. */
  private define(part: IPart): void {
    for (const type of part.module.functions) {
      part.functions.push(this.writer.defineFunction(part.types[type]));
    }
    if (part.library) part.tags = part.tags.map(index => this.runtime.tags[index]);
    for (const tag of part.module.tags) {
      const reader = new ByteReader(tag);
      const attribute = reader.byte();
      const type = part.types[reader.unsigned()];
      part.tags.push(this.writer.defineTag(attribute, type));
    }
  }

  /** The functions that a library imports from other modules, all of which have their numbers. */
  private importFromOthers(part: IPart): void {
    const { library } = part;
    if (!library) return;
    let index = 0;
    for (const one of part.module.imports) {
      const { name, kind } = one;
      if (kind !== Kind.Function) continue;
      if (part.functions[index] < 0) {
        const found = this.originOf(library.resolve(name) as IOrigin);
        if (this.writer.typeOf(found) !== importedType(part, one)) {
          throw new ModuleError(
            `${part.name} imports ${name} as a function of another type than it has`
          );
        }
        part.functions[index] = found;
      }
      index++;
    }
  }

  private originOf({ module, name }: IOrigin): number {
    const { exports, functions } = this.parts[module + 1];
    const found = exports.get(name);
    if (found?.kind !== Kind.Function) {
      throw new ModuleError(`there is no function ${name} in module ${module}`);
    }
    return functions[found.index];
  }

  private defineGlobals(part: IPart): void {
    const { library, module } = part;
    part.globals = part.globals.map(global =>
      'index' in global && global.index < 0
        ? this.runtime.globals[-1 - global.index]
        : global
    );
    const reader = new ByteReader(module.globals.bytes, module.globals.at);
    const constants = library
      ? constantGlobals(part.name, module, part.globals)
      : new Map<number, number>();
    const first = part.globals.length;
    reader.vector(position => {
      const constant = constants.get(first + position);
      if (constant !== undefined) {
        part.globals.push({ value: constant });
        reader.skip(2);
        skipExpression(reader);
        return;
      }
      const index = this.writer.defineGlobal(writer => {
        writer.byte(reader.byte());
        writer.byte(reader.byte());
        new InstructionCopier(reader, writer, part.numbers).expression();
      });
      part.globals.push({ index });
    });
  }

  private addElements(part: IPart): void {
    const { library, module } = part;
    part.firstElement = this.writer.segmentCount;
    const functions = () => reader.vector(() => part.functions[reader.unsigned()]);
    const reader = new ByteReader(module.elements.bytes, module.elements.at);
    reader.vector(() => {
      const flags = reader.unsigned();
      if (flags !== 0) {
        throw new ModuleError(`${part.name} fills the table in the way ${flags}`);
      }
      if (library) {
        const offset = evaluate(reader, index => {
          const global = part.globals[index];
          return 'value' in global ? global.value : undefined;
        });
        if (offset === undefined) {
          throw new ModuleError(`where ${part.name} fills the table is not a constant`);
        }
        this.addPassive(offset, functions());
      } else {
        this.writer.addSegment(writer => {
          writer.unsigned(0);
          new InstructionCopier(reader, writer, part.numbers).expression();
        }, functions);
      }
    });
  }

  /** Functions that are put into the table when the module is linked. */
  private addPassive(offset: number, functions: number[]): void {
    const segment = this.writer.addSegment(
      writer => {
        writer.unsigned(1);
        writer.byte(ELEMENTS_OF_FUNCTIONS);
      },
      () => functions
    );
    const { link } = this;
    for (const number of [offset, 0, functions.length]) {
      link.byte(0x41); // i32.const
      link.signed(number);
    }
    link.copy(new Uint8Array([0xfc, 12])); // table.init
    link.unsigned(segment);
    link.unsigned(0);
    link.copy(new Uint8Array([0xfc, 13])); // elem.drop
    link.unsigned(segment);
  }

  private fillSlots(): void {
    const slots = [...this.input.slots].sort((a, b) => a.index - b.index);
    for (let from = 0; from < slots.length;) {
      let to = from + 1;
      while (to < slots.length && slots[to].index === slots[to - 1].index + 1) to++;
      const functions = slots
        .slice(from, to)
        .map(({ origin }) => this.originOf(origin));
      this.addPassive(slots[from].index, functions);
      from = to;
    }
  }

  private code(): ByteWriter {
    const size = this.parts.reduce((sum, { module }) => {
      const { code } = module;
      return code.length ? sum + code.at(-1)!.end - code[0].at : sum;
    }, 0);
    const code = new ByteWriter(size + 2 ** 20);
    const body = new ByteWriter();
    for (const part of this.parts) {
      const { library, module, numbers } = part;
      const { start = NaN } = module;
      // What it does is done: globals are constants, and a snapshot holds the memory.
      const nothing = library ? start - importedFunctions(module) : NaN;
      for (const [position, { bytes, at, end }] of module.code.entries()) {
        if (position === nothing) {
          code.part(NO_BODY);
          continue;
        }
        body.clear();
        understand(part, () =>
          new InstructionCopier(new ByteReader(bytes, at, end), body, numbers).body()
        );
        code.part(body.bytes);
      }
    }
    return code;
  }

  private libraryExports(part: IPart): ILinkedExports {
    const functions: Record<string, number> = {};
    const data: Record<string, number> = {};
    for (const [name, { kind, index }] of part.exports) {
      if (kind === Kind.Function) {
        functions[name] = this.exported.length;
        this.exported.push(part.functions[index]);
      } else if (kind === Kind.Global) {
        const global = part.globals[index];
        if (!('value' in global)) {
          throw new ModuleError(
            `${part.name} exports ${name}, which is not a constant`
          );
        }
        data[name] = (global.value + part.library!.memoryBase) | 0;
      } else {
        throw new ModuleError(`${part.name} exports ${name}, which is no function`);
      }
    }
    return { functions, data };
  }

  /** @returns what the runtime's table is then */
  private appendToTable(): Uint8Array {
    const [first = new Uint8Array()] = this.runtime.module.tables;
    const reader = new ByteReader(first);
    if (this.runtime.exports.get(TABLE)?.index !== 0 || reader.byte() !== FUNCREF) {
      throw new ModuleError(
        'the first table of the runtime is not that of its functions'
      );
    }
    const flags = reader.byte();
    const length = reader.unsigned();
    const functions = this.input.appended.map(one =>
      typeof one === 'object'
        ? this.importHostFunction(one)
        : this.originOf({ module: RUNTIME, name: one })
    );
    this.addActive(0, length, functions);
    const table = new ByteWriter();
    table.byte(FUNCREF);
    table.byte(flags);
    table.unsigned(length + functions.length);
    if (flags & 1) table.unsigned(reader.unsigned());
    return table.bytes;
  }

  /** Functions that are in a table from the start on. */
  private addActive(table: number, offset: number, functions: number[]): void {
    this.writer.addSegment(
      writer => {
        writer.unsigned(2);
        writer.unsigned(table);
        writer.byte(0x41); // i32.const
        writer.signed(offset);
        writer.byte(0x0b);
        writer.byte(ELEMENTS_OF_FUNCTIONS);
      },
      () => functions
    );
  }

  private assemble(table: Uint8Array, code: ByteWriter): Uint8Array {
    const { writer } = this;
    const { module } = this.runtime;
    // The function that links comes last.
    const nothing = writer.type(new Uint8Array([FUNCTION_TYPE, 0, 0]));
    this.exported[0] = writer.defineFunction(nothing);
    const body = new ByteWriter();
    body.byte(0);
    body.copy(this.link.bytes);
    body.byte(0x0b);
    code.part(body.bytes);

    this.addActive(module.tables.length, 0, this.exported);

    const limit = this.exported.length;
    const exported = new ByteWriter();
    exported.byte(FUNCREF);
    exported.byte(1);
    exported.unsigned(limit);
    exported.unsigned(limit);
    const dylink = module.custom.get(DYLINK) ?? new Uint8Array();
    return writer.finish({
      custom: new Map([[DYLINK, dylink]]),
      tables: [table, ...module.tables.slice(1), exported.bytes],
      exports: { count: module.exports.length + 1, bytes: this.exportSection() },
      code: code.bytes
    });
  }

  private exportSection(): Uint8Array {
    const { module, functions, globals, tags } = this.runtime;
    const writer = new ByteWriter();
    for (const { name, kind, index } of module.exports) {
      writer.text(name);
      writer.byte(kind);
      switch (kind) {
        case Kind.Function:
          writer.unsigned(functions[index]);
          break;
        case Kind.Global:
          writer.unsigned((globals[index] as { index: number }).index);
          break;
        case Kind.Tag:
          writer.unsigned(tags[index]);
          break;
        default:
          writer.unsigned(index);
      }
    }
    writer.text(EXPORTS);
    writer.byte(Kind.Table);
    writer.unsigned(this.runtime.module.tables.length);
    return writer.bytes;
  }
}

/** @throws ModuleError, with its name, when a module has an instruction that is not known, or ends within one */
function understand({ name }: IPart, work: () => void): void {
  try {
    work();
  } catch (error) {
    const known = error instanceof UnknownInstruction || error instanceof RangeError;
    if (!known) throw error;
    throw new ModuleError(`${name} is not understood: ${error.message}`);
  }
}

/** The type of a function that a module imports. */
function importedType({ types }: IPart, { description }: IImport): number {
  return types[new ByteReader(description.bytes, description.at).unsigned()];
}
