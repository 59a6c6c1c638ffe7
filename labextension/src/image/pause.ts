/** How long, in milliseconds, other messages may have to wait. */
const PATIENCE = 50;

/**
 * Lets other work of the thread be done every now and then: what is to be shown is shown, and what is to be
 * stopped hears of it.
 *
 * It gives way to macrotasks by a message, because browsers slow timers down.
 */
export class Pacer {
  private rested = performance.now();

  constructor(private readonly signal?: AbortSignal) {}

  /** Whether it is time for `rest`. */
  get tired(): boolean {
    return performance.now() - this.rested > PATIENCE;
  }

  /**
   * Let others work, if they had to wait for long.
   *
   * @throws the reason of the signal, once it is aborted.
   */
  async rest(): Promise<void> {
    if (this.tired) {
      await giveWay();
      this.rested = performance.now();
    }
    this.signal?.throwIfAborted();
  }
}

function giveWay(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
