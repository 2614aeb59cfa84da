/** Requests of the pages around the photos: home, albums, tags, suggestions, settings, reports. */

import type { Done, Stream } from './acts';
import { getJson, postJson, query, sendJson } from './client';
import type { Order } from './types';

/** The grid picture of an asset; `version` makes it cacheable for ever. */
export function thumbnailUrl(id: string, version: string | null): string {
  const path = `/api/v1/assets/${encodeURIComponent(id)}/thumbnail`;
  return version === null ? path : `${path}?v=${encodeURIComponent(version)}`;
}

const idPath = (list: string, id: string, tail = '') => `/${list}/${encodeURIComponent(id)}${tail}`;

export interface Home {
  seed: number;
  streams: Stream[];
}

/** The same seed gives the same samples. */
export function fetchHome(seed: number, signal?: AbortSignal): Promise<Home> {
  return getJson(`/home${query({ seed })}`, signal);
}

export interface Album {
  id: string;
  name: string;
  description: string | null;
  parent: string | null;
  /** The search of a smart album; null for one by hand. */
  query: string | null;
  /** The order it is looked at in; null for the usual one. */
  order: Order | null;
  /** The asset on its cover: the chosen one, or the first. */
  cover: string | null;
  preview: string | null;
  ratio: number | null;
  count: number;
  position: number;
  source: string;
  created_at: string;
  first_taken: string | null;
  last_taken: string | null;
}

export interface NewAlbum {
  name: string;
  description?: string;
  parent?: string | null;
  query?: string;
  ids?: string[];
}

export interface AlbumChange {
  name?: string;
  description?: string | null;
  parent?: string | null;
  cover?: string | null;
  query?: string;
  order?: Order | null;
  /** Moves it before this one; null to the end. */
  before?: string | null;
}

export async function fetchAlbums(signal?: AbortSignal): Promise<Album[]> {
  return (await getJson<{ albums: Album[] }>('/albums', signal)).albums;
}

export function fetchAlbum(id: string, signal?: AbortSignal): Promise<Album> {
  return getJson(idPath('albums', id), signal);
}

export function createAlbum(album: NewAlbum): Promise<Album & { act: number | null }> {
  return postJson('/albums', album);
}

export function changeAlbum(id: string, change: AlbumChange): Promise<Done> {
  return sendJson('PATCH', idPath('albums', id), change);
}

export function deleteAlbum(id: string): Promise<Done> {
  return sendJson('DELETE', idPath('albums', id));
}

/** Adds assets, or moves those that are in it, to before the given one; null is the end. */
export function placeInAlbum(
  id: string,
  ids: readonly string[],
  before: string | null,
): Promise<Done> {
  return postJson(idPath('albums', id, '/add'), { ids, before });
}

export interface Tag {
  id: string;
  name: string;
  kind: string;
  path: string[];
  query: string;
  count: number;
  has_children: boolean;
  cover: string | null;
  preview: string | null;
  ratio: number | null;
  /** The tags above it, from the root down; only where one tag is asked for. */
  ancestors?: { id: string; name: string }[];
}

/** The children of a tag; of none, the top of the tree. */
export async function fetchTags(parent: string | null, signal?: AbortSignal): Promise<Tag[]> {
  const path = parent === null ? '/tags' : `/tags${query({ parent })}`;
  return (await getJson<{ tags: Tag[] }>(path, signal)).tags;
}

export async function findTags(q: string, signal?: AbortSignal): Promise<Tag[]> {
  return (await getJson<{ tags: Tag[] }>(`/tags${query({ q })}`, signal)).tags;
}

export function fetchTag(id: string, signal?: AbortSignal): Promise<Tag> {
  return getJson(idPath('tags', id), signal);
}

export function renameTag(id: string, name: string): Promise<Done> {
  return sendJson('PATCH', idPath('tags', id), { name });
}

export function mergeTag(id: string, into: string): Promise<Done> {
  return postJson(idPath('tags', id, '/merge'), { into });
}

export interface Suggestion {
  text: string;
  /** The whole query with the suggestion in it. */
  query: string;
  kind: string;
  count: number | null;
}

/** What is wrong in a query, between which of its characters, and what was perhaps meant there. */
export interface QueryProblem {
  message: string;
  start: number;
  end: number;
  suggestion: string | null;
}

export interface Suggestions {
  suggestions: Suggestion[];
  problem: QueryProblem | null;
}

export function fetchSuggestions(
  q: string,
  cursor: number,
  signal?: AbortSignal,
): Promise<Suggestions> {
  return getJson(`/suggest${query({ q, cursor })}`, signal);
}

export interface FilterHelp {
  name: string;
  topic: string;
  description: string;
  examples: string[];
}

export async function fetchFilters(signal?: AbortSignal): Promise<FilterHelp[]> {
  return (await getJson<{ filters: FilterHelp[] }>('/filters', signal)).filters;
}

export type SettingValue = string | number | boolean | readonly string[] | null;

export interface Setting {
  name: string;
  env: string;
  scope: 'system' | 'library';
  kind: string;
  value: SettingValue;
  default: SettingValue;
  description: string;
  /** The heading that it stands under. */
  topic: string;
  choices: string[] | null;
  source: { kind: string; where: string | null };
  /** Set by the command line or the environment: it cannot be changed here. */
  fixed: boolean;
  needs_restart: boolean;
}

export interface Settings {
  settings: Setting[];
  /** What is saved differs from what photostore was started with. */
  restart_needed: boolean;
}

export function fetchSettings(signal?: AbortSignal): Promise<Settings> {
  return getJson('/settings', signal);
}

/** `null` takes a setting back to its default. */
export function saveSettings(
  changes: Record<string, SettingValue>,
): Promise<Settings & { saved: string[] }> {
  return sendJson('PATCH', '/settings', { changes });
}

export interface Report {
  name: string;
  started_at: string | null;
  ended_at: string | null;
  counts: Record<string, number>;
}

export interface ReportRow {
  time: string;
  path: string;
  state: string;
  stage: string | null;
  ms: number | null;
  details: string | null;
  url: string | null;
}

export interface ReportPage {
  rows: ReportRow[];
  next: string | null;
}

export async function fetchReports(signal?: AbortSignal): Promise<Report[]> {
  return (await getJson<{ reports: Report[] }>('/reports', signal)).reports;
}

export function fetchReport(
  name: string,
  filter: { q: string; state: string; cursor: string | null },
  signal?: AbortSignal,
): Promise<ReportPage> {
  const values: Record<string, string | number> = { q: filter.q, limit: 200 };
  if (filter.state !== '') values['state'] = filter.state;
  if (filter.cursor !== null) values['cursor'] = filter.cursor;
  return getJson(idPath('reports', name, query(values)), signal);
}

export function reportFileUrl(name: string): string {
  return `/api/v1${idPath('reports', name, '/csv')}`;
}

/** "Import anyway": the filters leave these files alone from now on. */
export function overrideProblems(fileIds: readonly string[]): Promise<unknown> {
  return postJson('/problems/override', { file_ids: fileIds });
}

/** What vanished from these folders is gone for good, and not only away. */
export function acceptMissing(paths: readonly string[] | null): Promise<{ accepted: boolean }> {
  return postJson('/sync/accept-missing', { paths });
}

export type HealthState = 'ok' | 'warn' | 'error';

export interface HealthCheck {
  id: string;
  label: string;
  status: HealthState;
  summary: string;
  remedy: string | null;
}

export interface Health {
  status: HealthState;
  version: string;
  checks: HealthCheck[];
}

export function fetchHealth(signal?: AbortSignal): Promise<Health> {
  return getJson('/health', signal);
}
