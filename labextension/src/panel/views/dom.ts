/** What an element is made with: attributes, `on…` listeners, `false` and null for what is left out. */
export type Attributes = Record<
  string,
  string | number | boolean | null | undefined | ((event: never) => void)
>;

/** What stands in an element; null and false for nothing. */
export type Child = Node | string | null | undefined | false;

/** Make an element. Attributes with `on` are listeners; true is an attribute without a value. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      node.addEventListener(name.slice(2), value as EventListener);
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(...children.filter(isShown));
  return node;
}

/** Put these children into an element, in place of those that it has. */
export function fill(node: Element, ...children: Child[]): void {
  node.replaceChildren(...children.filter(isShown));
}

function isShown(child: Child): child is Node | string {
  return child !== null && child !== undefined && child !== false && child !== '';
}

/** Leave an unchanged text alone: a live region is read again when it is set again. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Set an attribute, or take it away where there is no value. */
export function setAttribute(
  node: Element,
  name: string,
  value: string | number | boolean | null
): void {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, String(value));
  }
}

let count = 0;

/** An id that no other element of the page has. */
export function uniqueId(what: string): string {
  return `jp-FrozenPanel-${what}-${++count}`;
}

/** A button with words on it. */
export function button(
  text: string,
  onclick: () => void,
  attributes: Attributes = {}
): HTMLButtonElement {
  const { class: name = '', ...others } = attributes;
  return el(
    'button',
    {
      type: 'button',
      class: `jp-FrozenPanel-button ${name}`.trim(),
      onclick,
      ...others
    },
    text
  );
}
