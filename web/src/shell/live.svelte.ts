/** What the server tells by itself: the connection, the import's progress, and changes of the library. */

import { EventClient } from '../api/events';
import type { Progress } from '../api/types';

export interface LiveListener {
  /** The library stands at this revision (told again after every reconnection). */
  library?(revision: number): void;
  /** The server answers, for the first time or again. */
  hello?(): void;
  previews?(ids: string[]): void;
  problems?(): void;
  refresh?(): void;
}

/** A connection that is back within this time is not worth a word. */
const GRACE_MS = 2_500;
/** An import that is done within this time, such as that of a sidecar after an edit, is not worth a word either. */
const SHORT_IMPORT_MS = 800;

class Live {
  progress: Progress | null = $state.raw(null);
  /** True while an import runs that takes longer than a moment. */
  isImporting = $state(false);
  /** False once the connection has been lost for longer than a moment. */
  isConnected = $state(true);

  readonly #listeners = new Set<LiveListener>();
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  #importTimer: ReturnType<typeof setTimeout> | undefined;

  readonly #client = new EventClient({
    hello: (revision, sync) => {
      this.#setProgress(sync, 0);
      this.#tell((listener) => listener.hello?.());
      this.#tell((listener) => listener.library?.(revision));
    },
    library: (revision) => this.#tell((listener) => listener.library?.(revision)),
    sync: (progress) => this.#setProgress(progress, SHORT_IMPORT_MS),
    previews: (ids) => this.#tell((listener) => listener.previews?.(ids)),
    problems: () => this.#tell((listener) => listener.problems?.()),
    refresh: () => this.#tell((listener) => listener.refresh?.()),
    connected: (isConnected) => this.#setConnected(isConnected),
  });

  start(): void {
    this.#client.start();
    addEventListener('online', () => this.#client.hurry());
    addEventListener('offline', () => this.#setConnected(false));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#client.hurry();
    });
    addEventListener('pagehide', () => this.#client.stop());
    addEventListener('pageshow', (event) => {
      if (event.persisted) this.#client.start();
    });
  }

  /** Ask for a connection now instead of after the next wait. */
  hurry(): void {
    this.#client.hurry();
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(call: (listener: LiveListener) => void): void {
    for (const listener of this.#listeners) call(listener);
  }

  #setProgress(progress: Progress, graceMs: number): void {
    this.progress = progress;
    if (progress.state === 'idle' || progress.state === 'paused') {
      clearTimeout(this.#importTimer);
      this.#importTimer = undefined;
      this.isImporting = false;
    } else if (graceMs === 0) this.isImporting = true;
    else this.#importTimer ??= setTimeout(() => (this.isImporting = true), graceMs);
  }

  #setConnected(isConnected: boolean): void {
    clearTimeout(this.#graceTimer);
    if (isConnected) this.isConnected = true;
    else this.#graceTimer = setTimeout(() => (this.isConnected = false), GRACE_MS);
  }
}

export const live = new Live();
