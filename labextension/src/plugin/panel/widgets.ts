import type { JupyterFrontEnd } from '@jupyterlab/application';

import PACKAGE from '../../../package.json';
import type { ISite } from './site';

/** The module that the models of Python name. */
const MODULE = 'jupyter-frozenfs';

/** Let notebooks show the panel as a widget, where ipywidgets is there. */
export async function registerWidgets(
  app: JupyterFrontEnd,
  site: ISite
): Promise<void> {
  // Shared by ipywidgets' own labextension, and not here without it.
  const base = await import('@jupyter-widgets/base').catch(() => null);
  const registry =
    base && (await app.resolveOptionalService(base.IJupyterWidgetRegistry));
  registry?.registerWidget({
    name: MODULE,
    version: PACKAGE.version,
    exports: async () => {
      const { widgetClasses } = await import('./widget');
      return widgetClasses(site);
    }
  });
}
