import { ByteWriter } from './bytes';
import { Kind, Section } from './parse';

/** What every module begins with. */
const PREAMBLE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

/** What of a module is not written piece by piece. */
export interface IRest {
  /** Custom sections, which come first, by their names. */
  custom: ReadonlyMap<string, Uint8Array>;
  /** A type each. */
  tables: readonly Uint8Array[];
  /** How many there are, and what the section holds. */
  exports: { count: number; bytes: Uint8Array };
  /** The bodies of the functions that are defined, in the order of their numbers. */
  code: Uint8Array;
}

/**
 * A module that is written piece by piece; each piece is answered by its number.
 *
 * What is imported has the first numbers: all functions and globals that are, come before those that are defined.
 */
export class ModuleWriter {
  private readonly types = new ByteWriter();
  private readonly typeIndexes = new Map<string, number>();
  private readonly imports = new ByteWriter();
  private importCount = 0;
  private readonly importedFunctions = new Map<string, number>();
  private readonly importedGlobals = new Map<string, number>();
  private readonly functionTypes: number[] = [];
  private readonly tags = new ByteWriter();
  private tagCount = 0;
  private readonly globals = new ByteWriter();
  private globalCount = 0;
  private readonly segments = new ByteWriter();
  private _segmentCount = 0;

  /** How many segments of functions there are. */
  get segmentCount(): number {
    return this._segmentCount;
  }

  /** The same for equal types. */
  type(bytes: Uint8Array): number {
    const key = bytes.join();
    let index = this.typeIndexes.get(key);
    if (index === undefined) {
      index = this.typeIndexes.size;
      this.typeIndexes.set(key, index);
      this.types.copy(bytes);
    }
    return index;
  }

  /** The type of a function. */
  typeOf(index: number): number {
    return this.functionTypes[index];
  }

  /** The one memory. */
  importMemory(module: string, name: string, type: Uint8Array): void {
    this.addImport(module, name, Kind.Memory);
    this.imports.copy(type);
  }

  /** The same for the same function. */
  importFunction(module: string, name: string, type: number): number {
    const key = `${module} ${name} ${type}`;
    let index = this.importedFunctions.get(key);
    if (index === undefined) {
      index = this.functionTypes.push(type) - 1;
      this.importedFunctions.set(key, index);
      this.addImport(module, name, Kind.Function);
      this.imports.unsigned(type);
    }
    return index;
  }

  /** The same for the same global. */
  importGlobal(module: string, name: string, type: Uint8Array): number {
    const key = `${module} ${name}`;
    let index = this.importedGlobals.get(key);
    if (index === undefined) {
      index = this.importedGlobals.size;
      this.importedGlobals.set(key, index);
      this.addImport(module, name, Kind.Global);
      this.imports.copy(type);
    }
    return index;
  }

  /** Its body is a part of `IRest.code`. */
  defineFunction(type: number): number {
    return this.functionTypes.push(type) - 1;
  }

  defineTag(attribute: number, type: number): number {
    this.tags.byte(attribute);
    this.tags.unsigned(type);
    return this.tagCount++;
  }

  /** @param write - Its type, and the expression of its value. */
  defineGlobal(write: (writer: ByteWriter) => void): number {
    write(this.globals);
    return this.importedGlobals.size + this.globalCount++;
  }

  /**
   * Add a segment of functions, of which a table is filled.
   *
   * @param write - All that comes before the functions.
   * @returns its number
   */
  addSegment(write: (writer: ByteWriter) => void, functions: () => number[]): number {
    write(this.segments);
    const numbers = functions();
    this.segments.unsigned(numbers.length);
    for (const number of numbers) this.segments.unsigned(number);
    return this._segmentCount++;
  }

  finish({ custom, tables, exports, code }: IRest): Uint8Array {
    const writer = new ByteWriter(code.length + 8 * 2 ** 20);
    writer.copy(PREAMBLE);
    for (const [name, content] of custom) {
      const section = new ByteWriter();
      section.text(name);
      section.copy(content);
      writer.byte(Section.Custom);
      writer.part(section.bytes);
    }
    const section = (id: Section, count: number, content: Uint8Array) => {
      const head = new ByteWriter(8);
      head.unsigned(count);
      writer.byte(id);
      writer.unsigned(head.bytes.length + content.length);
      writer.copy(head.bytes);
      writer.copy(content);
    };
    const defined = this.functionTypes.slice(this.importedFunctions.size);
    const functions = new ByteWriter();
    for (const type of defined) functions.unsigned(type);
    const tableTypes = new ByteWriter();
    for (const table of tables) tableTypes.copy(table);
    section(Section.Type, this.typeIndexes.size, this.types.bytes);
    section(Section.Import, this.importCount, this.imports.bytes);
    section(Section.Function, defined.length, functions.bytes);
    section(Section.Table, tables.length, tableTypes.bytes);
    section(Section.Tag, this.tagCount, this.tags.bytes);
    section(Section.Global, this.globalCount, this.globals.bytes);
    section(Section.Export, exports.count, exports.bytes);
    section(Section.Element, this._segmentCount, this.segments.bytes);
    section(Section.Code, defined.length, code);
    return writer.bytes.slice();
  }

  private addImport(module: string, name: string, kind: Kind): void {
    this.importCount++;
    this.imports.text(module);
    this.imports.text(name);
    this.imports.byte(kind);
  }
}
