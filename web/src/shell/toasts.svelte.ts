/** Short messages that go away by themselves, some with something to do about them. */

/** What a message offers: to undo what it tells. */
export interface ToastAction {
  readonly label: string;
  run(): void;
}

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly action: ToastAction | null;
}

const SHOWN_MS = 6_000;
/** Long enough to read, think better of it, and reach the button. */
const ACTION_MS = 10_000;

class Toasts {
  list: readonly Toast[] = $state.raw([]);
  #next = 1;

  /** Returns the message's number, for `dismiss`. */
  show(text: string, action: ToastAction | null = null): number {
    const toast = { id: this.#next++, text, action };
    // Of those that offer something only the last is shown: it is the one that is meant.
    const others = action ? this.list.filter((one) => one.action === null) : this.list;
    this.list = [...others, toast];
    setTimeout(() => this.dismiss(toast.id), action ? ACTION_MS : SHOWN_MS);
    return toast.id;
  }

  /** A message that stays until its button is pressed. */
  keep(text: string, action: ToastAction): void {
    if (this.list.some((toast) => toast.text === text)) return;
    this.list = [...this.list, { id: this.#next++, text, action }];
  }

  /** An error in the words that it brings. */
  fail(error: unknown): void {
    this.show(error instanceof Error ? error.message : String(error));
  }

  /** A message that stays until it is closed: what goes on now. */
  hold(text: string): { say(text: string): void; close(): void } {
    const id = this.#next++;
    this.list = [...this.list, { id, text, action: null }];
    return {
      say: (words) => {
        this.list = this.list.map((one) => (one.id === id ? { ...one, text: words } : one));
      },
      close: () => this.dismiss(id),
    };
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
