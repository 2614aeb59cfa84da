/**
 * Reads application/vnd.photostore.pack while it arrives: for each asset asked for, in order, a
 * little-endian 32-bit length and that many bytes. Length 0 means that there is no picture yet.
 */

export class PackFormatError extends Error {
  override readonly name = 'PackFormatError';
}

/** No grid picture is near this size; a larger length means that the stream is not a pack. */
const LARGEST_ENTRY = 16 * 1024 * 1024;

export class PackReader {
  #pending = new Uint8Array(0);
  #index = 0;

  constructor(private readonly onEntry: (index: number, bytes: Uint8Array<ArrayBuffer>) => void) {}

  /** How many entries were read whole. */
  get count(): number {
    return this.#index;
  }

  push(chunk: Uint8Array): void {
    const data = new Uint8Array(this.#pending.length + chunk.length);
    data.set(this.#pending);
    data.set(chunk, this.#pending.length);
    const view = new DataView(data.buffer);
    let at = 0;
    while (at + 4 <= data.length) {
      const length = view.getUint32(at, true);
      if (length > LARGEST_ENTRY) throw new PackFormatError(`An entry of ${length} bytes.`);
      if (at + 4 + length > data.length) break;
      this.onEntry(this.#index++, data.slice(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.#pending = data.slice(at);
  }

  /** The stream is over. Throws if it ended inside an entry. */
  end(): void {
    if (this.#pending.length > 0) throw new PackFormatError('The pack ends inside an entry.');
  }
}
