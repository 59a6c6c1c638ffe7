import { ByteReader, ByteWriter } from './bytes';
import type { NewGlobal } from './instructions';
import { InstructionCopier, SAME } from './instructions';
import type { IModule } from './parse';
import { I32, ModuleError, importedFunctions } from './parse';

/**
 * The numbers in a library's own globals that never change: addresses, some of which its start function computes. What else
 * that does is to clear memory.
 *
 * @param name - Of the library, for messages.
 * @param imported - What the globals are that it imports.
 * @returns by the index of the global
 * @throws ModuleError when its start function does anything else
 */
export function constantGlobals(
  name: string,
  module: IModule,
  imported: readonly NewGlobal[]
): Map<number, number> {
  const values = new Map<number, number>();
  const known = (index: number): number | undefined => {
    const global = imported[index];
    if (global) return 'value' in global ? global.value : undefined;
    return values.get(index);
  };
  readInitial(module, imported.length, known, values);
  runStart(name, module, known, values);
  for (const index of globalsSet(module)) {
    // What an imported one holds is the runtime's matter.
    if (index >= imported.length) {
      throw new ModuleError(
        `${name} changes its global ${index}, whose value cannot be known`
      );
    }
  }
  return values;
}

type Known = (index: number) => number | undefined;

function readInitial(
  module: IModule,
  first: number,
  known: Known,
  values: Map<number, number>
): void {
  const reader = new ByteReader(module.globals.bytes, module.globals.at);
  reader.vector(position => {
    const type = reader.byte();
    reader.skip(1);
    const start = reader.at;
    const value = evaluate(reader, known);
    if (type === I32 && value !== undefined) {
      values.set(first + position, value);
    } else {
      reader.at = start;
      skipExpression(reader);
    }
  });
}

/** Compute what the start function puts into globals. */
function runStart(
  name: string,
  module: IModule,
  known: Known,
  values: Map<number, number>
): void {
  if (module.start === undefined) return;
  const found = module.code[module.start - importedFunctions(module)];
  const body = found && new ByteReader(found.bytes, found.at, found.end);
  // Its local variables: `evaluate` knows which have a value.
  body?.vector(() => {
    body.skipNumber();
    body.byte();
  });
  const done =
    body &&
    evaluate(
      body,
      known,
      (index, value) => values.has(index) && values.set(index, value)
    );
  if (done === undefined || !body.done) {
    throw new ModuleError(`${name} does more than expected when it starts`);
  }
}

/** The globals that the functions of a module set, but for its start function. */
function globalsSet(module: IModule): Set<number> {
  const { code, start = NaN } = module;
  const except = start - importedFunctions(module);
  const set = new Set<number>();
  const scratch = new ByteWriter();
  const numbers = { ...SAME, setGlobal: (index: number) => (set.add(index), index) };
  code.forEach(({ bytes, at, end }, position) => {
    if (position === except) return;
    scratch.clear();
    new InstructionCopier(new ByteReader(bytes, at, end), scratch, numbers).body();
  });
  return set;
}

/** Go on behind a constant expression. */
export function skipExpression(reader: ByteReader): void {
  new InstructionCopier(reader, new ByteWriter(64), SAME).expression();
}

/**
 * Compute an expression in which addresses are added, and its effects on globals, but not those on memory.
 *
 * @param read - The number in a global, where that is known.
 * @param write - Whether a global may be set.
 * @returns what is left at the end, 0 for nothing; undefined when there is anything else in it
 */
export function evaluate(
  reader: ByteReader,
  read: (index: number) => number | undefined,
  write: (index: number, value: number) => unknown = () => false
): number | undefined {
  const stack: number[] = [];
  const locals = new Map<number, number>();
  while (!reader.done) {
    const opcode = reader.byte();
    switch (opcode) {
      case 0x41: // i32.const
        stack.push(reader.signed());
        break;
      case 0x6a: // i32.add
        stack.push((stack.pop()! + stack.pop()!) | 0);
        break;
      case 0x23: {
        // global.get
        const value = read(reader.unsigned());
        if (value === undefined) return undefined;
        stack.push(value);
        break;
      }
      case 0x24: // global.set
        if (!write(reader.unsigned(), stack.pop()!)) return undefined;
        break;
      case 0x20: {
        // local.get
        const value = locals.get(reader.unsigned());
        if (value === undefined) return undefined;
        stack.push(value);
        break;
      }
      case 0x21: // local.set
        locals.set(reader.unsigned(), stack.pop()!);
        break;
      case 0x22: // local.tee
        locals.set(reader.unsigned(), stack.at(-1)!);
        break;
      case 0x42: // i64.const, which is for memory only
        reader.skipNumber();
        stack.push(0);
        break;
      case 0x36: // i32.store
      case 0x37: // i64.store
      case 0x3a: // i32.store8
      case 0x3b: // i32.store16
        // What an optimizer makes of memory.fill where there is little to clear.
        reader.skipNumber();
        reader.skipNumber();
        stack.length -= 2;
        break;
      case 0xfc: // memory.fill, which has the second opcode 11
        if (reader.byte() !== 11 || reader.byte() !== 0) return undefined;
        stack.length -= 3;
        break;
      case 0x0b: // end
        return stack.pop() ?? 0;
      default:
        return undefined;
    }
  }
  return undefined;
}
