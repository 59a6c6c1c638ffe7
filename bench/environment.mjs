// The environments of a built site. A site keeps its last builds of each, for pages that are open: its configuration says
// which is the present one.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of an environment's present build, relative to its site. */
export function environmentOf(site, name) {
  const page = JSON.parse(readFileSync(join(site, 'jupyter-lite.json'), 'utf8'));
  const { environments } = page['jupyter-config-data'].litePluginSettings['jupyter-frozenfs:kernel'];
  return dirname(environments.find(environment => environment.name === name).url);
}
