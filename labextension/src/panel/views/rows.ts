import { el } from './dom';

/** Height of a row in CSS pixels; `panel.css` has the same. */
export const ROW_HEIGHT = 24;

/** Rows beyond the edges, so that a small step shows what is there already. */
const MARGIN = 2;

/** How long after the last step rows are put in order again for who reads them in order, in milliseconds. */
const SETTLED = 200;

/** What rows show. */
export interface IRows<T extends HTMLElement> {
  /** Make an empty row. */
  make(): T;
  /** Let a row show what is at this index. */
  fill(row: T, index: number): void;
}

/**
 * Many rows of one height, of which only those in sight are there. Row i is always drawn by the same element of a pool, so
 * that a step changes as many rows as have come into sight.
 */
export class VirtualRows<T extends HTMLElement = HTMLElement> {
  /** What scrolls. */
  readonly node: HTMLElement;

  constructor(
    private readonly _rows: IRows<T>,
    attributes: Record<string, string>
  ) {
    this._canvas = el('div', { class: 'jp-FrozenPanel-canvas', role: 'none' });
    this.node = el('div', { tabindex: '0', ...attributes }, this._canvas);
    this.node.classList.add('jp-FrozenPanel-rows');
    this.node.addEventListener(
      'scroll',
      () => {
        this._top = this.node.scrollTop;
        this._draw();
      },
      { passive: true }
    );
    this._sizes = new ResizeObserver(() => this._resize());
    this._sizes.observe(this.node);
  }

  /** How many rows there are. */
  get count(): number {
    return this._count;
  }

  /** How many rows fit. */
  get page(): number {
    return Math.max(1, Math.floor(this._height / ROW_HEIGHT));
  }

  /** Go back to the first row. */
  toTop(): void {
    if (this._top === 0) return;
    this.node.scrollTop = this._top = 0;
  }

  /** Show so many rows, all of them anew. */
  reset(count: number): void {
    this._count = count;
    this._canvas.style.height = `${count * ROW_HEIGHT}px`;
    this.refresh();
  }

  /** Fill all rows in sight anew. */
  refresh(): void {
    this._shown.fill(-1);
    this._draw();
  }

  /** Bring a row into sight, with as little scrolling as that needs. */
  reveal(index: number): void {
    const top = index * ROW_HEIGHT;
    const { node } = this;
    const height = node.clientHeight;
    if (top < node.scrollTop) node.scrollTop = top;
    else if (top + ROW_HEIGHT > node.scrollTop + height) {
      node.scrollTop = top + ROW_HEIGHT - height;
    }
    this._top = node.scrollTop;
    this._draw();
  }

  /** The element that shows a row, if it is in sight. */
  row(index: number): T | null {
    const slot = index % this._pool.length;
    return this._shown[slot] === index ? this._pool[slot] : null;
  }

  /** The index that an element, or one in it, shows; -1 if none. */
  indexOf(target: EventTarget | null): number {
    const slot = this._pool.findIndex(row => row.contains(target as Node | null));
    return slot < 0 ? -1 : this._shown[slot];
  }

  dispose(): void {
    this._sizes.disconnect();
    clearTimeout(this._timer);
  }

  private _resize(): void {
    this._height = this.node.clientHeight;
    this._draw();
  }

  private _draw(): void {
    // Known before the observer tells, or the first rows would come a frame late.
    this._height ||= this.node.clientHeight;
    if (!this._height) return;
    const needed = Math.ceil(this._height / ROW_HEIGHT) + 1 + 2 * MARGIN;
    if (this._pool.length < needed) this._grow(needed);
    const n = this._pool.length;
    const top = Math.floor(this._top / ROW_HEIGHT) - MARGIN;
    const first = Math.max(0, Math.min(top, this._count - n));
    for (let index = first; index < first + n; index++) {
      const slot = index % n;
      const row = this._pool[slot];
      if (this._shown[slot] === index) continue;
      if (index >= this._count) {
        this._shown[slot] = -1;
        row.hidden = true;
        continue;
      }
      this._shown[slot] = index;
      if (row.hidden) row.hidden = false;
      row.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
      this._rows.fill(row, index);
    }
    if (first !== this._first) {
      this._first = first;
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this._sort(), SETTLED);
    }
  }

  private _grow(needed: number): void {
    while (this._pool.length < needed) {
      this._pool.push(this._rows.make());
    }
    this._canvas.append(...this._pool);
    this._shown = new Array<number>(needed).fill(-1);
  }

  /** Elements in the order of what they show: it is the order in which they are read. */
  private _sort(): void {
    const n = this._pool.length;
    for (let i = 0; i < n; i++) {
      const row = this._pool[(this._first + i) % n];
      if (this._canvas.children[i] !== row) {
        this._canvas.insertBefore(row, this._canvas.children[i]);
      }
    }
  }

  private readonly _canvas: HTMLElement;
  private readonly _sizes: ResizeObserver;
  private readonly _pool: T[] = [];
  private _shown: number[] = [];
  private _count = 0;
  private _height = 0;
  /** How far it is scrolled: asking the element would have it laid out. */
  private _top = 0;
  private _first = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
