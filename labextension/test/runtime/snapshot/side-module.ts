/** The smallest compiled libraries there can be, without a compiler: one exported function that returns a number. */
export interface ISideModule {
  /** The function, of type `() -> i32`. */
  exports: string;
  /** What it returns: a number (0 to 63), or what a function of another library does. */
  returns: number | string;
  /** Names of libraries that it needs. */
  needed?: string[];
}

const I32 = 0x7f;
const [CUSTOM, TYPE, IMPORT, FUNCTION, EXPORT, CODE] = [0, 1, 2, 3, 7, 10];
const [MEMORY_INFO, NEEDED] = [1, 2];

const text = (value: string) => {
  const bytes = [...new TextEncoder().encode(value)];
  return [bytes.length, ...bytes];
};
const sized = (bytes: number[]) => [bytes.length, ...bytes];
const vector = (items: number[][]) => [items.length, ...items.flat()];

/**
 * The bytes of a side module as Emscripten loads it.
 *
 * Source of the section `dylink.0`: "Dynamic Linking" of WebAssembly's tool conventions.
 */
export function sideModule({ exports, returns, needed = [] }: ISideModule): Uint8Array {
  const imported = typeof returns === 'string';
  const dylink = [
    ...[MEMORY_INFO, ...sized([0, 0, 0, 0])],
    ...[NEEDED, ...sized(vector(needed.map(text)))]
  ];
  const imports = imported ? [[...text('env'), ...text(returns), 0, 0]] : [];
  const body = imported ? [0x10, 0] : [0x41, returns];
  const sections: [number, number[]][] = [
    [CUSTOM, [...text('dylink.0'), ...dylink]],
    [TYPE, vector([[0x60, ...vector([]), ...vector([[I32]])]])],
    [IMPORT, vector(imports)],
    [FUNCTION, vector([[0]])],
    [EXPORT, vector([[...text(exports), 0, imports.length]])],
    [CODE, vector([sized([...vector([]), ...body, 0x0b])])]
  ];
  const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([
    ...magic,
    ...sections.flatMap(([id, bytes]) => [id, ...sized(bytes)])
  ]);
}

/** Python that writes libraries where Pyodide looks for them, each under its name. */
export function writing(libraries: Record<string, ISideModule>): string {
  const files = Object.entries(libraries).map(
    ([name, module]) =>
      `open("/usr/lib/${name}", "wb").write(bytes.fromhex("${Buffer.from(sideModule(module)).toString('hex')}"))`
  );
  return [
    'import ctypes, os, sys',
    'os.makedirs("/usr/lib", exist_ok=True)',
    ...files
  ].join('\n');
}
