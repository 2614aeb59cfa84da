/**
 * The one place through which every act of a person goes: shown at once where that is safe, sent, said with an
 * Undo, and taken back where it failed. What was done last can be undone by Ctrl-Z.
 */

import { undoAct, type Done } from '../api/acts';
import { ApiError, OfflineError } from '../api/client';
import { t } from '../shell/i18n.svelte';
import { live } from '../shell/live.svelte';
import { toasts } from '../shell/toasts.svelte';
import type { Row } from '../timeline/rows';

/** What the grid and the viewer show of an asset before the server has answered. */
export type Preview = Partial<Pick<Row, 'favourite' | 'title'>>;

export interface Deed<T> {
  /** The assets that are touched, by their public ids. */
  ids: readonly string[];
  /** Shown before the server answers; nothing that moves or removes a photo. */
  preview?: Preview;
  send(): Promise<T>;
  /** The journal's number of what was done; null if nothing was. */
  actOf(answer: T): number | null;
  /** What is said afterwards; null for nothing. */
  said(answer: T): string | null;
}

export interface ActListener {
  /** These assets shall look like this, or (`null`) as the server says. */
  preview?(ids: ReadonlySet<string>, preview: Preview | null): void;
  /** Something was done to, or undone on, these assets; null where nobody knows which. */
  done?(ids: ReadonlySet<string> | null): void;
}

interface Past {
  act: number;
  ids: ReadonlySet<string>;
  /** The message that offers to undo it, if there was one. */
  toast: number | null;
}

const KEPT = 50;

/** The library's revision that an answer tells, if it does. */
function revisionOf(answer: unknown): number | null {
  const { revision } = (answer ?? {}) as { revision?: unknown };
  return typeof revision === 'number' ? revision : null;
}

/** Why something failed, and what to do about it, in one text. */
export function messageOf(error: unknown): string {
  if (error instanceof OfflineError) return t('act.offline');
  // Each browser words it differently; all of them name the import.
  if (error instanceof TypeError && /import/i.test(error.message)) {
    return t(live.isConnected ? 'failed.chunk' : 'act.offline');
  }
  const text = error instanceof Error ? error.message : String(error);
  const remedy = error instanceof ApiError ? error.remedy : null;
  return remedy ? `${text} ${remedy}` : text;
}

/** Begins what has to fetch its code first; a failure is said. */
export function begin(run: () => Promise<unknown>): void {
  run().catch((error: unknown) => toasts.show(messageOf(error)));
}

/** Follows a long way back to its end. */
async function undoWhole(act: number): Promise<Done> {
  const answer = await undoAct(act);
  return 'task' in answer ? (await import('./tasks')).ofTask<Done>(answer) : answer;
}

/** What came back, and why not all of it. */
function undoneText({ changed, skipped, deleted }: Done): string {
  const others = skipped - (deleted ?? 0);
  const parts = [t('act.undone', { count: changed })];
  if (others > 0) parts.push(t('act.skipped', { count: others }));
  if (deleted > 0) parts.push(t('act.gone', { count: deleted }));
  return parts.join(' ');
}

export class Acts {
  /** How many requests are on their way. */
  pending = $state(0);
  #past: Past[] = [];
  /** Revisions that acts of this page made. */
  #revisions: number[] = [];
  readonly #listeners = new Set<ActListener>();

  constructor(private readonly undoing: (act: number) => Promise<Done> = undoWhole) {}

  subscribe(listener: ActListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The server's answer, or null if the deed failed: that has been said then. */
  async perform<T>(deed: Deed<T>): Promise<T | null> {
    const ids = new Set(deed.ids);
    if (deed.preview) this.#tell((listener) => listener.preview?.(ids, deed.preview!));
    this.pending++;
    try {
      const answer = await deed.send();
      // Who was answered need not read any longer that nobody answers.
      if (!live.isConnected) live.hurry();
      this.#note(answer);
      this.#keep(deed.actOf(answer), ids, deed.said(answer));
      return answer;
    } catch (error) {
      if (deed.preview) this.#tell((listener) => listener.preview?.(ids, null));
      toasts.show(messageOf(error));
      return null;
    } finally {
      this.pending--;
      this.#tell((listener) => listener.done?.(ids));
    }
  }

  /** True if the act was undone. */
  async undo(act: number): Promise<boolean> {
    const past = this.#past.find((one) => one.act === act);
    this.#past = this.#past.filter((one) => one.act !== act);
    if (past && past.toast !== null) toasts.dismiss(past.toast);
    this.pending++;
    try {
      const answer = await this.undoing(act);
      this.#note(answer);
      toasts.show(undoneText(answer));
      return true;
    } catch (error) {
      toasts.show(messageOf(error));
      return false;
    } finally {
      this.pending--;
      this.#tell((listener) => listener.done?.(past?.ids ?? null));
    }
  }

  /** Undoes the last act of this page; false if there is none. */
  undoLast(): boolean {
    const last = this.#past.at(-1);
    if (!last) return false;
    void this.undo(last.act);
    return true;
  }

  /** Whether the library went from one revision to the other by what this person does here. */
  isOwn(from: number, to: number): boolean {
    return this.pending > 0 || this.#revisions.some((one) => from < one && one <= to);
  }

  #note(answer: unknown): void {
    const revision = revisionOf(answer);
    if (revision !== null) this.#revisions = [...this.#revisions, revision].slice(-KEPT);
  }

  #keep(act: number | null, ids: ReadonlySet<string>, text: string | null): void {
    if (act === null) {
      if (text !== null) toasts.show(text);
      return;
    }
    const toast =
      text === null
        ? null
        : toasts.show(text, { label: t('act.undo'), run: () => void this.undo(act) });
    this.#past = [...this.#past, { act, ids, toast }].slice(-KEPT);
  }

  #tell(call: (listener: ActListener) => void): void {
    for (const listener of this.#listeners) call(listener);
  }
}

export const acts = new Acts();
