/** What waits for an answer. */
const held = new Set<object>();

/**
 * Ask something of a file or a folder of the origin private file system, and hold it until it answers.
 *
 * Chromium never answers when it has collected the object as garbage meanwhile, which it may as soon as nothing refers to it:
 * in `await (await folder.getFileHandle(name)).createSyncAccessHandle()` nothing does, and tools that make code small
 * write that where a variable is used once.
 */
export async function hold<H extends object, T>(
  handle: H,
  ask: (handle: H) => Promise<T>
): Promise<T> {
  const reference = { handle };
  held.add(reference);
  try {
    return await ask(handle);
  } finally {
    held.delete(reference);
  }
}
