/** What has changed in a store, in this tab or another. */
export interface IStoreChange {
  /** `put` also when an image was overwritten. */
  kind: 'put' | 'renamed' | 'deleted' | 'noted' | 'autoload';

  /** URL of the root of the site. */
  site: string;

  /** Name of the image; for `autoload` of the kernelspec. */
  name: string;

  /** For `renamed`: the new name. */
  to?: string;
}

type Listener = (change: IStoreChange) => void;

/** Tells every tab and worker of the origin what has changed. */
export class Changes {
  private readonly channel: BroadcastChannel | null;
  private readonly listeners = new Set<Listener>();

  constructor(databaseName: string) {
    // Where storage is blocked, it may be, too.
    try {
      this.channel = new BroadcastChannel(`${databaseName}:store`);
      this.channel.onmessage = ({ data }) => this.dispatch(data as IStoreChange);
    } catch {
      this.channel = null;
    }
  }

  /** @returns What removes the listener. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Tell it here and elsewhere. */
  emit(change: IStoreChange): void {
    this.channel?.postMessage(change);
    this.dispatch(change);
  }

  close(): void {
    this.listeners.clear();
    this.channel?.close();
  }

  private dispatch(change: IStoreChange): void {
    for (const listener of this.listeners) {
      try {
        listener(change);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
