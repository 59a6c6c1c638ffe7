const TOKEN = /\*\*\/|\*\*|\*|\?|\[(?:!?\]|!?[^\]/!]|!!)[^\]/]*\]|./gsu;
const FIXED: ReadonlyMap<string, string> = new Map([
  ['**/', '(?:.*/)?'],
  ['**', '.*'],
  ['*', '[^/]*'],
  ['?', '[^/]']
]);

/**
 * Make one expression that matches the absolute paths which any of the globs selects; with none, nothing is
 * selected.
 *
 * A glob without `/` selects entries of this name anywhere, one with `/` inside from any directory on, one with
 * `/` in front from the root. What lies below a selected directory is selected with it. `*` and `?` stop at
 * `/`, `**` does not; `[abc]` and `[!abc]` are classes. Letter case counts. It is what
 * `jupyter_frozenfs.image.globs` does.
 *
 * @throws SyntaxError when a class has a range that ends before it begins.
 */
export function compileGlobs(patterns: readonly string[]): RegExp {
  const parts = patterns.map(pattern => {
    try {
      const part = translate(pattern);
      // Each by itself, so that the error can name it.
      new RegExp(part, 'su');
      return part;
    } catch {
      throw new SyntaxError(
        `the glob ${JSON.stringify(pattern)} has a range that ends before it begins, as [z-a]; correct it`
      );
    }
  });
  return new RegExp(parts.length > 0 ? `^(?:${parts.join('|')})$` : '(?!)', 'su');
}

function translate(pattern: string): string {
  const start = pattern.startsWith('/') ? '/' : '(?:/.*)?/';
  const tokens = pattern.replace(/^\/+|\/+$/g, '').match(TOKEN) ?? [];
  return `${start}${tokens.map(translateToken).join('')}(?:/.*)?`;
}

function translateToken(token: string): string {
  const fixed = FIXED.get(token);
  if (fixed !== undefined) return fixed;
  if (token.length < 3) {
    return token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  const negated = token.startsWith('[!');
  // `-` keeps its meaning of a range; nothing else has one inside a class.
  const members = token.slice(negated ? 2 : 1, -1).replace(/[\\^[\]]/g, '\\$&');
  // `(?!/)`, because a negated class would match the slash.
  return `(?!/)[${negated ? '^' : ''}${members}]`;
}
