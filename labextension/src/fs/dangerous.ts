/** A file that is run without anybody asking for it. */
export interface IDangerous {
  readonly path: string;

  /** Completes the sentence "`path` …". */
  readonly why: string;
}

const RULES: readonly [pattern: RegExp, why: string][] = [
  [/\.pth$/, 'is read at each start of Python, which runs its lines of code'],
  [/\._pth$/, 'tells Python at its start where to find modules'],
  [
    /\/(__pycache__\/)?(sitecustomize|usercustomize)\.[^/]+$/,
    'is run at each start of Python'
  ],
  [
    /\/(sitecustomize|usercustomize)(\/(__pycache__\/)?__init__\.[^/]+)?$/,
    'is run at each start of Python'
  ],
  [/\/startup\/[^/]+\.(py|ipy)$/, 'is run at each start of IPython'],
  [/\/(ipython|jupyter)[^/]*_config\.(py|json)$/, 'configures IPython or Jupyter']
];

/** What all of them have in common, as few paths have it. */
const HINT = /pth$|customize|\/startup\/|_config\./;

/** Find what a program runs by itself, among paths of files and links. */
export function dangerous(paths: Iterable<string>): IDangerous[] {
  const found: IDangerous[] = [];
  for (const path of paths) {
    if (!HINT.test(path)) continue;
    const rule = RULES.find(([pattern]) => pattern.test(path));
    if (rule) found.push({ path, why: rule[1] });
  }
  return found;
}

/** How many paths a message names. */
const NAMED = 5;

/** Say of an image that was not made here what is dangerous in it: a sentence, to be followed by what to do. */
export function warningOf(name: string, found: readonly IDangerous[]): string {
  const named = found.slice(0, NAMED).map(({ path, why }) => `${path} (${why})`);
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : '';
  return `${name} was not made in this browser, and holds what Python runs by itself: ${named.join(', ')}${more}.`;
}
