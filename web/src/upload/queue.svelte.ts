/** What is being added: each file with how far it is, two at a time, and what came of all of them. */

import { ApiError, isAborted, OfflineError } from '../api/client';
import type { checkHere, finishUploads, Uploaded, UploadState } from '../api/uploads';
import type { Sending } from './send';

/**
 * waiting → checking → sending → added | present (it was here before) | refused (it can never be added) | failed
 * (it may be tried again). `held`: the server cannot be reached, it goes on by itself.
 */
export type ItemState =
  'waiting' | 'held' | 'checking' | 'sending' | 'added' | 'present' | 'refused' | 'failed';

export const isOver = (state: ItemState) =>
  state === 'added' || state === 'present' || state === 'refused' || state === 'failed';

const PARALLEL = 2;
const HOLD_MS = 4_000;
const ATTEMPTS = 3;
/** What a second try may do better: another load, another moment. */
const AGAIN = new Set([408, 429, 500, 502, 503, 504]);

export class Item {
  state: ItemState = $state('waiting');
  sent = $state(0);
  /** Why it was refused or failed, in words. */
  reason: string | null = $state(null);
  /** The asset, once there is one, and where that is found. */
  id: string | null = $state(null);
  shelf = $state('timeline');
  attempts = 0;
  readonly abort = new AbortController();

  constructor(
    readonly key: number,
    readonly file: File,
    readonly forget: () => unknown,
  ) {}
}

/** What the queue needs from elsewhere; tests bring their own. */
export interface Means {
  send(sending: Sending): Promise<Uploaded>;
  state(): Promise<UploadState>;
  here: typeof checkHere;
  finish: typeof finishUploads;
  sha1(file: File): Promise<string | null>;
  /** The reason why a file cannot be added, known before it is sent; null if there is none. */
  refuse(file: File, state: UploadState): string | null;
  /** All is done that could be: `added` were, as the act with that number. */
  done(added: readonly Item[], act: number | null): void;
  wait(ms: number): Promise<void>;
}

export class UploadQueue {
  items: readonly Item[] = $state.raw([]);
  /** Files of dropped folders that are no photos and no videos. */
  others = $state(0);
  /** The server cannot be reached: what is left waits for it. */
  isHeld = $state(false);
  #batch = '';
  #running = 0;
  #next = 0;
  #server: UploadState | null = null;

  constructor(private readonly means: Means) {}

  readonly left = $derived(this.items.filter((item) => !isOver(item.state)).length);
  readonly bytes = $derived(this.items.reduce((sum, item) => sum + item.file.size, 0));
  readonly sent = $derived(
    this.items.reduce((sum, item) => sum + (isOver(item.state) ? item.file.size : item.sent), 0),
  );

  count(...states: readonly ItemState[]): number {
    return this.items.filter((item) => states.includes(item.state)).length;
  }

