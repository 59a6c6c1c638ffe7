// The least that a restore can cost: the same bytes decoded, compiled, instantiated and copied once, and nothing else.
// Runs in Node and in workers.

const PAGE = 65536;

/** Something of the right kind for each import of a module; nothing of it is called. */
function stubs(module, memory) {
  const imports = {};
  for (const { module: space, name, kind } of WebAssembly.Module.imports(module)) {
    const value = { memory, global: new WebAssembly.Global({ value: 'i32', mutable: true }, 0) }[kind];
    (imports[space] ??= {})[name] = value ?? (() => 0);
  }
  return imports;
}

/**
 * @param runtime - The linked runtime, compiled or on its way.
 * @param memory - What the header of the snapshot says of the memory: its size in bytes, how many pages it may have.
 * @param fill - Is given the memory, once; writes the pieces to their places, while the runtime is compiled.
 * @returns milliseconds of the steps that one thread waits for
 */
export async function limit({ runtime, memory: { size, maximum }, fill }) {
  const times = {};
  let last = performance.now();
  const lap = step => {
    times[step] = performance.now() - last;
    last = performance.now();
  };
  const memory = new WebAssembly.Memory({ initial: Math.ceil(size / PAGE), maximum });
  const filled = fill(memory);
  lap('memory');
  const module = await runtime;
  lap('fetch and compile');
  await WebAssembly.instantiate(module, stubs(module, memory));
  lap('instantiate');
  await filled;
  lap('rest of the memory');
  return times;
}
