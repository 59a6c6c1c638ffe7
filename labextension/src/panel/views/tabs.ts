import type { Tab } from '../model';
import { el, setAttribute, uniqueId } from './dom';
import { type IContext, Part } from './part';

/** What a tab shows; made when it is first shown. */
export interface ITab {
  id: Tab;
  title: string;
  draw(): Part;
}

/** The lower half of the panel, one part at a time. */
export class Tabs extends Part {
  readonly node = el('div', { class: 'jp-FrozenPanel-tabs' });

  constructor(
    context: IContext,
    private readonly _tabs: readonly ITab[]
  ) {
    super(context);
    const { model } = context;
    const list = el('div', {
      class: 'jp-FrozenPanel-tabList',
      role: 'tablist',
      'aria-label': 'Parts of the panel'
    });
    this.node.append(list);
    for (const { id, title } of _tabs) {
      const page = el('div', {
        class: 'jp-FrozenPanel-tabPage',
        role: 'tabpanel',
        id: uniqueId('page')
      });
      const tab = el(
        'button',
        {
          type: 'button',
          class: 'jp-FrozenPanel-tab',
          role: 'tab',
          id: uniqueId('tab'),
          'aria-controls': page.id,
          onclick: () => model.share({ tab: id })
        },
        title
      );
      page.setAttribute('aria-labelledby', tab.id);
      list.append(tab);
      this.node.append(page);
      this._drawn.set(id, { tab, page, part: null });
    }
    list.addEventListener('keydown', event => this._key(event));
    model.sharedChanged.connect((_, change) => {
      if (change.tab) this._draw();
    }, this);
    this._draw();
  }

  override dispose(): void {
    for (const { part } of this._drawn.values()) part?.dispose();
    super.dispose();
  }

  private _draw(): void {
    for (const { id, draw } of this._tabs) {
      const drawn = this._drawn.get(id)!;
      const isShown = id === this.model.tab;
      setAttribute(drawn.tab, 'aria-selected', isShown);
      drawn.tab.tabIndex = isShown ? 0 : -1;
      drawn.page.hidden = !isShown;
      if (isShown && !drawn.part) {
        drawn.part = draw();
        drawn.page.append(drawn.part.node);
      }
    }
  }

  private _key(event: KeyboardEvent): void {
    const at = this._tabs.findIndex(({ id }) => id === this.model.tab);
    const n = this._tabs.length;
    const to = {
      ArrowRight: (at + 1) % n,
      ArrowLeft: (at + n - 1) % n,
      Home: 0,
      End: n - 1
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const { id } = this._tabs[to];
    this.model.share({ tab: id });
    this._drawn.get(id)!.tab.focus();
  }

  private readonly _drawn = new Map<
    Tab,
    { tab: HTMLButtonElement; page: HTMLElement; part: Part | null }
  >();
}
