import wabt from 'wabt';

const { parseWat } = await wabt();

const FEATURES = {
  bulk_memory: true,
  exceptions: true,
  extended_const: true,
  function_references: true,
  multi_value: true,
  mutable_globals: true,
  reference_types: true,
  simd: true,
  tail_call: true,
  threads: true,
  annotations: true
};

/**
 * The bytes of a module that is written as text.
 *
 * @throws when it is no valid one
 */
export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const module = parseWat('test.wat', text, FEATURES);
  const bytes = module.toBinary({}).buffer.slice();
  module.destroy();
  // Says what is wrong with it, where something is.
  new WebAssembly.Module(bytes);
  return bytes;
}

/** An unsigned LEB128 number. */
export function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
}

/** A module of sections, each a number and its content. */
export function moduleOf(...sections: [id: number, content: number[]][]): Uint8Array {
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...sections.flatMap(([id, content]) => [id, ...leb(content.length), ...content])
  ]);
}
