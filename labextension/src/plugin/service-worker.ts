import { PageConfig } from '@jupyterlab/coreutils';
import type { IServiceWorkerManager } from '@jupyterlite/apputils';

/** How long a kernel waits for the page's service worker, in milliseconds. */
const PATIENCE = 3000;

/** Whether the page has a service worker, through which a kernel reaches the contents; registering takes a moment. */
export async function isControlled(
  manager: IServiceWorkerManager | null
): Promise<boolean> {
  if (!manager || !('serviceWorker' in navigator)) return false;
  if (!manager.enabled) {
    const patience = new Promise<void>(resolve => setTimeout(resolve, PATIENCE));
    await Promise.race([manager.ready, patience]).catch(() => undefined);
  }
  return manager.enabled;
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
