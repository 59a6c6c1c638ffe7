import { DOMWidgetModel, DOMWidgetView } from '@jupyter-widgets/base';

import { type IShared, type Job, Link, PanelModel as Panel } from '../../panel';
import { PanelWidget } from '../../panel/views';
import PACKAGE from '../../../package.json';
import { imagesOf } from './load';
import type { ISite } from './site';
import { WidgetTransport } from './widget-transport';

/** The traits that Python and the panel share. */
const SHARED = ['selected', 'tab', 'path', 'query', 'folder'] as const;

/** The classes that a notebook's widget manager looks for by their names. */
export function widgetClasses(site: ISite): {
  PanelModel: typeof DOMWidgetModel;
  PanelView: typeof DOMWidgetView;
} {
  /** The panel of a `jupyter_frozenfs.Panel`: one, however often it is shown. */
  class PanelModel extends DOMWidgetModel {
    // Declared only: Backbone's constructor calls `initialize`, and a field would be set anew after it.
    declare panel: Panel;
    declare private _followed: WeakSet<Job>;
    declare private _link: Link;
    declare private _transport: WidgetTransport;

    override defaults() {
      return {
        ...super.defaults(),
        _model_name: 'PanelModel',
        _model_module: PACKAGE.name,
        _model_module_version: PACKAGE.version,
        _view_name: 'PanelView',
        _view_module: PACKAGE.name,
        _view_module_version: PACKAGE.version,
        selected: null,
        tab: 'inside',
        path: '/',
        query: '',
        folder: '',
        images: [],
        jobs: [],
        room: null
      };
    }

    override initialize(...options: Parameters<DOMWidgetModel['initialize']>): void {
      super.initialize(...options);
      this._followed = new WeakSet();
      this._transport = new WidgetTransport(this);
      const link = new Link(this._transport);
      this._link = link;
      const shared = Object.fromEntries(
        SHARED.map(name => [name, this.get(name)])
      ) as unknown as IShared;
      const panel = new Panel({ images: imagesOf(site, link), link, shared });
      this.panel = panel;
      panel.sharedChanged.connect((_, change) => this._tell(change));
      panel.rowsChanged.connect(() => {
        if (panel.isListed && !panel.problem) this._tell({ images: panel.rows });
      });
      panel.jobs.changed.connect(() => this._tellJobs());
      panel.roomChanged.connect(() => this._tell({ room: panel.room }));
      for (const name of SHARED) {
        this.on(`change:${name}`, () => panel.share({ [name]: this.get(name) }));
      }
    }

    override async close(commClosed?: boolean): Promise<void> {
      this.panel.dispose();
      this._link.dispose();
      this._transport.dispose();
      return super.close(commClosed);
    }

    /** Tell which jobs there are and what becomes of them; how far they are is for the page only. */
    private _tellJobs(): void {
      for (const job of this.panel.jobs.list) {
        if (this._followed.has(job)) continue;
        this._followed.add(job);
        let { state } = job;
        job.changed.connect(() => {
          if (job.state === state) return;
          state = job.state;
          this._tellJobs();
        });
      }
      this._tell({ jobs: rowsOfJobs(this.panel) });
    }

    /** Set traits; without a kernel they are only kept in the notebook. */
    private _tell(change: object): void {
      this.set(change);
      if (this.comm_live) this.save_changes();
    }
  }

  /** One place where it is shown. */
  class PanelView extends DOMWidgetView {
    override render(): void {
      super.render();
      this._widget = new PanelWidget((this.model as PanelModel).panel);
      this.el.classList.add('jp-FrozenWidget');
      this.el.append(this._widget.node);
    }

    override remove(): void {
      this._widget?.dispose();
      super.remove();
    }

    private _widget: PanelWidget | null = null;
  }

  return { PanelModel, PanelView };
}

/** The jobs as Python has them. */
function rowsOfJobs({ jobs }: Panel): object[] {
  return jobs.list.map(({ id, title, state, amount, text, details }) => ({
    id: String(id),
    title,
    state,
    amount,
    text,
    details
  }));
}
