/** What runs in the browser of `views.test.ts`: a panel over images and a kernel that the test decides. */
import { Signal } from '@lumino/signaling';

import { LinkError, Outline, PanelModel } from '../../src/panel';
import type {
  IChangeRow,
  IImageRow,
  IImages,
  IKernelFacts,
  ILink,
  ILinkEvent,
  IMountRow,
  IWork,
  LinkState,
  Verb
} from '../../src/panel';
import { PanelWidget } from '../../src/panel/views';
import { rowOf } from './fakes';

/** An outline of files given by their paths, and their sizes. */
export function outlineOf(files: Record<string, number>): Outline {
  const numbers = new Map([['', 0]]);
  const names = [''];
  const parent = [0];
  const kind = [1];
  const size = [0];
  for (const [path, bytes] of Object.entries(files)) {
    const parts = path.slice(1).split('/');
    parts.forEach((name, i) => {
      const at = `/${parts.slice(0, i + 1).join('/')}`;
      if (numbers.has(at)) return;
      const above = i === 0 ? '' : `/${parts.slice(0, i).join('/')}`;
      numbers.set(at, names.length);
      names.push(name);
      parent.push(numbers.get(above)!);
      kind.push(i === parts.length - 1 ? 0 : 1);
      size.push(i === parts.length - 1 ? bytes : 0);
    });
  }
  const n = names.length;
  return Outline.decode({
    names: names.join('\0'),
    parent: Uint32Array.from(parent),
    kind: Uint8Array.from(kind),
    size: Float64Array.from(size),
    mode: new Uint16Array(n).fill(0o644),
    mtime: new Float64Array(n).fill(1_767_225_600),
    targets: '',
    missing: null
  });
}

/** Contents of the files that a test previews. */
const CONTENTS: Record<string, string> = {
  '/data/readme.txt': 'Hello\nfrom an image',
  '/data/table.csv': 'city,people\nOslo,709000\nBergen,291000\n',
  '/data/notebook.ipynb': JSON.stringify({
    cells: [
      { cell_type: 'markdown', source: '# Title', metadata: {} },
      {
        cell_type: 'code',
        source: 'print(1)',
        execution_count: 3,
        outputs: [{ output_type: 'stream', name: 'stdout', text: '1\n' }],
        metadata: {}
      }
    ],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5
  }),
  '/data/picture.svg':
    '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="60" height="40" fill="teal"/></svg>'
};

const MANY = Object.fromEntries(
  Array.from({ length: 3000 }, (_, i) => [
    `/lib/package${String(i % 60).padStart(2, '0')}/module${i}.py`,
    1000 + i
  ])
);

/** Images that a test decides. */
class Images {
  readonly changed = new Signal<IImages, void>(this as unknown as IImages);
  readonly can = new Set<Verb>([
    'rename',
    'note',
    'remove',
    'export',
    'verify',
    'autoload',
    'import',
    'room',
    'add'
  ]);
  readonly problem = null;
  folder = '';
  rows: IImageRow[] = [
    rowOf({
      place: 'site',
      name: 'Python (course)',
      size: 34_200_000,
      files: 2913,
      url: 'https://example.org/frozen/course/environment.json',
      origin: null,
      sha256: 'cc'.repeat(32),
      packages: [
        { name: 'numpy', version: '2.4.3' },
        { name: 'pandas', version: '3.0.2' }
      ]
    }),
    rowOf({ name: 'data.blob', size: 1_234_567, files: 3004, root: '/home/pyodide' }),
    rowOf({
      name: 'week-2.blob',
      size: 56_000,
      files: 12,
      base: 'aa'.repeat(32),
      baseName: 'data.blob',
      note: 'before the exercise',
      sha256: 'bb'.repeat(32),
      autoload: ['course']
    })
  ];
  done: string[] = [];
  finish: (() => void) | null = null;

