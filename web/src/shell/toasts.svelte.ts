/** Short messages that go away by themselves. */

export interface Toast {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 6_000;

class Toasts {
  list: readonly Toast[] = $state.raw([]);
  #next = 1;

  show(text: string): void {
    const toast = { id: this.#next++, text };
    this.list = [...this.list, toast];
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
