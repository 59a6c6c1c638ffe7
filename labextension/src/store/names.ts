import { StoreError } from './error';

/** In UTF-8; what names of files may have on most systems. */
const LONGEST = 255;

/** Refuse what cannot be the name of an image: it should do for a file, too. */
export function checkName(name: string): void {
  const length = new TextEncoder().encode(name).length;
  // eslint-disable-next-line no-control-regex
  const wrong = /[/\\\u0000-\u001f\u007f]/.exec(name);
  const found = wrong
    ? `it holds ${JSON.stringify(wrong[0])}`
    : name === '' || name === '.' || name === '..'
      ? 'it is no name of a file'
      : length > LONGEST
        ? `it takes ${length} bytes, of at most ${LONGEST}`
        : null;
  if (found === null) return;
  throw new StoreError(
    'name',
    `${JSON.stringify(name)}: cannot be the name of an image, ${found}. Choose a name as for a file, without a folder.`
  );
}

/** A name like the given one: `env-2.blob`, `env-3.blob`, … */
export function* namesLike(name: string): Generator<string> {
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 2; ; number++) yield `${stem}-${number}${end}`;
}

/** A key that nobody else has; `crypto.randomUUID` is missing on plain http. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
