import { ByteReader } from './bytes';

/** The kinds of what a module imports and exports. */
export const enum Kind {
  Function,
  Table,
  Memory,
  Global,
  Tag
}

/** The sections of a module, by their numbers. */
export const enum Section {
  Custom = 0,
  Type = 1,
  Import = 2,
  Function = 3,
  Table = 4,
  Memory = 5,
  Global = 6,
  Export = 7,
  Start = 8,
  Element = 9,
  Code = 10,
  Data = 11,
  DataCount = 12,
  Tag = 13
}

export interface IImport {
  module: string;
  name: string;
  kind: Kind;
  /** What follows the kind. */
  description: ByteReader;
}

export interface IExport {
  name: string;
  kind: Kind;
  index: number;
}

/** A part of a module, as it is. */
export type Bytes = Uint8Array;

/** A module of WebAssembly, taken apart: what refers to something else is read, anything else is bytes. */
export interface IModule {
  /** Each is one function's type where the module has no other kinds of types. */
  types: Bytes[];
  imports: IImport[];
  /** The type of each function that is defined here. */
  functions: number[];
  tables: Bytes[];
  memories: Bytes[];
  tags: Bytes[];
  /** Each with its type and its value. */
  globals: ByteReader;
  exports: IExport[];
  start: number | undefined;
  elements: ByteReader;
  /** A body each, without its length. */
  code: ByteReader[];
  /** By their names. */
  custom: Map<string, Bytes>;
}

/** A module that is not understood here. */
export class ModuleError extends Error {
  override name = 'ModuleError';
}

const PREAMBLE = 8;

/** The type of an address. */
export const I32 = 0x7f;

/** What the type of a function begins with. */
export const FUNCTION_TYPE = 0x60;

/** An empty vector. */
const NOTHING = new Uint8Array([0]);

/**
 * Take a module apart.
 *
 * @throws ModuleError, or RangeError when the bytes end too early
 */
export function parseModule(bytes: Uint8Array): IModule {
  const sections = new Map<Section, ByteReader>();
  const custom = new Map<string, Bytes>();
  const reader = new ByteReader(bytes, PREAMBLE);
  while (!reader.done) {
    const id = reader.byte();
    const section = reader.part();
    if (id === Section.Custom) {
      const name = section.text();
      custom.set(name, bytes.subarray(section.at, section.end));
    } else {
      sections.set(id, section);
    }
  }
  const section = (id: Section) => sections.get(id) ?? new ByteReader(NOTHING);
  const slices = (id: Section, skip: (reader: ByteReader) => void): Bytes[] => {
    const reader = section(id);
    return reader.vector(() => {
      const start = reader.at;
      skip(reader);
      return bytes.subarray(start, reader.at);
    });
  };
  return {
    types: slices(Section.Type, skipType),
    imports: readImports(section(Section.Import)),
    functions: readNumbers(section(Section.Function)),
    tables: slices(Section.Table, skipTable),
    memories: slices(Section.Memory, skipLimits),
    tags: slices(Section.Tag, skipTag),
    globals: section(Section.Global),
    exports: readExports(section(Section.Export)),
    start: sections.get(Section.Start)?.unsigned(),
    elements: section(Section.Element),
    code: readParts(section(Section.Code)),
    custom
  };
}

/** How many functions a module imports: those that it defines have the numbers after these. */
export function importedFunctions({ imports }: IModule): number {
  return imports.filter(({ kind }) => kind === Kind.Function).length;
}

function readNumbers(reader: ByteReader): number[] {
  return reader.vector(() => reader.unsigned());
}

function readParts(reader: ByteReader): ByteReader[] {
  return reader.vector(() => reader.part());
}

function readImports(reader: ByteReader): IImport[] {
  return reader.vector(() => {
    const module = reader.text();
    const name = reader.text();
    const kind = reader.byte() as Kind;
    const start = reader.at;
    skipDescription(reader, kind);
    const description = new ByteReader(reader.bytes, start, reader.at);
    return { module, name, kind, description };
  });
}

function readExports(reader: ByteReader): IExport[] {
  return reader.vector(() => ({
    name: reader.text(),
    kind: reader.byte() as Kind,
    index: reader.unsigned()
  }));
}

function skipDescription(reader: ByteReader, kind: Kind): void {
  switch (kind) {
    case Kind.Function:
      return reader.skipNumber();
    case Kind.Table:
      return skipTable(reader);
    case Kind.Memory:
      return skipLimits(reader);
    case Kind.Global:
      skipValueType(reader);
      return reader.skip(1);
    case Kind.Tag:
      return skipTag(reader);
  }
}

/** Only types of functions: others would have to be put together with those that they refer to. */
function skipType(reader: ByteReader): void {
  const form = reader.byte();
  if (form !== FUNCTION_TYPE) {
    throw new ModuleError(`it has a type of the form 0x${form.toString(16)}`);
  }
  reader.vector(() => skipValueType(reader));
  reader.vector(() => skipValueType(reader));
}

function skipValueType(reader: ByteReader): void {
  const type = reader.byte();
  if (type === 0x63 || type === 0x64) {
    throw new ModuleError('it has references to types of its own');
  }
}

function skipTable(reader: ByteReader): void {
  skipValueType(reader);
  skipLimits(reader);
}

function skipLimits(reader: ByteReader): void {
  const flags = reader.byte();
  reader.skipNumber();
  if (flags & 1) reader.skipNumber();
}

function skipTag(reader: ByteReader): void {
  reader.skip(1);
  reader.skipNumber();
}
