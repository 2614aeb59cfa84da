/**
 * Keys. A part of the app registers what it answers to while it is on screen; `?` lists what is registered.
 * Off inside inputs and while a dialog is open that did not register them itself.
 */

import { tick } from 'svelte';
import type { Key } from './i18n.svelte';

export interface Shortcut {
  /** event.key values, with "Ctrl+" (Ctrl or Cmd) or "Shift+" in front. */
  keys: readonly string[];
  label: Key;
  /** Returns false if it does not apply now: the key is then left to the browser. */
  run(event: KeyboardEvent): boolean | undefined;
}

interface Group {
  title: Key;
  shortcuts: readonly Shortcut[];
  /** Hides the groups below it: the viewer over the grid. */
  isModal: boolean;
}

export function keyOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>,
): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const modifier = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';
  // A sign such as "?" needs Shift on some keyboards and not on others: it counts as itself.
  const isSign = event.key.length === 1 && !/[a-z0-9 ]/i.test(event.key);
  return modifier + (event.shiftKey && !isSign ? 'Shift+' : '') + (key === ' ' ? 'Space' : key);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLSelectElement || target instanceof HTMLInputElement;
}

const SINGLE_KEYS = 'photostore.keys';

function readSingleKeys(): boolean {
  try {
    return localStorage.getItem(SINGLE_KEYS) !== 'off';
  } catch {
    return true;
  }
}

class Shortcuts {
  groups: readonly Group[] = $state.raw([]);
  isHelpOpen = $state(false);
  /** Keys without Ctrl can be switched off: some people's voice or hands hit them by chance (WCAG 2.1.4). */
  areSingleKeysOn = $state(readSingleKeys());

  start(): void {
    addEventListener('keydown', (event) => this.#handle(event));
  }

  /** Returns the function that takes the keys back. */
  register(title: Key, shortcuts: readonly Shortcut[], isModal = false): () => void {
    const group = { title, shortcuts, isModal };
    // After the current update, because this is called from effects that must not change state.
    void tick().then(() => (this.groups = [...this.groups, group]));
    return () => void tick().then(() => (this.groups = this.groups.filter((g) => g !== group)));
  }

  setSingleKeys(areOn: boolean): void {
    this.areSingleKeysOn = areOn;
    try {
      localStorage.setItem(SINGLE_KEYS, areOn ? 'on' : 'off');
    } catch {
      // Storage may be blocked: the choice then lasts as long as the page.
    }
  }

  #handle(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.altKey || isTyping(event.target)) return;
    // The browser closes an open menu by Escape.
    if (this.isHelpOpen || document.querySelector(':popover-open')) return;
    const key = keyOf(event);
    if (!this.areSingleKeysOn && event.key.length === 1 && !key.startsWith('Ctrl+')) {
      if (event.key !== ' ') return;
    }
    if (key === '?') {
      event.preventDefault();
      this.isHelpOpen = true;
      return;
    }
    for (const group of [...this.groups].reverse()) {
      const shortcut = group.shortcuts.find((candidate) => candidate.keys.includes(key));
      if (shortcut && shortcut.run(event) !== false) {
        event.preventDefault();
        return;
      }
      if (group.isModal) return;
    }
  }
}

export const shortcuts = new Shortcuts();
