/**
 * Where files come in: the picker, what is dropped on the page or pasted, and what other apps share. Small,
 * since it is part of the first load; what is done with the files is a chunk of its own.
 */

import type { Component } from 'svelte';
import { i18n } from '../shell/i18n.svelte';

export type Given = readonly (File | FileSystemEntry)[];

/** Where the service worker keeps what is shared with the app. */
export const SHARED = 'shared-photos';
/** Phones have a picker of photos, which comes only where nothing else is asked for. */
const PHOTOS = 'image/*,video/*';
const RAWS =
  '.heic,.heif,.avif,.jxl,.psd,.dng,.cr2,.cr3,.crw,.nef,.nrw,.arw,.raf,.orf,.rw2,.pef,.srw,.mts,.m2ts';

const AGAIN_MS = 5_000;

class Door {
  /** Files are being dragged over the page. */
  isOver = $state(false);
  /** The list of what is being added, once there is something to show. */
  list: Component | null = $state.raw(null);
  #isOpen = false;
  /** Given before the list could take it. */
  #waiting: Given[] = [];
  #take: ((given: Given) => void) | null = null;
  #depth = 0;
  #isOwnDrag = false;

  start(): void {
    // A picture of the page itself, dragged, looks like a file to some browsers.
    addEventListener('dragstart', () => (this.#isOwnDrag = true));
    addEventListener('dragend', () => (this.#isOwnDrag = false));
    addEventListener('dragenter', (event) => this.#enter(event));
    addEventListener('dragover', (event) => this.#isFor(event) && event.preventDefault());
    addEventListener('dragleave', () => this.#leave());
    addEventListener('drop', (event) => this.#drop(event));
    addEventListener('paste', (event) => this.#paste(event));
    void this.lookForShared();
  }

  /** Has to be called while a click or key is handled: browsers open no picker otherwise. */
  choose(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.accept = matchMedia('(pointer: coarse)').matches ? PHOTOS : `${PHOTOS},${RAWS}`;
    input.onchange = () => this.give([...(input.files ?? [])]);
    input.click();
  }

  /** Fetches the list. What was given waits for it, also while there is no connection. */
  async open(): Promise<void> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    while (!this.list) {
      try {
        await i18n.complete();
        this.list = (await import('./Uploads.svelte')).default;
      } catch {
        // It is said by whoever watches for that (`shell/renewal`).
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  give(given: Given): void {
    if (given.length === 0) return;
    void this.open();
    if (this.#take) return this.#take(given);
    this.#waiting.push(given);
    // A reload by itself would lose them.
    document.documentElement.toggleAttribute('data-unsaved', true);
  }

  /** The list is there, and takes what is given from now on. */
  connect(take: (given: Given) => void): void {
    this.#take = take;
    document.documentElement.removeAttribute('data-unsaved');
    for (const given of this.#waiting.splice(0)) take(given);
  }

  /** What another app shared, now or when the app was closed too early. */
  async lookForShared(): Promise<void> {
    try {
      if ('caches' in globalThis && (await caches.has(SHARED))) void this.open();
    } catch {
      // Storage may be blocked: then nothing was kept in it.
    }
  }

  #isFor(event: DragEvent): boolean {
    return !this.#isOwnDrag && (event.dataTransfer?.types.includes('Files') ?? false);
  }

  #enter(event: DragEvent): void {
    if (!this.#isFor(event)) return;
    event.preventDefault();
    this.#depth++;
    this.isOver = true;
    void this.open();
  }

  #leave(): void {
    this.#depth = Math.max(0, this.#depth - 1);
    if (this.#depth === 0) this.isOver = false;
  }

  #drop(event: DragEvent): void {
    if (!this.#isFor(event)) return;
    event.preventDefault();
    this.#depth = 0;
    this.isOver = false;
    const items = [...(event.dataTransfer?.items ?? [])].filter((item) => item.kind === 'file');
    // Folders can only be asked for now.
    const found = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
    this.give(found.filter((one) => one !== null));
  }

  #paste(event: ClipboardEvent): void {
    const target = event.target as HTMLElement | null;
    if (target?.closest?.('input, textarea, [contenteditable]')) return;
    this.give([...(event.clipboardData?.files ?? [])]);
  }
}

export const door = new Door();
