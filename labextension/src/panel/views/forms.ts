import { DangerousError, LinkError } from '../error';
import { messageOf } from '../jobs';
import { askMountPath, mountPathProblem, suggestMountPath } from '../suggest';
import type { IDangerousRow, IImageRow, IMountRow } from '../types';
import { el, fill } from './dom';
import {
  choice,
  field,
  form,
  type IForm,
  note,
  textInput,
  tick,
  tickInput
} from './form';
import type { JobSlot } from './job-slot';
import type { IContext } from './part';
import { sourceOf } from './source';
import { bytes } from './text';

/** What a form of an image is made with. */
export interface IFormContext extends IContext {
  image: IImageRow;
  slot: JobSlot;
  close(): void;
}

/** How long after a key the kernel is asked, in milliseconds. */
const TYPED = 300;

/** Mount at a path, which is suggested, and checked as it is typed. */
export function mountForm({ model, image, slot, close }: IFormContext): IForm {
  const { link, images } = model;
  const mounts = model.mounts ?? [];
  const path = textInput(suggestMountPath(image, mounts), { required: true });
  const root = textInput('/', { required: true });
  const writable = tickInput();
  const problem = note();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = new AbortController();
  const check = () => {
    clearTimeout(timer);
    asking.abort();
    const found = mountPathProblem(path.value, model.mounts ?? [], link.kernel);
    problem.say(found);
    path.setAttribute('aria-invalid', String(found !== null));
    // What waits for the cell would be late.
    if (found !== null || link.state !== 'idle') return;
    timer = setTimeout(() => {
      asking = new AbortController();
      askMountPath(link, path.value, asking.signal).then(
        answer => {
          problem.say(answer);
          path.setAttribute('aria-invalid', String(answer !== null));
        },
        // Mounting says it again.
        () => undefined
      );
    }, TYPED);
  };
  path.addEventListener('input', check);
  check();
  const submit = () => {
    const found = mountPathProblem(path.value, model.mounts ?? [], link.kernel);
    if (found !== null) {
      problem.say(found);
      path.focus();
      return;
    }
    const { options, file } = sourceOf(images, image);
    const request = {
      ...options,
      path: path.value,
      root: root.value,
      writable: writable.checked
    };
    void slot
      .run(
        `Mounting ${image.name}`,
        'kernel',
        how => link.request<IMountRow>('mount', request, { ...how, file }),
        ({ path: at }) => `mounted at ${at}`
      )
      .then(mount => mount && close());
  };
  return {
    node: form(
      `Mount ${image.name}`,
      'Mount',
      submit,
      close,
      field('Path', path),
      problem.node,
      field('Folder of the image that appears there', root),
      tick('Writable: changes stay in memory, the image stays as it is', writable)
    ),
    dispose: () => {
      clearTimeout(timer);
      asking.abort();
    }
  };
}

/** Another name. */
export function renameForm({ model, image, slot, close }: IFormContext): IForm {
  const name = textInput(image.name, { required: true });
  return {
    node: form(
      `Rename ${image.name}`,
      'Rename',
      () => {
        if (name.value === image.name) {
          close();
          return;
        }
        void slot
          .run(
            `Renaming ${image.name}`,
            'page',
            () => model.images.rename(image, name.value.trim()),
            row => `it is called ${row.name} now`
          )
          .then(async row => {
            if (!row) return;
            await model.refresh();
            model.select(row.key);
          });
      },
      close,
      field('Name', name)
    )
  };
}

/** What a person wants to remember. */
export function noteForm({ model, image, slot, close }: IFormContext): IForm {
  const text = textInput(image.note, { spellcheck: 'true' });
  return {
    node: form(
      `Note of ${image.name}`,
      'Save',
      () =>
        void slot
          .run(`Saving the note of ${image.name}`, 'page', async () => {
            await model.images.setNote(image, text.value);
            await model.refresh();
            return true;
          })
          .then(done => done && close()),
      close,
      field('Note', text)
    )
  };
}

