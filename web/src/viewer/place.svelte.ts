/**
 * Where the viewer stands: a photo, its ordinal in the view, its neighbours and its facts.
 *
 * The address says which photo; the ordinal follows the photo when the view changes around it.
 */

import * as api from '../api/client';
import type { Asset } from '../api/types';
import type { GridModel } from '../timeline/model.svelte';
import type { Row } from '../timeline/rows';
import type { Remap } from '../timeline/shape';

const KEPT_ASSETS = 30;

export class ViewerPlace {
  id = $state('');
  /** Null while it is not known, and if the photo is not in the view. */
  ordinal: number | null = $state(null);
  asset: Asset | null = $state.raw(null);
  isGone = $state(false);
  error: unknown = $state.raw(null);

  readonly #assets = new Map<string, Asset>();
  #abort = new AbortController();

  constructor(private readonly model: GridModel) {
    model.onRemap.add(this.#apply);
  }

  close(): void {
    this.#abort.abort();
    this.model.onRemap.delete(this.#apply);
  }

  /** The row at this distance from the shown photo, if it is known already. */
  rowAt(distance: number): Row | undefined {
    void this.model.arrivals;
    return this.ordinal === null ? undefined : this.model.rows.get(this.ordinal + distance);
  }

  /** Shows a photo: from an address, or a neighbour whose ordinal is known. */
  async show(id: string, ordinal: number | null = null): Promise<void> {
    if (id === this.id) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.id = id;
    this.ordinal = ordinal ?? this.model.rows.findOrdinal(id);
    this.asset = this.#assets.get(id) ?? null;
    this.isGone = false;
    this.error = null;
    try {
      await Promise.all([this.#loadAsset(id, signal), this.#find(id, signal)]);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof api.ApiError && error.status === 404) this.isGone = true;
      else this.error = error;
    }
  }

  /** The photo before (-1) or after (1); null at the ends. */
  async neighbour(step: 1 | -1): Promise<{ id: string; ordinal: number } | null> {
    if (this.ordinal === null) return null;
    const ordinal = this.ordinal + step;
    const row = await this.model.row(ordinal);
    return row && { id: row.id, ordinal };
  }

  async #loadAsset(id: string, signal: AbortSignal): Promise<void> {
    const asset = await api.fetchAsset(id, signal);
    if (signal.aborted) return;
    this.asset = asset;
    this.#assets.set(id, asset);
    for (const old of this.#assets.keys()) {
      if (this.#assets.size <= KEPT_ASSETS) break;
      this.#assets.delete(old);
    }
  }

  async #find(id: string, signal: AbortSignal): Promise<void> {
    const ordinal = this.ordinal ?? (await this.model.find(id, signal));
    if (signal.aborted || ordinal === null) return;
    this.ordinal = ordinal;
    await Promise.all([-1, 0, 1].map((step) => this.model.row(ordinal + step)));
  }

  readonly #apply = (remap: Remap | null): void => {
    if (this.ordinal === null) return;
    if (remap) {
      this.ordinal = remap.move(this.ordinal);
      this.isGone = this.ordinal === null;
      return;
    }
    this.ordinal = null;
    const { signal } = this.#abort;
    // Asked again after the new shape is in place; a failure leaves the photo shown without neighbours.
    queueMicrotask(() => this.#find(this.id, signal).catch(() => undefined));
  };
}
