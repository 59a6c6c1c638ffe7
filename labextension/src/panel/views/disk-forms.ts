import { pathOf } from '../disk-images';
import { el, fill } from './dom';
import { field, form, type IForm, textInput } from './form';
import type { IFormContext } from './forms';
import { drawPaths } from './thaw-form';
import { bytes, counted } from './text';

/** What a native kernel says that extracting would do. */
interface IExtractPlan {
  root: string;
  files: number;
  bytes: number;
  /** Bytes that are free there. */
  free: number;
  /** The first of the paths. */
  created: string[];
  counts: { created: number };
  /** Why it cannot be done. */
  problem: string | null;
}

/** Extract into a folder of the computer that the kernel runs on: first what it would write. */
export function extractForm({ model, image, slot, close }: IFormContext): IForm {
  const { link } = model;
  const root = textInput(image.name.replace(/\.[^./]*$/, ''), { required: true });
  const plan = el('div', { class: 'jp-FrozenPanel-plan', role: 'status' });
  const extract = el(
    'button',
    { type: 'button', class: 'jp-FrozenPanel-button jp-mod-accept', hidden: true },
    'Extract'
  );
  const request = (dry: boolean) => ({
    path: pathOf(image),
    root: root.value.trim(),
    dry_run: dry
  });
  const forget = () => {
    extract.hidden = true;
    fill(plan);
  };
  root.addEventListener('input', forget);
  const show = async () => {
    forget();
    const found = await slot.run(
      `Looking at what extracting ${image.name} would write`,
      'kernel',
      how => link.request<IExtractPlan>('extract', request(true), how),
      () => 'nothing is written yet'
    );
    if (!found) return;
    const { created, counts, files, free, problem } = found;
    fill(
      plan,
      el(
        'p',
        {},
        `Into ${found.root}: ${counted(files, 'file')}, ${bytes(found.bytes)}; ${bytes(free)} are free.`
      ),
      problem !== null && el('p', { class: 'jp-FrozenPanel-error' }, problem),
      drawPaths(counted(counts.created, 'entry', 'entries'), created, counts.created)
    );
    extract.hidden = problem !== null;
    if (!extract.hidden) extract.focus();
  };
  extract.addEventListener('click', () => {
    void slot
      .run(
        `Extracting ${image.name}`,
        'kernel',
        how => link.request<IExtractPlan>('extract', request(false), how),
        ({ root: at, files }) => `${counted(files, 'file')} extracted into ${at}`
      )
      .then(done => done && close());
  });
  return {
    node: form(
      `Extract ${image.name}`,
      'Show what it would write',
      () => void show(),
      close,
      field('Into the folder (new or empty)', root),
      plan,
      extract
    )
  };
}
