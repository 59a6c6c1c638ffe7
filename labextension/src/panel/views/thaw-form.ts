import type { IDangerousRow } from '../types';
import { el, fill } from './dom';
import { field, form, type IForm, textInput, tick, tickInput } from './form';
import { type IFormContext, TrustQuestion } from './forms';
import { sourceOf } from './source';
import { bytes, counted } from './text';

/** What a kernel says that a thaw would do. */
interface IPlan {
  root: string;
  /** The first paths of each. */
  created: string[];
  changed: string[];
  removed: string[];
  kept: string[];
  /** What Python runs by itself. */
  dangerous: IDangerousRow[];
  conflicts: IDangerousRow[];
  counts: Record<string, number>;
  bytes: number;
}

const KINDS = [
  ['created', 'created'],
  ['changed', 'changed'],
  ['removed', 'removed'],
  ['kept', 'kept as they are']
] as const;

/** Thaw: first what it would do, then the button that does it. */
export function thawForm({ model, image, slot, close }: IFormContext): IForm {
  const { link, images } = model;
  const root = textInput('', { placeholder: image.root });
  const include = textInput('', { placeholder: '**/*.csv' });
  const clean = tickInput();
  const keepNewer = tickInput();
  const rebase = tickInput();
  const trust = new TrustQuestion();
  const plan = el('div', { class: 'jp-FrozenPanel-plan', role: 'status' });
  const thaw = el(
    'button',
    { type: 'button', class: 'jp-FrozenPanel-button jp-mod-accept', hidden: true },
    'Thaw'
  );
  const { options, file } = sourceOf(images, image);
  const request = () => ({
    ...options,
    root: root.value.trim() || null,
    include: include.value.split(/\s+/).filter(glob => glob),
    clean: clean.checked,
    keep_newer: keepNewer.checked,
    rebase: rebase.checked,
    trust: trust.isTrusted
  });
  const show = async () => {
    thaw.hidden = true;
    fill(plan);
    const found = await slot.run(
      `Looking at what thawing ${image.name} would do`,
      'kernel',
      // A dry run lists what is dangerous: nothing is written, so nobody has to trust it.
      how =>
        link.request<IPlan>(
          'plan_thaw',
          { ...request(), trust: true },
          { ...how, file }
        ),
      () => 'nothing is changed yet'
    );
    if (!found) return;
    fill(plan, ...drawPlan(found));
    if (found.dangerous.length) trust.show();
    thaw.hidden = false;
    thaw.focus();
  };
  thaw.addEventListener('click', () => {
    void slot
      .run(
        `Thawing ${image.name}`,
        'kernel',
        async how => {
          try {
            return await link.request<Omit<IPlan, 'dangerous'>>('thaw', request(), {
              ...how,
              file
            });
          } catch (error) {
            trust.ask(error);
            throw error;
          }
        },
        ({ root: at, counts }) => `thawed into ${at}: ${summary(counts)}`
      )
      .then(done => done && close());
  });
  // A plan is of these options, and of no others.
  const forget = () => {
    thaw.hidden = true;
    fill(plan);
  };
  for (const input of [root, include, clean, keepNewer, rebase]) {
    input.addEventListener('input', forget);
  }
  return {
    node: form(
      `Thaw ${image.name}`,
      'Show what it would do',
      () => void show(),
      close,
      field('Into the folder (empty: where the files were)', root),
      field('Only these files (globs; empty: all)', include),
      tick('Remove what the image does not have', clean),
      tick('Leave files alone that are newer', keepNewer),
      image.base !== null &&
        tick('Put this layer onto the image that the kernel runs from', rebase),
      plan,
      trust.node,
      thaw
    )
  };
}

function summary(counts: Record<string, number>): string {
  const parts = KINDS.filter(([kind]) => counts[kind]).map(
    ([kind, text]) => `${counted(counts[kind], 'file')} ${text}`
  );
  return parts.join(', ') || 'nothing had to be changed';
}

function drawPlan(plan: IPlan): HTMLElement[] {
  const { counts } = plan;
  const lists = KINDS.filter(([kind]) => counts[kind] > 0).map(([kind, text]) =>
    drawPaths(`${counted(counts[kind], 'file')} ${text}`, plan[kind], counts[kind])
  );
  const warnings = (
    [
      ['Python runs by itself', plan.dangerous],
      ['In conflict', plan.conflicts]
    ] as const
  )
    .filter(([, rows]) => rows.length)
    .map(([title, rows]) =>
      el(
        'div',
        { class: 'jp-FrozenPanel-warning' },
        el('strong', {}, title),
        el(
          'ul',
          { class: 'jp-FrozenPanel-dangerous' },
          ...rows.map(({ path, why }) => el('li', {}, el('code', {}, path), ` ${why}`))
        )
      )
    );
  return [
    el(
      'p',
      {},
      `Into ${plan.root}: ${summary(counts)}${plan.bytes ? `, ${bytes(plan.bytes)} written` : ''}.`
    ),
    ...lists,
    ...warnings
  ];
}

/** A folded list of paths. */
export function drawPaths(
  title: string,
  paths: readonly string[],
  total: number
): HTMLElement {
  const more = total - paths.length;
  return el(
    'details',
    {},
    el('summary', {}, title),
    el(
      'ul',
      { class: 'jp-FrozenPanel-paths', tabindex: '0', 'aria-label': title },
      ...paths.map(path => el('li', {}, path)),
      more > 0 && el('li', {}, `and ${counted(more, 'more', 'more')}`)
    )
  );
}
