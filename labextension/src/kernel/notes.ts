/** So many addresses are noted under one name, the newest first. */
const MOST = 16;

type Note = [url: string, text: string];

/** What pages of a site note for the next one, by an address each; it can be asked for at once. */
export class Notes {
  constructor(private readonly name: string) {}

  /** @returns The text; null when there is none; undefined where nothing can be noted. */
  get(url: string): string | null | undefined {
    try {
      return this.read().find(([other]) => other === url)?.[1] ?? null;
    } catch {
      return undefined;
    }
  }

  /** Note something, in place of what was noted for this address before. */
  set(url: string, text: string): void {
    try {
      const others = this.read().filter(([other]) => other !== url);
      const notes: Note[] = [[url, text], ...others];
      localStorage.setItem(this.name, JSON.stringify(notes.slice(0, MOST)));
    } catch {
      // Whoever asks is told so.
    }
  }

  private read(): Note[] {
    const text = localStorage.getItem(this.name);
    try {
      const found: unknown = JSON.parse(text ?? '[]');
      return Array.isArray(found) ? found.filter(isNote) : [];
    } catch {
      return []; // somebody else has written it
    }
  }
}

/**
 * Which environments have left their decoded memory for the next start, by the URL of `environment.json`: the SHA-256 of
 * the snapshot. To look for the file takes longer, and a worker that is to decode it would wait.
 */
export const KEPT = new Notes('jupyter-frozenfs:kept');

/** With which runtimes a kernel has practised, by their URL: the `practiceTerm` in which it did. */
export const PRACTISED = new Notes('jupyter-frozenfs:practised');

function isNote(value: unknown): value is Note {
  return Array.isArray(value) && value.length === 2 && value.every(isText);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}
