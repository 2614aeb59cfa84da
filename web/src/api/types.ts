/** The server's JSON, as documented at /api/openapi.json. Unknown values are null. */

export type AssetKind = 'photo' | 'video';
export type Order = 'newest' | 'oldest' | 'added' | 'album';
export type SyncState = 'idle' | 'scanning' | 'importing' | 'paused';
export type RootState = 'ok' | 'unavailable' | 'missing';
export type ProblemState = 'failed' | 'rejected' | 'waiting';

/** A filter and an order: what the one grid shows. */
export interface View {
  readonly q: string;
  readonly order: Order;
}

export interface Progress {
  state: SyncState;
  found: number;
  done: number;
  failed: number;
  rejected: number;
  rate_per_s: number | null;
  time_left_s: number | null;
  screens_left: number;
  screens_done: number;
  folder: string | null;
  started_at: string | null;
}

export interface Root {
  path: string;
  files: number;
  read_only: boolean;
  state: RootState;
  reason: string | null;
}

export interface Stats {
  version: string;
  assets: number;
  files: number;
  photos: number;
  videos: number;
  pending: number;
  failed: number;
  rejected: number;
  waiting: number;
  missing: number;
  syncing: boolean;
  revision: number;
  library: string;
  sync: Progress;
  roots: Root[];
}

/** Column arrays: entry i describes the asset at ordinal start + i of the view. */
export interface RowColumns {
  revision: number;
  start: number;
  ids: string[];
  taken: (string | null)[];
  kinds: AssetKind[];
  thumbhashes: (string | null)[];
  durations: (number | null)[];
  favourites: boolean[];
  previews: (string | null)[];
  titles: (string | null)[];
  motion: boolean[];
  /** Degrees clockwise by which a person turned them; pictures come turned, clips do not. */
  rotations: number[];
}

/** What changed in a view from one revision to another. */
export interface ShapePatch {
  from: number;
  to: number;
  /** Ordinals before the change, ascending. */
  removed: number[];
  /** [ordinal after the change, ratio byte, day], ascending. */
  inserted: [number, number, string][];
  /** Ordinals after the change whose facts or pictures are new; null where any may be. */
  changed?: number[] | null;
}

export interface Captured {
  local: string;
  offset: string | null;
  precision: string;
  source: string;
  source_text?: string | null;
}

export interface AssetFile {
  id: string;
  path: string;
  name: string;
  folder: string;
  volume: string;
  uri: string;
  sha1: string | null;
  size: number;
  mtime: string | null;
  state: string;
  kind: string | null;
  mime: string | null;
  width: number | null;
  height: number | null;
  shown: boolean;
}

export interface Asset {
  id: string;
  kind: AssetKind;
  mime: string | null;
  width: number | null;
  height: number | null;
  thumbhash: string | null;
  preview: string | null;
  duration_s: number | null;
  captured: Captured | null;
  gps: { lat: number; lon: number; alt: number | null } | null;
  make: string | null;
  model: string | null;
  lens: string | null;
  exposure_time_s: number | null;
  f_number: number | null;
  iso: number | null;
  focal_length_mm: number | null;
  video_codec: string | null;
  audio_codec: string | null;
  title: string | null;
  description: string | null;
  keywords: string[];
  people: string[];
  missing: boolean;
  notes: string[];
  added_at: string | null;
  files: AssetFile[];
  favourite?: boolean;
  hidden?: boolean;
  rating?: number | null;
  label?: string | null;
  rotation?: number;
  projection?: string | null;
  shelf?: Shelf;
  motion_photo?: boolean;
  /** Fields that a person set. */
  edited?: string[];
  sources?: Record<string, string>;
  faces?: Face[];
  albums?: { id: string; name: string }[];
  tags?: AssetTag[];
  place?: AssetPlace | null;
}

/** Where an asset lies: only those of the timeline are shown there. */
export type Shelf = 'timeline' | 'hidden' | 'trash' | 'missing' | 'removed';

/** Edges as shares (0…1) of the shown picture. */
export interface Face {
  name: string | null;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface AssetTag {
  id: string;
  kind: string;
  path: string[];
  /** The search that finds what has it. */
  query: string;
}

export interface AssetPlace {
  city: string | null;
  state: string | null;
  country: string | null;
  country_code: string | null;
}

/** An asset in a short list: a stream, an act of the journal. */
export interface Item {
  id: string;
  kind: AssetKind;
  /** Width divided by height. */
  ratio: number;
  preview: string | null;
  thumbhash: string | null;
  title: string | null;
  taken: string | null;
  duration_s: number | null;
  motion: boolean;
  favourite: boolean;
}

export interface Position {
  ordinal: number;
  revision: number;
}

export interface Problem {
  file_id: string;
  path: string;
  folder: string;
  name: string;
  state: ProblemState;
  stage: string | null;
  reason: string;
  at: string | null;
  attempts: number;
}

export interface ProblemPage {
  problems: Problem[];
  next: string | null;
  total: Record<ProblemState, number>;
}
