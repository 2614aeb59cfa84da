/** What a person does to assets, as requests: each answers with the journal's number of the act. */

import { ApiError, getJson, postJson, query, sendJson } from './client';
import type { Item } from './types';

/** `act` is null when nothing changed. */
export interface Done {
  act: number | null;
  changed: number;
  skipped: number;
  /** Of the skipped, those that were deleted for good. */
  deleted: number;
  revision: number;
}

export type Precision = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

export interface CapturedEdit {
  /** Wall clock: "2024-05-03T12:30:00". */
  local: string;
  precision?: Precision;
  /** "+02:00"; null if nobody knows. */
  offset?: string | null;
}

export interface Coordinates {
  lat: number;
  lon: number;
}

/** Null says that there is none; a field that is left out stays as it is. */
export interface EditValues {
  title?: string | null;
  description?: string | null;
  /** -1 (rejected) to 5; null for none. */
  rating?: number | null;
  favourite?: boolean;
  hidden?: boolean;
  captured?: CapturedEdit;
  gps?: Coordinates | null;
  rotation?: number;
}

export interface Edit {
  set?: EditValues;
  add_keywords?: string[];
  remove_keywords?: string[];
  /** Moves the wall clock, in seconds. */
  shift_s?: number;
  /** Sets the UTC offset and leaves the wall clock. */
  offset?: string | null;
  /** Clockwise, on top of what it is. */
  rotate?: 90 | 180 | 270;
  /** Back to what the files say. */
  reset?: string[];
}

export interface Refusal {
  id: string | null;
  path: string | null;
  reason: string;
  remedy: string | null;
}

export interface Sums {
  assets: number;
  files: number;
  bytes: number;
}

export interface Trashed {
  act: number | null;
  trashed: number;
  files: number;
  bytes: number;
  refused: Refusal[];
  revision: number;
}

export interface Restored {
  act: number | null;
  restored: number;
  refused: Refusal[];
  revision: number;
}

export interface Deleted {
  deleted: number;
  bytes: number;
  refused: Refusal[];
}

export interface TrashState extends Sums {
  oldest_at: string | null;
  /** False where files are deleted for good at once. */
  soft_deletes: boolean;
  blocked: { folder: string; reason: string; remedy: string }[];
}

export interface Task<T = unknown> {
  state: 'running' | 'done' | 'failed';
  done: number;
  total: number;
  bytes: number | null;
  result: T | null;
}

export interface JournalAct {
  id: number;
  at: string;
  user: string | null;
  act: string;
  count: number;
  summary_key: string;
  values: Record<string, string | number>;
  items: Item[];
  undone_at: string | null;
  undoable: boolean;
  undoes: number | null;
}

export interface Journal {
  acts: JournalAct[];
  next: string | null;
}

export interface Stream {
  kind: string;
  title: string;
  query: string;
  count: number;
  items: Item[];
}

export interface CapturedCandidate {
  local: string;
  offset: string | null;
  precision: string;
  source: string;
  source_text: string | null;
  chosen: boolean;
  reason: string | null;
}

export interface FileMetadata {
  file: string;
  groups: { name: string; entries: { tag: string; value: string }[] }[];
  captured_candidates: CapturedCandidate[];
}

export interface AlbumName {
  id: string;
  name: string;
  count: number;
  /** A smart album's search: nothing can be added to it by hand. */
  query: string | null;
  preview: string | null;
  cover: string | null;
}

const asset = (id: string) => `/assets/${encodeURIComponent(id)}`;

/** Long for many: `ofTask` waits for it. */
export function editAssets(ids: readonly string[], edit: Edit): Promise<Done | { task: string }> {
  return sendJson('PATCH', '/assets?task=1', { ids, ...edit });
}

/** How many files and bytes the assets are made of. */
export function sumAssets(ids: readonly string[]): Promise<Sums> {
  return postJson('/assets/sums', { ids });
}

/** A long act answers with a task's name instead: `ofTask` waits for it. */
export function trashAssets(ids: readonly string[]): Promise<Trashed | { task: string }> {
  return postJson('/assets/trash?task=1', { ids });
}

