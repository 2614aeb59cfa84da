/**
 * The state of one grid: shape, layout, position, rows, pictures and selection of one view.
 *
 * It outlives the component that draws it, so that coming back to a page finds everything in its place, and
 * the viewer walks the same view. Pure parts do the work; this class only joins them and marks changes.
 */

import { acts, type Preview } from '../acts/acts.svelte';
import * as api from '../api/client';
import type { ShapePatch, View } from '../api/types';
import { isAllOf, Selection } from '../select/selection';
import { t } from '../shell/i18n.svelte';
import { live } from '../shell/live.svelte';
import { toasts } from '../shell/toasts.svelte';
import { findAnchor, topToReveal, type Anchor, type Place } from './anchor';
import { isSameOptions, Layout, type LayoutOptions } from './layout';
import { RowCache, type Row } from './rows';
import { ScrollSpace } from './scroll';
import {
  applyPatch,
  countAbove,
  decodeShape,
  ShapeFormatError,
  type Remap,
  type Shape,
} from './shape';
import { ThumbCache } from './thumbs';

const RETRY_ROWS_MS = 2_000;
const RELOAD_PAUSE_MS = 300;
const ROWS_AROUND = 20;
/** Nearer to the top than this is at the top. */
const AT_TOP_PX = 4;

export class GridModel {
  shape: Shape | null = $state.raw(null);
  layout: Layout | null = $state.raw(null);
  error: unknown = $state.raw(null);
  selection: Selection = $state.raw(Selection.NONE);
  /** Counts arrivals of rows and pictures: whoever draws them reads it. */
  arrivals = $state(0);
  /** Virtual position, and its distance to the physical one. */
  top = $state(0);
  offset = $state(0);
  viewport = $state(0);
  physicalHeight = $state(0);
  /** The asset that has, or last had, the keyboard focus. */
  active = $state(0);
  /** How many assets came in above the window since the top was last seen. */
  newAbove = $state(0);

  readonly scroll = new ScrollSpace();
  readonly rows: RowCache;
  readonly thumbs: ThumbCache;
  /** Called when the physical position has to be written to the element. */
  onScrollWrite: ((physical: number) => void) | null = null;
  /** Called when assets moved to other ordinals. */
  readonly onRemap = new Set<(remap: Remap | null) => void>();

  #options: LayoutOptions | null = null;
  #wantedRevision = 0;
  #loading: Promise<void> | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #unsubscribe: readonly (() => void)[];

  constructor(readonly view: View) {
    this.rows = new RowCache(
      (revision, start, count, signal) => api.fetchRows(view, revision, start, count, signal),
      {
        changed: () => this.arrivals++,
        repictured: (ids) => this.thumbs.arrived(ids),
        failed: (error) => this.#rowsFailed(error),
      },
    );
    this.thumbs = new ThumbCache(api.fetchThumbnails, () => this.arrivals++);
    const news = live.subscribe({
      library: (revision) => void this.refresh(revision),
      refresh: () => void this.#reload(null),
      previews: (ids) => this.#previewsArrived(ids),
    });
    this.#unsubscribe = [news, acts.subscribe({ preview: this.#preview })];
  }

