/** Where the programs of a kernel's workers are. */
export interface IPrograms {
  start: URL;
  /** The kernel, in pages that are isolated and in others. */
  coincident: URL;
  comlink: URL;
  decoder: URL;
}

/**
 * Of each program there are two copies: one that JupyterLite's service worker leaves alone, because `/api/` is in its path,
 * and so arrives earlier; one for service workers that are to keep what they see.
 *
 * @param kept - Whether the page's service worker does.
 */
export function programs(kept: boolean): IPrograms {
  // Webpack finds these by their form; the query chooses a rule of its configuration.
  return kept
    ? {
        start: new URL('./start.worker.js', import.meta.url),
        coincident: new URL('./coincident.worker.js', import.meta.url),
        comlink: new URL('./comlink.worker.js', import.meta.url),
        decoder: new URL('./decoder.worker.js', import.meta.url)
      }
    : {
        start: new URL('./start.worker.js?direct', import.meta.url),
        coincident: new URL('./coincident.worker.js?direct', import.meta.url),
        comlink: new URL('./comlink.worker.js?direct', import.meta.url),
        decoder: new URL('./decoder.worker.js?direct', import.meta.url)
      };
}