export function restoreAssets(ids: readonly string[]): Promise<Restored | { task: string }> {
  return postJson('/assets/restore?task=1', { ids });
}

/** What a person has to agree to before something is deleted for good. */
export type Weight = Pick<Sums, 'assets' | 'bytes'>;

/** Without a weight the server refuses, and says what it would be (`weightOf`). */
export function deleteForGood(
  ids: readonly string[],
  confirm: Weight | null,
): Promise<Deleted | { task: string }> {
  return postJson('/assets/delete?task=1', { ids, ...(confirm ? { confirm } : {}) });
}

export function emptyTrash(confirm: Weight | null): Promise<Deleted | { task: string }> {
  return postJson('/trash/empty?task=1', confirm ? { confirm } : {});
}

/** What the server wants to have confirmed; null if the error is another one. */
export function weightOf(error: unknown): Weight | null {
  if (!(error instanceof ApiError) || error.status !== 409) return null;
  const { assets, bytes } = error.body;
  return typeof assets === 'number' && typeof bytes === 'number' ? { assets, bytes } : null;
}

export function fetchTrash(signal?: AbortSignal): Promise<TrashState> {
  return getJson('/trash', signal);
}

export function fetchTask<T>(id: string): Promise<Task<T>> {
  return getJson(`/tasks/${encodeURIComponent(id)}`);
}

export function removeAssets(ids: readonly string[]): Promise<Done> {
  return postJson('/assets/remove', { ids });
}

export function unremoveAssets(ids: readonly string[]): Promise<Done> {
  return postJson('/assets/unremove', { ids });
}

export function splitAsset(
  id: string,
  fileIds: readonly string[],
): Promise<Done & { assets: string[] }> {
  return postJson('/assets/split', { id, file_ids: fileIds });
}

export function mergeAssets(ids: readonly string[]): Promise<Done & { asset: string }> {
  return postJson('/assets/merge', { ids });
}

export function chooseShown(id: string, fileId: string | null): Promise<Done> {
  return postJson(`${asset(id)}/shown`, { file_id: fileId });
}

export function fetchJournal(cursor: string | null, signal?: AbortSignal): Promise<Journal> {
  const values = cursor === null ? { limit: 50 } : { limit: 50, cursor };
  return getJson(`/journal${query(values)}`, signal);
}

/** Long for many: `ofTask` waits for it. */
export function undoAct(act: number): Promise<Done | { task: string }> {
  return postJson(`/journal/${act}/undo?task=1`);
}

export function fetchStreams(id: string, signal?: AbortSignal): Promise<{ streams: Stream[] }> {
  return getJson(`${asset(id)}/streams`, signal);
}

export function fetchMetadata(
  id: string,
  fileId: string,
  signal?: AbortSignal,
): Promise<FileMetadata> {
  return getJson(`${asset(id)}/metadata${query({ file: fileId })}`, signal);
}

export async function fetchAlbumNames(): Promise<AlbumName[]> {
  return (await getJson<{ albums: AlbumName[] }>('/albums')).albums;
}

export function createAlbum(
  name: string,
  ids: readonly string[],
): Promise<{ id: string; name: string; act?: number | null }> {
  return postJson('/albums', { name, ids });
}

/** Adds at the end, or before an asset; those that are in the album already are moved. */
export function addToAlbum(
  album: string,
  ids: readonly string[],
  before: string | null = null,
): Promise<Done> {
  const place = before === null ? {} : { before };
  return postJson(`/albums/${encodeURIComponent(album)}/add`, { ids, ...place });
}

export function removeFromAlbum(album: string, ids: readonly string[]): Promise<Done> {
  return postJson(`/albums/${encodeURIComponent(album)}/remove`, { ids });
}

export async function suggestKeywords(text: string, signal?: AbortSignal): Promise<string[]> {
  const values = { q: text, kind: 'keyword' };
  const found = await getJson<{ tags: { name: string; kind: string; path: string[] }[] }>(
    `/tags${query(values)}`,
    signal,
  );
  return found.tags.filter((tag) => tag.kind.startsWith('keyword')).map((tag) => tag.name);
}
