import { type Attributes, button, type Child, el, setText, uniqueId } from './dom';

/** A form that opens under the button that it belongs to. */
export interface IForm {
  readonly node: HTMLElement;
  /** Take what was begun back, and let go of what is held. */
  dispose?(): void;
}

/** A field with its name over it. */
export function field(
  name: string,
  input: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement
): HTMLElement {
  input.id = uniqueId('field');
  return el(
    'div',
    { class: 'jp-FrozenPanel-field' },
    el('label', { for: input.id }, name),
    input
  );
}

/** A box to tick, with what it means. */
export function tick(name: string, input: HTMLInputElement): HTMLLabelElement {
  return el('label', { class: 'jp-FrozenPanel-tick' }, input, name);
}

/** A line of text that a person types. */
export function textInput(
  value: string,
  attributes: Attributes = {}
): HTMLInputElement {
  const input = el('input', {
    type: 'text',
    class: 'jp-FrozenPanel-input',
    spellcheck: 'false',
    autocomplete: 'off',
    ...attributes
  });
  input.value = value;
  return input;
}

/** A box to tick. */
export function tickInput(checked = false): HTMLInputElement {
  const input = el('input', { type: 'checkbox' });
  input.checked = checked;
  return input;
}

/** A list of which one is chosen. */
export function choice(
  options: readonly (readonly [value: string, text: string])[],
  value: string
): HTMLSelectElement {
  const select = el(
    'select',
    { class: 'jp-FrozenPanel-input' },
    ...options.map(([value, text]) => el('option', { value }, text))
  );
  select.value = value;
  return select;
}

/** What is said under a field: read aloud when it changes. */
export function note(): { node: HTMLElement; say(text: string | null): void } {
  const node = el('div', { class: 'jp-FrozenPanel-problem', role: 'status' });
  return { node, say: text => setText(node, text ?? '') };
}

/**
 * A form: fields, the button that does it, and Close.
 *
 * @param title - Its name
 * @param verb - What stands on the button
 * @param onSubmit - Does it
 * @param onClose - Takes it away; without it there is no such button
 */
export function form(
  title: string,
  verb: string,
  onSubmit: () => void,
  onClose: (() => void) | null,
  ...children: Child[]
): HTMLFormElement {
  return el(
    'form',
    {
      class: 'jp-FrozenPanel-form',
      'aria-label': title,
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        onSubmit();
      },
      onkeydown: (event: KeyboardEvent) => {
        if (event.key !== 'Escape' || !onClose) return;
        event.stopPropagation();
        onClose();
      }
    },
    ...children,
    el(
      'div',
      { class: 'jp-FrozenPanel-buttons' },
      el(
        'button',
        { type: 'submit', class: 'jp-FrozenPanel-button jp-mod-accept' },
        verb
      ),
      onClose && button('Close', onClose)
    )
  );
}
