/**
 * Grid pictures as object URLs: one packed request for a screenful, the least recently used revoked.
 *
 * A picture that the server has not made yet comes as an empty entry. The server then makes it first and
 * says so (`arrived`); asking again after a while covers a lost message.
 */

import { isAborted } from '../api/client';
import { PackReader } from './pack';

export type PackFetcher = (
  ids: readonly string[],
  signal: AbortSignal,
) => Promise<ReadableStream<Uint8Array>>;

interface Picture {
  id: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface ObjectUrls {
  create(blob: Blob): string;
  revoke(url: string): void;
}

const LARGEST_PACK = 100;
const KEPT = 1_200;
const RETRY_MS = 5_000;
/** Making a picture of bytes takes most of a millisecond, and a hundred come at once. */
const SLICE_MS = 8;
/** Two requests at a time keep the line full without delaying what is scrolled to next. */
const PARALLEL = 2;

const BROWSER_URLS: ObjectUrls = {
  create: (blob) => URL.createObjectURL(blob),
  revoke: (url) => URL.revokeObjectURL(url),
};

export class ThumbCache {
  /** Insertion order is order of use: the first is the least recently used. */
  readonly #urls = new Map<string, string>();
  readonly #retryAt = new Map<string, number>();
  readonly #flying = new Map<string, AbortController>();
  #wanted: readonly string[] = [];
  #running = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly fetch: PackFetcher,
    private readonly onChange: () => void,
    private readonly urls: ObjectUrls = BROWSER_URLS,
    private readonly now: () => number = Date.now,
    private readonly pause: () => Promise<void> = () => new Promise((go) => setTimeout(go)),
  ) {}

  get(id: string): string | undefined {
    return this.#urls.get(id);
  }

  /** The assets on screen and near it, most urgent first. Requests that serve none of them are cancelled. */
  want(ids: readonly string[]): void {
    this.#wanted = ids;
    const wanted = new Set(ids);
    const useless = new Set(this.#flying.values());
    for (const [id, abort] of this.#flying) {
      if (wanted.has(id)) useless.delete(abort);
    }
    for (const abort of useless) abort.abort();
    for (const id of ids) {
      const url = this.#urls.get(id);
      if (url === undefined) continue;
      this.#urls.delete(id);
      this.#urls.set(id, url);
    }
    this.#evict(wanted);
    this.#pump();
  }

  /** The server made the pictures of these assets, for the first time or anew. */
  arrived(ids: readonly string[]): void {
    for (const id of ids) {
      this.#retryAt.delete(id);
      const url = this.#urls.get(id);
      if (url === undefined) continue;
      this.urls.revoke(url);
      this.#urls.delete(id);
    }
    this.#pump();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#wanted = [];
    for (const abort of new Set(this.#flying.values())) abort.abort();
    for (const url of this.#urls.values()) this.urls.revoke(url);
    this.#urls.clear();
    this.#retryAt.clear();
  }

  #pump(): void {
    clearTimeout(this.#timer);
    while (this.#running < PARALLEL) {
      const batch = this.#nextBatch();
      if (batch.length === 0) break;
      void this.#load(batch);
    }
    if (this.#wanted.some((id) => this.#retryAt.has(id))) {
      this.#timer = setTimeout(() => this.#pump(), RETRY_MS);
    }
  }

  #nextBatch(): string[] {
    const batch: string[] = [];
    const now = this.now();
    for (const id of this.#wanted) {
      if (batch.length === LARGEST_PACK) break;
      if (this.#urls.has(id) || this.#flying.has(id)) continue;
      if ((this.#retryAt.get(id) ?? 0) <= now) batch.push(id);
    }
    return batch;
  }

  async #load(batch: readonly string[]): Promise<void> {
    const abort = new AbortController();
    for (const id of batch) this.#flying.set(id, abort);
    this.#running++;
    const missing = new Set(batch);
    const fresh: Picture[] = [];
    const reader = new PackReader((index, bytes) => {
      const id = batch[index];
      if (id === undefined || bytes.length === 0) return;
      missing.delete(id);
      fresh.push({ id, bytes });
    });
    let wasCancelled = false;
    try {
      const stream = (await this.fetch(batch, abort.signal)).getReader();
      for (let part = await stream.read(); !part.done; part = await stream.read()) {
        reader.push(part.value);
        await this.#keep(fresh.splice(0), abort.signal);
      }
      reader.end();
    } catch (error) {
      // Any other failure is an absent picture, asked for again below; the banner tells of the connection.
      wasCancelled = isAborted(error);
    }
    this.#running--;
    for (const id of batch) this.#flying.delete(id);
    if (!wasCancelled) for (const id of missing) this.#retryAt.set(id, this.now() + RETRY_MS);
    this.#pump();
  }

  /** Makes pictures of what came, in slices that leave the page time to draw. */
  async #keep(fresh: readonly Picture[], signal: AbortSignal): Promise<void> {
    let until = performance.now() + SLICE_MS;
    for (const { id, bytes } of fresh) {
      if (performance.now() > until) {
        this.onChange();
        await this.pause();
        signal.throwIfAborted();
        until = performance.now() + SLICE_MS;
      }
      this.#urls.set(id, this.urls.create(new Blob([bytes])));
    }
    this.onChange();
  }

  /** Pictures that are wanted now stay, however many they are: their URLs are on screen. */
  #evict(wanted: ReadonlySet<string>): void {
    for (const [id, url] of this.#urls) {
      if (this.#urls.size <= KEPT) return;
      if (wanted.has(id)) continue;
      this.urls.revoke(url);
      this.#urls.delete(id);
    }
  }
}
