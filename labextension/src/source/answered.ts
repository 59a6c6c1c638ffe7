/** How long a disk may take to answer one read, in milliseconds. */
const MOST = 30_000;

/**
 * What a Blob answers, or an error when it does not answer: Chromium may leave a read open for ever when the file
 * behind a Blob was cut short.
 */
export async function answered<T>(reading: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer in ${MOST / 1000} seconds`)),
      MOST
    );
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}
