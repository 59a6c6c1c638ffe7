import { FUNCTION_TYPE } from '../wasm/parse';

/** The types of WebAssembly that are meant by the letters of a signature; Emscripten's `wasmTypeCodes`. */
const TYPES: Record<string, number> = {
  i: 0x7f,
  p: 0x7f,
  j: 0x7e,
  f: 0x7d,
  d: 0x7c,
  e: 0x6f
};

/**
 * The type of a function, as WebAssembly has it in a section of types.
 *
 * @param signature - As Emscripten writes it: a letter for the result, `v` for none, and one for each parameter.
 */
export function functionType(signature: string): Uint8Array {
  const [result, ...parameters] = signature;
  const results = result === 'v' ? [] : [result];
  const types = (letters: string[]) => [
    letters.length,
    ...letters.map(letter => TYPES[letter])
  ];
  return new Uint8Array([FUNCTION_TYPE, ...types(parameters), ...types(results)]);
}