  /** Gives everything back; the model must not be used any more. */
  dispose(): void {
    for (const end of this.#unsubscribe) end();
    clearTimeout(this.#retryTimer);
    this.rows.cancel();
    this.thumbs.clear();
  }

  /** Loads the view, or tries again after a failure. */
  async load(): Promise<void> {
    if (this.shape === null) await this.#reload(null);
  }

  /** The library is at this revision: fetch what changed, one request at a time. */
  async refresh(revision: number): Promise<void> {
    this.#wantedRevision = Math.max(this.#wantedRevision, revision);
    if (this.#loading) return this.#loading;
    // What the server refused stays refused.
    if (this.error instanceof api.ApiError && this.error.status === 400) return;
    if (this.shape === null || this.shape.revision < revision) await this.#reload(this.shape);
  }

  /** The size of the window and what goes with it. Keeps what is looked at where it is. */
  resize(options: LayoutOptions, viewport: number): void {
    const before = this.#options;
    const isSame = before !== null && isSameOptions(before, options);
    this.#options = options;
    this.viewport = viewport;
    if (isSame && this.layout) {
      this.scroll.resize(this.layout.height, viewport);
      this.#publishScroll(true);
    } else {
      this.#layOut(this.#anchor());
    }
  }

  /** The browser scrolled. */
  scrolled(physical: number): void {
    const isUrgent = this.scroll.moved(physical);
    if (isUrgent) this.settle();
    else this.#publishScroll(false);
    if (this.top < AT_TOP_PX) this.newAbove = 0;
  }

  settle(): void {
    this.#publishScroll(this.scroll.settle());
  }

  scrollTo(top: number): void {
    this.scroll.jump(top);
    this.#publishScroll(true);
  }

  /** Brings an asset into the window; it is not moved if it is whole in it already. */
  reveal(ordinal: number, where: 'nearest' | 'centre' = 'nearest', header = 0): void {
    const cell = this.layout?.cellOf(ordinal);
    const top = cell ? topToReveal(cell, this.top, this.viewport, where, header) : null;
    if (top !== null) this.scrollTo(top);
  }

  /** The row of an asset once it is known; null if the ordinal is not in the view. */
  async row(ordinal: number): Promise<Row | null> {
    if (!this.shape || ordinal < 0 || ordinal >= this.shape.count) return null;
    const known = this.rows.get(ordinal);
    if (known) return known;
    // Its neighbours are asked for next.
    const start = Math.max(0, ordinal - ROWS_AROUND);
    const { revision } = this.shape;
    this.rows.put(await api.fetchRows(this.view, revision, start, 2 * ROWS_AROUND));
    this.arrivals++;
    return this.rows.get(ordinal) ?? null;
  }

  /** Where an asset stands in the view; null if it is not in it. */
  async find(id: string, signal?: AbortSignal): Promise<number | null> {
    const known = this.rows.findOrdinal(id);
    if (known !== null || !this.shape) return known;
    try {
      const found = await api.fetchPosition(id, this.view, this.shape.revision, signal);
      if (found.revision !== this.shape.revision) await this.refresh(found.revision);
      return found.ordinal;
    } catch (error) {
      if (error instanceof api.ApiError && error.status === 404) return null;
      throw error;
    }
  }

  /** What is looked at, in words that outlive the page; null at the very top. */
  get place(): Place | null {
    const anchor = this.#anchor();
    const id = anchor && this.rows.get(anchor.ordinal)?.id;
    return anchor && id ? { id, inWindow: anchor.inWindow } : null;
  }

  /** Back to a place, if its asset is still in the view. */
  async goTo(place: Place): Promise<void> {
    const ordinal = await this.find(place.id);
    const cell = ordinal === null ? null : this.layout?.cellOf(ordinal);
    if (cell) this.scrollTo(cell.y - place.inWindow);
  }

  async #reload(since: Shape | null): Promise<void> {
    this.#loading ??= this.#fetchShape(since).finally(() => (this.#loading = null));
    await this.#loading;
    if (!this.error && this.shape && this.#wantedRevision > this.shape.revision) {
      // More changed meanwhile: during an import that is the rule, so leave room for other work.
      await new Promise((resolve) => setTimeout(resolve, RELOAD_PAUSE_MS));
      await this.refresh(this.#wantedRevision);
    }
  }

  async #fetchShape(since: Shape | null): Promise<void> {
    try {
      const answer = await api.fetchShape(this.view, since?.revision ?? null);
      if ('patch' in answer && this.shape) this.#applyPatch(this.shape, answer.patch);
      else if ('bytes' in answer) await this.#replaceShape(decodeShape(answer.bytes));
      this.error = null;
    } catch (error) {
      if (error instanceof ShapeFormatError && since !== null) return this.#fetchShape(null);
      // With something on screen, the connection banner is enough; the next hello asks again.
      if (this.shape === null) this.error = error;
    }
  }

  #applyPatch(before: Shape, patch: ShapePatch): void {
    const { shape, remap } = applyPatch(before, patch);
    const anchor = this.#anchor(remap);
    this.rows.apply(shape.revision, shape.count, remap, patch.changed ?? []);
    if (patch.changed === null) this.rows.markStale(() => true);
    this.selection = this.selection.apply(remap);
    this.active = remap.move(this.active) ?? this.active;
    // What a person brings back themselves is no news to them.
    const isNews = anchor && !acts.isOwn(patch.from, patch.to);
    if (isNews) this.newAbove += countAbove(patch, anchor.ordinal);
    this.#show(shape, remap, anchor);
  }

  /** Nothing is known of what changed: only the asset at the top is found again, by its id. */
  async #replaceShape(shape: Shape): Promise<void> {
    const anchor = this.#anchor();
    const id = anchor && this.rows.get(anchor.ordinal)?.id;
    const found = id ? await this.#findIn(shape, id) : null;
    const isOwn = this.shape !== null && acts.isOwn(this.shape.revision, shape.revision);
    if (!this.selection.isEmpty && !(isOwn && isAllOf(this.selection, this.shape!, shape))) {
      this.selection = Selection.NONE;
      toasts.show(t('select.lost'));
    }
    this.rows.reset(shape.revision, shape.count);
    this.#show(shape, null, anchor && found !== null ? { ...anchor, ordinal: found } : null);
  }

