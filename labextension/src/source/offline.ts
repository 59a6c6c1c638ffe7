/** Whether the browser says that there is no network; when it says that there is one, that may be untrue. */
export function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}