  /** `forget` is called once the file needs not be kept for the queue any more. */
  add(files: readonly File[], forget: (file: File) => unknown = () => undefined): void {
    if (this.left === 0) this.#begin();
    const more = files.map((file) => new Item(this.#next++, file, () => forget(file)));
    this.items = [...this.items, ...more];
    this.#pump();
  }

  cancel(item: Item): void {
    item.abort.abort();
    void item.forget();
    this.items = this.items.filter((one) => one !== item);
    this.#settle();
  }

  /** What is on its way stops; what was added stays. */
  cancelAll(): void {
    for (const item of this.items) {
      if (isOver(item.state)) continue;
      item.abort.abort();
      void item.forget();
    }
    this.items = this.items.filter((item) => isOver(item.state));
    this.#settle();
  }

  retry(items: readonly Item[] = this.items.filter((item) => item.state === 'failed')): void {
    if (this.left === 0) this.#begin();
    this.#server = null;
    for (const item of items) this.#again(item, 0);
    this.#pump();
  }

  /** The server answers again. */
  resume(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    for (const item of this.items) if (item.state === 'held') item.state = 'waiting';
    this.#pump();
  }

  /** What is over is not shown any more. */
  clear(): void {
    for (const item of this.items) if (isOver(item.state)) void item.forget();
    this.items = this.items.filter((item) => !isOver(item.state));
    this.others = 0;
  }

  #begin(): void {
    this.#batch = `app-${Math.random().toString(36).slice(2)}${Date.now().toString(36)}`;
    this.#server = null;
  }

  #pump(): void {
    while (this.#running < PARALLEL && !this.isHeld) {
      const item = this.items.find((one) => one.state === 'waiting');
      if (!item) break;
      item.state = 'checking';
      this.#running++;
      void this.#take(item).finally(() => {
        this.#running--;
        this.#pump();
        this.#settle();
      });
    }
  }

  async #take(item: Item): Promise<void> {
    try {
      this.#server ??= await this.means.state();
      const reason = this.means.refuse(item.file, this.#server);
      if (reason !== null) return this.#end(item, 'failed', reason);
      const sha1 = await this.means.sha1(item.file);
      const known = sha1 === null ? undefined : (await this.means.here([sha1]))[sha1];
      if (item.abort.signal.aborted) return;
      if (known?.bytes === item.file.size)
        return this.#arrive(item, { ...known, state: 'present' });
      item.state = 'sending';
      const answer = await this.means.send({
        file: item.file,
        name: item.file.name,
        batch: this.#batch,
        sha1,
        onprogress: (sent) => (item.sent = Math.min(sent, item.file.size)),
        signal: item.abort.signal,
      });
      this.#arrive(item, answer);
    } catch (error) {
      await this.#fail(item, error);
    }
  }

  #arrive(item: Item, { id, shelf, state }: Pick<Uploaded, 'id' | 'shelf' | 'state'>): void {
    item.id = id;
    item.shelf = shelf;
    void item.forget();
    this.#end(item, state, null);
  }

  async #fail(item: Item, error: unknown): Promise<void> {
    if (isAborted(error) || item.abort.signal.aborted) return;
    item.sent = 0;
    if (error instanceof OfflineError) return this.#hold(item);
    const status = error instanceof ApiError ? error.status : 0;
    if (AGAIN.has(status) && ++item.attempts < ATTEMPTS) {
      await this.means.wait(HOLD_MS * item.attempts);
      return this.#again(item, item.attempts);
    }
    // A full disk, a folder that cannot be written: the next file is asked about anew.
    if (status === 507 || status === 409) this.#server = null;
    const isFinal = status === 422 || status === 413;
    this.#end(item, isFinal ? 'refused' : 'failed', messageOf(error));
  }

  /** A cut connection may be one, or the file may be gone: only a server that answers tells. */
  async #hold(item: Item): Promise<void> {
    try {
      await item.file.slice(0, 1).arrayBuffer();
    } catch (error) {
      return this.#end(item, 'failed', messageOf(error));
    }
    item.state = 'held';
    if (this.isHeld) return;
    this.isHeld = true;
    void this.#knock();
  }

  async #knock(): Promise<void> {
    while (this.isHeld && this.left > 0) {
      await this.means.wait(HOLD_MS);
      try {
        this.#server = await this.means.state();
        this.resume();
      } catch {
        // Not yet.
      }
    }
    this.isHeld = false;
  }

  #again(item: Item, attempts: number): void {
    item.attempts = attempts;
    item.reason = null;
    item.sent = 0;
    item.state = 'waiting';
  }

  #end(item: Item, state: ItemState, reason: string | null): void {
    item.state = state;
    item.reason = reason;
  }

  /** All that could be done is done: it is one act, which can be undone. */
  #settle(): void {
    if (this.left > 0 || this.#running > 0 || this.#batch === '') return;
    const batch = this.#batch;
    this.#batch = '';
    const added = this.items.filter((item) => item.state === 'added');
    void this.means.finish(batch).then(
      ({ act }) => this.means.done(added, act),
      // It is added all the same: the server ends the batch by itself.
      () => this.means.done(added, null),
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
