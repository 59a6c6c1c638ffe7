import type { Outline } from '../outline';
import { button, el, fill, setText } from './dom';
import { EntryView } from './entry';
import { FoundView } from './found';
import { type IContext, Part } from './part';
import { count, counted } from './text';
import { TreeView } from './tree';

/** So many results are listed: nobody reads more, and the search is there for fewer. */
const MOST = 10_000;

/** What is inside the selected image: search, tree or results, and what is known of one entry. */
export class InsidePart extends Part {
  readonly node: HTMLElement;

  constructor(context: IContext) {
    super(context);
    const { model } = context;
    this._search.addEventListener('input', () =>
      model.share({ query: this._search.value })
    );
    this._search.addEventListener('keydown', event => {
      if (event.key === 'ArrowDown') {
        event.preventDefault();
        (this._tree.node.hidden ? this._found : this._tree).node.focus();
      } else if (event.key === 'Escape' && this._search.value) {
        event.stopPropagation();
        model.share({ query: '' });
      }
    });
    this._tree.selected.connect((_, path) => model.share({ path }), this);
    this._found.selected.connect((_, path) => model.share({ path }), this);
    this._entry = new EntryView(context);
    this.node = el(
      'div',
      { class: 'jp-FrozenPanel-inside' },
      this._note,
      el(
        'div',
        { class: 'jp-FrozenPanel-browse' },
        el('div', { class: 'jp-FrozenPanel-search' }, this._search, this._result),
        this._tree.node,
        this._found.node
      ),
      this._entry.node
    );
    model.insideChanged.connect(this._open, this);
    model.sharedChanged.connect((_, { query, path }) => {
      if (query !== undefined) this._find();
      if (path !== undefined) this._choose();
    }, this);
    this._open();
  }

  override dispose(): void {
    this._tree.dispose();
    this._found.dispose();
    this._entry.dispose();
    super.dispose();
  }

  private get _outline(): Outline | null {
    const { inside } = this.model;
    return inside.state === 'ready' ? inside.outline : null;
  }

  private _open(): void {
    const { inside } = this.model;
    const outline = this._outline;
    this.node.dataset.state = inside.state;
    switch (inside.state) {
      case 'none':
        fill(this._note, 'Choose an image to see what is inside.');
        break;
      case 'loading':
        fill(this._note, `Opens ${inside.image.name} …`);
        break;
      case 'failed':
        fill(
          this._note,
          el('p', { class: 'jp-FrozenPanel-error' }, inside.text),
          button('Try again', () => this.model.reopen())
        );
        break;
      case 'ready':
        fill(
          this._note,
          outline!.missing !== null &&
            'This layer lies on an image that is not here: only what the layer itself holds is shown.'
        );
    }
    this._tree.show(outline);
    this._find();
    this._choose();
  }

  private _find(): void {
    const { query } = this.model;
    const outline = this._outline;
    if (this._search.value !== query) this._search.value = query;
    const isSearch = query !== '' && outline !== null;
    this._tree.node.hidden = isSearch;
    this._found.node.hidden = !isSearch;
    if (!isSearch) {
      setText(
        this._result,
        outline ? counted(outline.count - 1, 'entry', 'entries') : ''
      );
      this._choose();
      return;
    }
    const { entries, total } = outline.search(query, MOST);
    this._found.show(outline, entries);
    setText(
      this._result,
      total > entries.length
        ? `${count(total)} found, the first ${count(entries.length)} are listed`
        : `${count(total)} found`
    );
  }

  private _choose(): void {
    if (this._outline && this.model.query === '') this._tree.choose(this.model.path);
  }

  private readonly _note = el('div', {
    class: 'jp-FrozenPanel-hint',
    role: 'status'
  });
  private readonly _search = el('input', {
    type: 'search',
    class: 'jp-FrozenPanel-input',
    'aria-label': 'Search by name',
    placeholder: 'Search by name',
    spellcheck: 'false',
    autocomplete: 'off'
  });
  private readonly _result = el('span', {
    class: 'jp-FrozenPanel-result',
    role: 'status',
    'aria-label': 'Search result'
  });
  private readonly _tree = new TreeView('Inside of the image');
  private readonly _found = new FoundView();
  private readonly _entry: EntryView;
}
