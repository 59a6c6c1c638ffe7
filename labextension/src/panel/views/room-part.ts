import { messageOf } from '../jobs';
import type { IRoom, IRoomItem } from '../types';
import { button, el, fill } from './dom';
import { drawList } from './entry';
import { type IContext, Part } from './part';
import { bytes } from './text';

const WHAT: Record<IRoomItem['what'], string> = {
  image: 'Image',
  site: 'Another site of this address',
  snapshot: 'Makes kernels start faster',
  debris: 'Left behind by closed tabs'
};

/** How much room the browser's storage has, and what takes it. */
export class RoomPart extends Part {
  readonly node: HTMLElement;

  constructor(context: IContext) {
    super(context);
    const { model } = context;
    this._cleanUp = button('Clean up', () => void this._clean(), {
      class: 'jp-mod-accept'
    });
    this.node = el(
      'div',
      { class: 'jp-FrozenPanel-part' },
      this._shown,
      this.slot.node,
      el('div', { class: 'jp-FrozenPanel-buttons' }, this._cleanUp)
    );
    model.images.changed.connect(this._ask, this);
    model.sharedChanged.connect((_, { tab }) => {
      if (tab === 'room') this._ask();
    }, this);
    this._ask();
  }

  private _ask(): void {
    // Measuring is work: only who looks at it asks for it.
    if (this.model.tab !== 'room') return;
    if (!this.model.images.can.has('room')) {
      this._cleanUp.hidden = true;
      fill(
        this._shown,
        el(
          'p',
          { class: 'jp-FrozenPanel-hint' },
          'This kernel runs outside of the browser: its images are files, and take room on its disk. ' +
            'A browser’s storage needs a kernel in a browser, such as JupyterLite’s.'
        )
      );
      return;
    }
    const asked = ++this._asked;
    this.model.measureRoom().then(
      room => {
        if (asked === this._asked) fill(this._shown, ...this._draw(room));
      },
      (error: unknown) => {
        if (asked !== this._asked) return;
        fill(this._shown, el('p', { class: 'jp-FrozenPanel-error' }, messageOf(error)));
      }
    );
  }

  private _draw({ used, free, persisted, items, debris }: IRoom): Node[] {
    this._cleanUp.textContent = debris > 0 ? `Clean up ${bytes(debris)}` : 'Clean up';
    this._cleanUp.disabled = debris === 0;
    const largest = Math.max(...items.map(({ size }) => size), 1);
    return [
      drawList([
        ['Used', used === null ? 'the browser does not say' : bytes(used)],
        ['Free', free === null ? 'the browser does not say' : bytes(free)],
        [
          'Kept',
          persisted === null
            ? 'the browser does not say'
            : persisted
              ? 'until you delete it'
              : 'until the browser needs the room: export what you cannot lose'
        ]
      ]),
      items.length > 0
        ? el(
            'ul',
            { class: 'jp-FrozenPanel-items', 'aria-label': 'What takes room' },
            ...items.map(({ name, size, what }) =>
              el(
                'li',
                { class: 'jp-FrozenPanel-item' },
                el(
                  'div',
                  { class: 'jp-FrozenPanel-titleRow' },
                  el('span', { class: 'jp-FrozenPanel-name' }, name),
                  el('span', { class: 'jp-FrozenPanel-size' }, bytes(size))
                ),
                el('div', { class: 'jp-FrozenPanel-facts' }, WHAT[what]),
                el(
                  'div',
                  { class: 'jp-FrozenPanel-share', 'aria-hidden': 'true' },
                  el('div', { style: `inline-size: ${(100 * size) / largest}%` })
                )
              )
            )
          )
        : el('p', { class: 'jp-FrozenPanel-hint' }, 'Nothing is kept in this browser.')
    ];
  }

  private async _clean(): Promise<void> {
    await this.slot.run(
      'Cleaning up',
      'page',
      () => this.model.images.cleanUp(),
      freed => `${bytes(freed)} freed`
    );
    this._ask();
  }

  private readonly _shown = el('div', { class: 'jp-FrozenPanel-part' });
  private readonly _cleanUp: HTMLButtonElement;
  private _asked = 0;
}
