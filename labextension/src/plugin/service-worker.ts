import { PageConfig } from '@jupyterlab/coreutils';
import type { IServiceWorkerManager } from '@jupyterlite/apputils';

/** How long a kernel waits for the page's service worker, in milliseconds. */
const PATIENCE = 3000;

/**
 * Whether the page has a service worker, through which a kernel reaches the contents; registering takes a moment.
 *
 * It is registered before it takes over what is open already. Until then what a kernel asks of it goes to the server, which
 * knows nothing of that; so it does for ever in a page that was reloaded past its caches.
 */
export async function isControlled(
  manager: IServiceWorkerManager | null
): Promise<boolean> {
  if (!manager || !('serviceWorker' in navigator)) return false;
  const patience = new Promise<void>(resolve => setTimeout(resolve, PATIENCE));
  if (!manager.enabled) {
    await Promise.race([manager.ready, patience]).catch(() => undefined);
  }
  if (!manager.enabled) return false;
  await Promise.race([taken(navigator.serviceWorker), patience]);
  return navigator.serviceWorker.controller !== null;
}

async function taken(container: ServiceWorkerContainer): Promise<void> {
  if (container.controller) return;
  await new Promise(resolve =>
    container.addEventListener('controllerchange', resolve, { once: true })
  );
}

/**
 * Whether JupyterLite is about to replace the service worker of this page, being of another version.
 *
 * While requests are under way that takes Chromium five seconds, in which no kernel sees the contents: none may
 * begin before it is done.
 */
export function isReplaced(): boolean {
  const controller = navigator.serviceWorker?.controller;
  return !!controller && localStorage.getItem(noteOf(controller)) !== version();
}

/**
 * Note the version of a service worker that this page has registered, where JupyterLite looks for it.
 *
 * It does so itself on the next page only, after it has replaced what it takes for one of an unknown version.
 */
export async function noteVersion(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  if (active) localStorage.setItem(noteOf(active), version());
}

function noteOf({ scriptURL }: ServiceWorker): string {
  return `${scriptURL}-version`;
}

function version(): string {
  return PageConfig.getOption('appVersion');
}
