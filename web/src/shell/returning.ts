/**
 * Puts back what a page looked like when it is come back to: where it was scrolled to, and the link that had
 * the focus. Grids keep their own place; this is for every other page, and for the focus of all.
 */

import { router } from './router.svelte';

interface Left {
  top: number;
  /** Address of the link that was followed from here. */
  href: string | null;
}

const KEY = 'photostore.left.';
/** How long a page has to fetch its content. */
const PATIENCE_MS = 4_000;
const INTERRUPTIONS = ['wheel', 'touchstart', 'keydown', 'pointerdown'] as const;

const left = new Map<string, Left>();

const scrollerOf = () => document.querySelector<HTMLElement>('main [data-scroll]');

/** Notes the page that is about to be left. */
export function noteLeaving(): void {
  const focused = document.activeElement?.closest<HTMLAnchorElement>('main a[href]');
  const note = { top: scrollerOf()?.scrollTop ?? 0, href: focused?.getAttribute('href') ?? null };
  left.set(router.entry, note);
}

/** Over a reload too. */
export function keepOverReload(): void {
  addEventListener('pagehide', () => {
    noteLeaving();
    try {
      sessionStorage.setItem(KEY + router.entry, JSON.stringify(left.get(router.entry)));
    } catch {
      // Storage may be blocked: a reload then begins at the top.
    }
  });
}

function noteOf(entry: string): Left | null {
  const note = left.get(entry);
  if (note) return note;
  try {
    return JSON.parse(sessionStorage.getItem(KEY + entry) ?? 'null') as Left | null;
  } catch {
    return null;
  }
}

/** Waits until the page has enough content, unless the person does something first. Returns the end of it. */
export function putBack(entry: string): () => void {
  const note = noteOf(entry);
  if (!note) return () => undefined;
  const abort = new AbortController();
  const { signal } = abort;
  const until = performance.now() + PATIENCE_MS;
  let isScrolled = note.top === 0;
  let isFocused = note.href === null;
  const look = () => {
    if (signal.aborted) return;
    const scroller = scrollerOf();
    if (!isScrolled && scroller && scroller.scrollHeight - scroller.clientHeight >= note.top) {
      scroller.scrollTop = note.top;
      isScrolled = true;
    }
    if (isScrolled && !isFocused) isFocused = focusLink(note.href!);
    if ((!isScrolled || !isFocused) && performance.now() < until) requestAnimationFrame(look);
    else abort.abort();
  };
  for (const name of INTERRUPTIONS) addEventListener(name, () => abort.abort(), { signal });
  requestAnimationFrame(look);
  return () => abort.abort();
}

function focusLink(href: string): boolean {
  if (document.querySelector('dialog[open]')) return true;
  const link = document.querySelector<HTMLElement>(`main a[href="${CSS.escape(href)}"]`);
  link?.focus({ preventScroll: true });
  return link !== null;
}
