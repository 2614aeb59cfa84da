/**
 * Where files come in: the picker, what is dropped on the page or pasted, and what other apps share. Small,
 * since it is part of the first load; what is done with the files is a chunk of its own.
 */

export type Given = readonly (File | FileSystemEntry)[];

/** Where the service worker keeps what is shared with the app. */
export const SHARED = 'shared-photos';
/** Phones have a picker of photos, which comes only where nothing else is asked for. */
const PHOTOS = 'image/*,video/*';
const RAWS =
  '.heic,.heif,.avif,.jxl,.psd,.dng,.cr2,.cr3,.crw,.nef,.nrw,.arw,.raf,.orf,.rw2,.pef,.srw,.mts,.m2ts';

class Door {
  /** Files are being dragged over the page. */
  isOver = $state(false);
  /** There is something to show: the list of what is being added. */
  isOpen = $state(false);
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

  give(given: Given): void {
    if (given.length === 0) return;
    this.isOpen = true;
    if (this.#take) this.#take(given);
    else this.#waiting.push(given);
  }

  /** The list is there, and takes what is given from now on. */
  connect(take: (given: Given) => void): void {
    this.#take = take;
    for (const given of this.#waiting.splice(0)) take(given);
  }

  /** What another app shared, now or when the app was closed too early. */
  async lookForShared(): Promise<void> {
    try {
      if ('caches' in globalThis && (await caches.has(SHARED))) this.isOpen = true;
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
    this.isOver = this.isOpen = true;
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