  async #findIn(shape: Shape, id: string): Promise<number | null> {
    try {
      const found = await api.fetchPosition(id, this.view, shape.revision);
      return found.revision === shape.revision ? found.ordinal : null;
    } catch {
      // It is gone, or the server is: the place is then lost, not the page.
      return null;
    }
  }

  #show(shape: Shape, remap: Remap | null, anchor: Anchor | null): void {
    this.shape = shape;
    this.active = Math.min(this.active, Math.max(0, shape.count - 1));
    for (const listener of this.onRemap) listener(remap);
    this.#layOut(anchor);
  }

  /** Lays out again and puts the anchor back to where it was in the window. */
  #layOut(anchor: Anchor | null): void {
    if (!this.shape || !this.#options) return;
    this.layout = new Layout(this.shape, this.#options);
    this.scroll.resize(this.layout.height, this.viewport);
    const cell = anchor && this.layout.cellOf(anchor.ordinal);
    if (cell) this.scroll.jump(cell.y - anchor.inWindow);
    this.#publishScroll(true);
  }

  /**
   * The first wholly visible asset that is still there after the change. Null at the very top: there, new
   * photos are to be seen as they come.
   */
  #anchor(remap: Remap | null = null): Anchor | null {
    if (!this.layout || this.top < AT_TOP_PX) return null;
    return findAnchor(this.layout, this.top, remap);
  }

  #publishScroll(write: boolean): void {
    this.physicalHeight = this.scroll.height;
    this.top = this.scroll.top;
    this.offset = this.scroll.offset;
    if (write) this.onScrollWrite?.(this.scroll.physical);
  }

  #rowsFailed(error: unknown): void {
    if (error instanceof api.ApiError && error.type === 'revision-gone') {
      void this.#reload(this.shape);
      return;
    }
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.arrivals++, RETRY_ROWS_MS);
  }

  /** What a person does is seen at once; if it failed, the server's word is asked for. */
  readonly #preview = (ids: ReadonlySet<string>, preview: Preview | null): void => {
    if (preview) this.rows.overlay(ids, preview);
    else this.rows.markStale((row) => ids.has(row.id));
    this.arrivals++;
  };

  #previewsArrived(ids: string[]): void {
    const made = new Set(ids);
    this.rows.markStale((row) => row.preview === null && made.has(row.id));
    this.thumbs.arrived(ids);
    this.arrivals++;
  }
}
