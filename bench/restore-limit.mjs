// The least that a restore can cost: the same bytes decoded, compiled, instantiated and copied once, and nothing else.
// Runs in Node and in workers.

const PAGE = 65536;

/** Something of the right kind for each import of a module; nothing of it is called. */
function stubs(module, given) {
  const imports = {};
  for (const { module: space, name, kind } of WebAssembly.Module.imports(module)) {
    const values = {
      function: () => 0,
      global: new WebAssembly.Global({ value: 'i32', mutable: true }, 0),
      memory: given.memory,
      table: given.table
    };
    if (kind === 'tag') values.tag = given.tags?.[name] ?? new WebAssembly.Tag({ parameters: ['i32'] });
    (imports[space] ??= {})[name] = given[name] ?? values[kind];
  }
  return imports;
}

/**
 * @param runtime - Pyodide's WebAssembly, compiled or on its way.
 * @param libraries - The same of the libraries.
 * @param size - Of the memory, in bytes.
 * @param fill - Is given the memory, once; writes the pieces to their places.
 * @returns milliseconds of the steps that one thread waits for
 */
export async function limit({ runtime, libraries, size, fill }) {
  const times = {};
  let last = performance.now();
  const lap = step => {
    times[step] = performance.now() - last;
    last = performance.now();
  };
  const module = await runtime;
  lap('fetch and compile');
  const { exports } = await WebAssembly.instantiate(module, stubs(module, {}));
  const { memory, __indirect_function_table: table } = exports;
  memory.grow(Math.max(0, Math.ceil((size - memory.buffer.byteLength) / PAGE)));
  lap('instantiate');
  const filled = fill(memory);
  const modules = await libraries;
  lap('libraries');
  const given = { memory, table, __memory_base: 1024, __table_base: 0, tags: exports };
  for (const module of modules) new WebAssembly.Instance(module, stubs(module, given));
  lap('link');
  await filled;
  lap('memory');
  return times;
}
