import type { FrozenKernel } from '../kernel/kernel';

/** The plugin's id, and its key in `litePluginSettings`. */
export const KERNEL_PLUGIN = 'jupyter-frozenfs:kernel';

/** Where the stock kernel keeps its settings; the wheels that a site adds for `%pip` are listed there. */
const STOCK_PLUGIN = '@jupyterlite/pyodide-kernel-extension:kernel';

/** What a site says about its frozen environments, with all URLs absolute. */
export interface ISettings {
  environments: FrozenKernel.IEnvironment[];
  /** Which of them starts before a kernel is asked for; the site's default one, unless its author says no. */
  prewarmed: FrozenKernel.IEnvironment | null;
  /** Indices of wheels (`all.json`) in which `%pip install` looks before PyPI. */
  pipliteUrls: string[];
  disablePyPIFallback: boolean;
  /** What is wrong with the settings; the rest of them is used. */
  problems: string[];
}

/**
 * Read the settings that the site's build has written.
 *
 * @param litePluginSettings - the page's option of this name: JSON, keyed by plugin
 * @param baseUrl - the site's absolute URL, to which URLs are relative
 */
export function readSettings(litePluginSettings: string, baseUrl: string): ISettings {
  const all = record(litePluginSettings ? JSON.parse(litePluginSettings) : {});
  const own = record(all[KERNEL_PLUGIN]);
  const stock = record(all[STOCK_PLUGIN]);
  const problems: string[] = [];

  const environments: FrozenKernel.IEnvironment[] = [];
  const marks = new Map<FrozenKernel.IEnvironment, Record<string, unknown>>();
  for (const entry of list(own.environments)) {
    const {
      name,
      display_name: displayName,
      url,
      runtime,
      linked,
      ...rest
    } = record(entry);
    if (!isText(name) || !isText(url)) {
      problems.push(
        `${KERNEL_PLUGIN}: an environment needs a name and a url, found ${JSON.stringify(entry)}`
      );
    } else if (environments.some(other => other.name === name)) {
      problems.push(
        `${KERNEL_PLUGIN}: two environments are called ${name}, the first is used`
      );
    } else {
      const environment = {
        name,
        displayName: isText(displayName) ? displayName : name,
        url: new URL(url, baseUrl).href,
        runtimeUrl: isText(runtime) ? new URL(runtime, baseUrl).href : undefined,
        linkedUrls: Array.isArray(linked)
          ? linked.filter(isText).map(file => new URL(file, baseUrl).href)
          : undefined
      };
      environments.push(environment);
      marks.set(environment, rest);
    }
  }
  const first =
    environments.find(environment => marks.get(environment)?.default === true) ??
    (environments.length === 1 ? environments[0] : null);
  const urls = [...list(own.pipliteUrls), ...list(stock.pipliteUrls)].filter(isText);
  return {
    environments,
    prewarmed: first && marks.get(first)?.prewarm !== false ? first : null,
    pipliteUrls: [...new Set(urls.map(url => new URL(url, baseUrl).href))],
    disablePyPIFallback: !!(own.disablePyPIFallback ?? stock.disablePyPIFallback),
    problems
  };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