/** Keep a copy in the browser. */
export function keepForm({ model, image, slot, close }: IFormContext): IForm {
  const name = textInput(image.name, { required: true });
  const force = tickInput();
  return {
    node: form(
      `Keep ${image.name} in this browser`,
      'Keep',
      () =>
        void slot
          .run(
            `Keeping ${image.name} in this browser`,
            'page',
            how =>
              model.images.keep(image, name.value.trim(), {
                ...how,
                force: force.checked
              }),
            row => `kept as ${row.name}, ${bytes(row.size)}`
          )
          .then(row => row && close()),
      close,
      field('Name', name),
      tick('Replace an image of that name', force)
    )
  };
}

/** Delete, after what depends on it is named. */
export function deleteForm({ model, image, slot, close }: IFormContext): IForm {
  const dependents = el('div', { role: 'status' });
  model.images.dependents(image).then(
    sentences =>
      fill(
        dependents,
        sentences.length > 0 &&
          el(
            'ul',
            { class: 'jp-FrozenPanel-dangerous' },
            ...sentences.map(sentence => el('li', {}, sentence))
          )
      ),
    (error: unknown) => fill(dependents, messageOf(error))
  );
  return {
    node: form(
      `Delete ${image.name}`,
      'Delete',
      () =>
        void slot.run(
          `Deleting ${image.name}`,
          'page',
          async () => {
            await model.images.remove(image);
            await model.refresh();
          },
          () => 'it is gone'
        ),
      close,
      el(
        'p',
        {},
        `Delete ${image.name} (${bytes(image.size)}) for good? It cannot be brought back.`
      ),
      dependents
    )
  };
}

/** Have it thawed whenever a kernel starts. */
export function autoloadForm({ model, image, slot, close }: IFormContext): IForm {
  const { link } = model;
  const own = link.kernel?.kernelspec ?? '';
  const names = [...new Set([own, ...image.autoload])].filter(name => name);
  const kernelspec = choice(
    names.map(name => [name, name] as const),
    names[0] ?? ''
  );
  const on = tickInput(image.autoload.includes(kernelspec.value));
  kernelspec.addEventListener('change', () => {
    on.checked = image.autoload.includes(kernelspec.value);
  });
  const asked = new TrustQuestion();
  const node = names.length
    ? form(
        `Autoload ${image.name}`,
        'Save',
        () =>
          void slot
            .run(
              `Setting what is thawed at each start`,
              'page',
              async () => {
                const trust = asked.isTrusted;
                try {
                  await model.images.setAutoload(
                    image,
                    kernelspec.value,
                    on.checked,
                    trust
                  );
                } catch (error) {
                  asked.ask(error);
                  throw error;
                }
                await model.refresh();
                return true;
              },
              () => (on.checked ? 'it is thawed at each start' : 'it is not thawed')
            )
            .then(done => done && close()),
        close,
        field('Kernel', kernelspec),
        tick(`Thaw ${image.name} at each start of this kernel`, on),
        asked.node
      )
    : el(
        'p',
        { class: 'jp-FrozenPanel-hint' },
        'Open a notebook first: its kernel is the one that thaws the image when it starts.'
      );
  return { node };
}

/** Asks whether somebody trusts what Python would run by itself; shown only where there is such. */
export class TrustQuestion {
  readonly node = el('div', { hidden: true });

  constructor() {
    this.node.append(tick('I know who made this image, and trust it', this._tick));
  }

  get isTrusted(): boolean {
    return this._tick.checked;
  }

  /** Show it when an error is about that. */
  ask(error: unknown): void {
    const { dangerous = [] } =
      error instanceof DangerousError || error instanceof LinkError
        ? error
        : ({} as { dangerous?: IDangerousRow[] });
    if (dangerous.length) this.node.hidden = false;
  }

  show(): void {
    this.node.hidden = false;
  }

  private readonly _tick = tickInput();
}
