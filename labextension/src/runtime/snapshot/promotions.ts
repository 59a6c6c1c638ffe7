import type { ILibraryObject, ILinker } from './module';

/** A library whose symbols became global, and how many libraries (with the runtime) had been opened by then. */
interface IPromotion {
  name: string;
  opened: number;
}

/**
 * Notes which libraries become global after they were opened, as one does that is needed by another which is opened
 * with `RTLD_GLOBAL`.
 *
 * It has to watch before the first library is opened.
 */
export class PromotionObserver {
  readonly seen: IPromotion[] = [];

  watch({ LDSO }: Pick<ILinker, 'LDSO'>): void {
    LDSO.loadedLibsByName = new Proxy(LDSO.loadedLibsByName, {
      set: (libraries, name: string, object: ILibraryObject) => {
        libraries[name] = object;
        this.watchObject(object, () => Object.keys(libraries).length);
        return true;
      }
    });
  }

  private watchObject(object: ILibraryObject, opened: () => number): void {
    let { global } = object;
    Object.defineProperty(object, 'global', {
      enumerable: true,
      get: () => global,
      // Emscripten makes each of them global, and says at once which ones are not.
      set: (value: boolean) => {
        if (value && !global) this.seen.push({ name: object.name, opened: opened() });
        global = value;
      }
    });
  }
}
