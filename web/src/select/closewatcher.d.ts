/** The browser's own word for "away with this": the back gesture of a phone. Not in TypeScript's library yet. */
declare class CloseWatcher extends EventTarget {
  onclose: (() => void) | null;
  destroy(): void;
}
