/**
 * Where the viewer stands: a photo, its ordinal in the view, its neighbours and its facts.
 *
 * The address says which photo; the ordinal follows the photo when the view changes around it.
 */

import { acts, type Preview } from '../acts/acts.svelte';
import * as api from '../api/client';
import type { Asset } from '../api/types';
import { live } from '../shell/live.svelte';
import type { GridModel } from '../timeline/model.svelte';
import type { Row } from '../timeline/rows';
import { ASPECTS, type Remap } from '../timeline/shape';
import type { Size } from './zoom';

const KEPT_ASSETS = 30;
/** Before the facts arrive: larger than any window, so that the picture is fitted into it. */
const ASSUMED_HEIGHT = 10_000;
/** During an import the library changes all the time; the facts of one photo hardly ever. */
const NEWS_PAUSE_MS = 2_000;

export class ViewerPlace {
  id = $state('');
  /** Null while it is not known, and if the photo is not in the view. */
  ordinal: number | null = $state(null);
  asset: Asset | null = $state.raw(null);
  isGone = $state(false);
  error: unknown = $state.raw(null);

  /** Counts what was done to the shown photo: its streams may be others now. */
  changes = $state(0);

  readonly #assets = new Map<string, Asset>();
  readonly #ends: readonly (() => void)[];
  #abort = new AbortController();
  #finding: Promise<void> = Promise.resolve();
  #newsTimer: ReturnType<typeof setTimeout> | undefined;
  /** Where the photo stood until it left the view: its neighbours are those of the gap. */
  #gap: number | null = $state(null);

  constructor(private readonly model: GridModel) {
    model.onRemap.add(this.#apply);
    this.#ends = [
      acts.subscribe({ preview: this.#preview, done: (ids) => this.#done(ids) }),
      live.subscribe({ library: () => this.#heard() }),
    ];
  }

  close(): void {
    this.#abort.abort();
    clearTimeout(this.#newsTimer);
    for (const end of this.#ends) end();
    this.model.onRemap.delete(this.#apply);
  }

  /** False for a photo that only its address leads to: it leaves no view. */
  get isInView(): boolean {
    return this.ordinal !== null || this.#gap !== null;
  }

  /** The row at this distance from the shown photo, if it is known already. */
  rowAt(distance: number): Row | undefined {
    void this.model.arrivals;
    const ordinal = this.#ordinalAt(distance);
    return ordinal === null ? undefined : this.model.rows.get(ordinal);
  }

  /** The row of the shown photo; one that is not in the view (a stale link) is shown by its facts. */
  get row(): Row | undefined {
    const row = this.rowAt(0);
    const { asset } = this;
    if (row?.id === this.id || asset?.id !== this.id) return row;
    return {
      id: asset.id,
      taken: asset.captured?.local ?? null,
      kind: asset.kind,
      thumbhash: asset.thumbhash,
      duration: asset.duration_s,
      favourite: asset.favourite ?? false,
      preview: asset.preview,
      title: asset.title,
      motion: asset.motion_photo ?? false,
      rotation: asset.rotation ?? 0,
    };
  }

  /** The size of a picture, or as much as its shape tells. */
  sizeAt(distance: number): Size {
    const { asset } = this;
    if (distance === 0 && asset?.id === this.id && asset.width && asset.height) {
      return { width: asset.width, height: asset.height };
    }
    const ordinal = this.#ordinalAt(distance);
    const ratio = ordinal === null ? undefined : this.model.shape?.ratios[ordinal];
    const aspect = ratio === undefined ? 1 : ASPECTS[ratio]!;
    return { width: ASSUMED_HEIGHT * aspect, height: ASSUMED_HEIGHT };
  }

  /** Asks again for the facts of the shown photo. */
  async reload(): Promise<void> {
    const { signal } = this.#abort;
    try {
      await this.#loadAsset(this.id, signal);
    } catch (error) {
      // What is shown stays; a photo that is no more is said to be gone.
      if (!signal.aborted && error instanceof api.ApiError && error.status === 404) {
        this.isGone = true;
      }
    }
  }

  #ordinalAt(distance: number): number | null {
    if (this.ordinal !== null) return this.ordinal + distance;
    if (this.#gap === null || distance === 0) return null;
    return distance > 0 ? this.#gap + distance - 1 : this.#gap + distance;
  }

  /** Shows a photo: from an address, or a neighbour whose ordinal is known. */
  async show(id: string, ordinal: number | null = null): Promise<void> {
    if (id === this.id) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.id = id;
    this.ordinal = ordinal ?? this.model.rows.findOrdinal(id);
    this.#gap = null;
    this.asset = this.#assets.get(id) ?? null;
    this.isGone = false;
    this.error = null;
    try {
      this.#finding = this.#find(id, signal);
      await Promise.all([this.#loadAsset(id, signal), this.#finding]);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof api.ApiError && error.status === 404) this.isGone = true;
      else this.error = error;
    }
  }

  /** The photo before (-1) or after (1); null at the ends. */
  async neighbour(step: 1 | -1): Promise<{ id: string; ordinal: number } | null> {
    // Right after opening, where the photo stands is only being asked for.
    if (this.ordinal === null && this.#gap === null) await this.#finding;
    const ordinal = this.#ordinalAt(step);
    if (ordinal === null) return null;
    const row = await this.model.row(ordinal);
    return row && { id: row.id, ordinal };
  }

  async #loadAsset(id: string, signal: AbortSignal): Promise<void> {
    const asset = await api.fetchAsset(id, signal);
    if (signal.aborted) return;
    this.asset = asset;
    this.isGone = false;
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
    const { ordinal } = this;
    if (ordinal === null) {
      if (this.#gap !== null) this.#gap = remap && gapAfter(remap, this.#gap);
      return;
    }
    this.ordinal = remap?.move(ordinal) ?? null;
    if (this.ordinal !== null) return;
    this.#gap = remap && gapAfter(remap, ordinal);
    const { signal } = this.#abort;
    // A photo that was turned or dated anew stands elsewhere. Asked for after the new shape is in place; a
    // failure leaves it shown between the neighbours that it had.
    queueMicrotask(() => this.#find(this.id, signal).catch(() => undefined));
  };

  readonly #preview = (ids: ReadonlySet<string>, preview: Preview | null): void => {
    if (this.asset && preview && ids.has(this.id)) this.asset = { ...this.asset, ...preview };
  };

  #done(ids: ReadonlySet<string> | null): void {
    if (ids !== null && !ids.has(this.id)) return;
    this.#assets.clear();
    this.changes++;
    void this.reload();
  }

  #heard(): void {
    this.#assets.clear();
    clearTimeout(this.#newsTimer);
    this.#newsTimer = setTimeout(() => void this.reload(), NEWS_PAUSE_MS);
  }
}

/** The first place after the gap that is still there, in the view after the change. */
function gapAfter(remap: Remap, ordinal: number): number {
  // Beyond the end everything moves alike: the loop ends at the first that was not removed.
  for (let next = ordinal; ; next++) {
    const moved = remap.move(next);
    if (moved !== null) return moved;
  }
}
