/**
 * Live news from the server (server-sent events), reconnected silently for ever.
 *
 * EventSource retries by itself after a dropped connection but gives up for good on an HTTP error,
 * which is what a reverse proxy answers while the server restarts. So every failure is handled here.
 */

import type { Progress } from './types';

export interface EventHandlers {
  hello(revision: number, sync: Progress): void;
  library(revision: number): void;
  sync(progress: Progress): void;
  previews(ids: string[]): void;
  problems(): void;
  /** Some events were lost: everything shown may be stale. */
  refresh(): void;
  connected(isConnected: boolean): void;
}

const OPEN = 1;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;

/** The wait before the given attempt (0 is the first): doubling, capped, spread by up to a half. */
export function reconnectDelay(attempt: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
  return full * (0.5 + random / 2);
}

export class EventClient {
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #isStopped = false;

  constructor(
    private readonly handlers: EventHandlers,
    private readonly open: (url: string) => EventSource = (url) => new EventSource(url),
  ) {}

  start(): void {
    this.#isStopped = false;
    this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#drop();
  }

  /** Try at once, for instance because the device woke up or found its network again. */
  hurry(): void {
    if (this.#isStopped) return;
    if (this.#source?.readyState === OPEN) {
      // The device had lost its network for less than the connection noticed.
      this.handlers.connected(true);
      return;
    }
    this.#attempt = 0;
    this.#drop();
    this.#connect();
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #connect(): void {
    const source = this.open('/api/v1/events');
    this.#source = source;
    const on = (name: string, handle: (data: never) => void) => {
      source.addEventListener(name, (event) => {
        if (source === this.#source)
          handle(JSON.parse((event as MessageEvent<string>).data) as never);
      });
    };
    on('hello', (data: { revision: number; sync: Progress }) => {
      this.#attempt = 0;
      this.handlers.connected(true);
      this.handlers.hello(data.revision, data.sync);
    });
    on('library', (data: { revision: number }) => this.handlers.library(data.revision));
    on('sync', (data: Progress) => this.handlers.sync(data));
    on('previews', (data: { ids: string[] }) => this.handlers.previews(data.ids));
    on('problems', () => this.handlers.problems());
    on('refresh', () => this.handlers.refresh());
    on('bye', () => this.#retry());
    source.onerror = () => {
      if (source === this.#source) this.#retry();
    };
  }

  #retry(): void {
    this.#drop();
    this.handlers.connected(false);
    if (this.#isStopped) return;
    const delay = reconnectDelay(this.#attempt++, Math.random());
    this.#timer = setTimeout(() => this.#connect(), delay);
  }
}