  list = async () => this.rows;
  file = () => null;
  outline = async () =>
    outlineOf({
      ...Object.fromEntries(
        Object.entries(CONTENTS).map(([path, text]) => [path, text.length])
      ),
      ...MANY
    });
  read = async (
    _: IImageRow,
    path: string,
    { start, end }: { start: number; end: number }
  ) => new TextEncoder().encode(CONTENTS[path] ?? 'x'.repeat(5000)).slice(start, end);
  dependents = async (image: IImageRow) =>
    image.name === 'data.blob' ? ['week-2.blob is a layer on it.'] : [];
  remove = async (image: IImageRow) => {
    this.rows = this.rows.filter(({ key }) => key !== image.key);
    this.changed.emit();
  };
  rename = async (image: IImageRow, name: string) => {
    const row = { ...image, name, key: `store:${name}` };
    this.rows = this.rows.map(one => (one.key === image.key ? row : one));
    this.changed.emit();
    return row;
  };
  compare = async (): Promise<IChangeRow[]> => [
    { path: '/data/new.csv', kind: 'added', before: null, after: 1200, differs: [] },
    {
      path: '/data/readme.txt',
      kind: 'changed',
      before: 10,
      after: 19,
      differs: ['size', 'content']
    },
    { path: '/data/old.csv', kind: 'removed', before: 800, after: null, differs: [] }
  ];
  add = async (source: File | string) => {
    const name = typeof source === 'string' ? source : source.name;
    const row = rowOf({
      place: typeof source === 'string' ? 'address' : 'file',
      name,
      key: `file:${name}`,
      origin: null
    });
    this.rows = [...this.rows, row];
    this.changed.emit();
    return row;
  };
  room = async () => ({
    used: 1_290_567,
    free: 9_000_000_000,
    persisted: false,
    debris: 20_000,
    items: [
      { name: 'data.blob', size: 1_234_567, what: 'image' as const },
      { name: 'what closed tabs have left', size: 20_000, what: 'debris' as const }
    ]
  });
  cleanUp = async () => 20_000;
  /** Goes on until a test says so, or somebody cancels. */
  export = (_: IImageRow, { signal, onProgress }: IWork = {}) =>
    new Promise<void>((resolve, reject) => {
      onProgress?.({
        files: 0,
        totalFiles: 0,
        bytes: 4_000_000,
        totalBytes: 10_000_000
      });
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
      this.finish = resolve;
    });
  verify = async () => {
    throw new LinkError({
      type: 'ImageError',
      message: 'data.blob is damaged: chunk 3 has another checksum.',
      details: 'Traceback …'
    });
  };
}

/** A kernel that a test decides. */
class FakeLink {
  readonly changed = new Signal<ILink, void>(this as unknown as ILink);
  readonly events = new Signal<ILink, ILinkEvent>(this as unknown as ILink);
  state: LinkState = 'none';
  kernel: IKernelFacts | null = null;
  mounts: IMountRow[] = [];
  asked: [string, object][] = [];

  connect(): void {}

  set(state: LinkState, kernel = this.kernel): void {
    this.state = state;
    this.kernel = kernel;
    this.changed.emit();
  }

  async request(verb: string, options: Record<string, unknown>): Promise<unknown> {
    this.asked.push([verb, options]);
    switch (verb) {
      case 'mounts':
        return this.mounts;
      case 'check_mount':
        return { ok: true, problem: null };
      case 'mount': {
        const mount = {
          path: String(options.path),
          root: '/',
          name: 'data.blob',
          sha256: 'aa'.repeat(32),
          writable: false,
          layers: [],
          changes: 0,
          system: false
        };
        this.mounts = [...this.mounts, mount];
        this.events.emit({ what: 'mounts', value: this.mounts });
        return mount;
      }
      case 'unmount':
        this.mounts = this.mounts.filter(({ path }) => path !== options.path);
        this.events.emit({ what: 'mounts', value: this.mounts });
        return null;
      case 'plan_thaw':
        return {
          name: 'data.blob',
          root: '/home/pyodide',
          created: ['/home/pyodide/a.csv'],
          changed: ['/home/pyodide/b.csv'],
          removed: [],
          kept: [],
          dangerous: [
            { path: '/home/pyodide/sitecustomize.py', why: 'is run at each start' }
          ],
          conflicts: [],
          counts: { created: 1, changed: 1, removed: 0, kept: 0, conflicts: 0 },
          bytes: 2400
        };
      case 'thaw':
        return {
          root: '/home/pyodide',
          counts: { created: 1, changed: 1 },
          bytes: 2400
        };
      case 'freeze':
        return { name: options.name, size: 3_400_000, files: 41, skipped: [] };
      default:
        throw new Error(`The kernel was asked for ${verb}`);
    }
  }
}

/** The frozen kernel of a site. */
export const BROWSER_KERNEL: IKernelFacts = {
  native: false,
  kernelspec: 'course',
  cwd: '/home/pyodide',
  subshells: false,
  environment: 'https://example.org/frozen/course/environment.json',
  version: '0.1.0',
  contents_drive: '/drive'
};

const images = new Images();
const link = new FakeLink();
const model = new PanelModel({
  images: images as unknown as IImages,
  link: link as unknown as ILink
});
const widget = new PanelWidget(model);
document.querySelector('#panel')!.append(widget.node);

Object.assign(window, { images, link, model, widget, PanelWidget, BROWSER_KERNEL });
