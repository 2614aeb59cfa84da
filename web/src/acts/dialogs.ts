/** Questions to a person: a dialog that is mounted, answered, and gone. */

import { mount, unmount, type Component } from 'svelte';

/** What every dialog of an act takes besides its own properties: what it calls with its answer. */
export interface Answering<T> {
  /** Null: the person thought better of it. */
  done(answer: T | null): void;
}

/** Mounted at the end of the page: a modal dialog stands above all others wherever it is. */
export function ask<T, P extends Record<string, unknown>>(
  dialog: Component<P & Answering<T>>,
  properties: P,
): Promise<T | null> {
  // The browser gives the focus back to where it was only from a dialog that is closed, not from one that is taken away.
  const before = document.activeElement;
  return new Promise((resolve) => {
    const instance = mount(dialog, {
      target: document.body,
      props: {
        ...properties,
        done: (answer: T | null) => {
          resolve(answer);
          void unmount(instance);
          if (before instanceof HTMLElement) before.focus({ preventScroll: true });
        },
      },
    });
  });
}
