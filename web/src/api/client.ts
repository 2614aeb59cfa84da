/** Requests to the server this page came from, and to no other. */

import { said } from '../shell/said';
import type {
  Asset,
  Position,
  ProblemPage,
  ProblemState,
  Progress,
  RowColumns,
  ShapePatch,
  Stats,
  View,
} from './types';

const BASE = '/api/v1';

/** The server answered with an error (RFC 9457 problem document, where it sent one). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly type: string,
    readonly title: string,
    /** In English, as the server sent it; `message` is in the person's language. */
    readonly detail: string | null,
    /** The whole problem document: some say more, such as a remedy or where a query went wrong. */
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(said(detail ?? title));
  }

  /** What a person can do about it, where the server knows. */
  get remedy(): string | null {
    const remedy = this.body['remedy'];
    return typeof remedy === 'string' ? said(remedy) : null;
  }
}

/** The server could not be reached at all. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError';
}

export function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

async function readProblem(response: Response): Promise<ApiError> {
  let body: Record<string, unknown> = {};
  if (response.headers.get('content-type')?.includes('json')) {
    try {
      body = (await response.json()) as Record<string, unknown>;
    } catch {
      // A proxy may have cut the answer short: the status alone has to do.
    }
  }
  const text = (key: string): string | null => (typeof body[key] === 'string' ? body[key] : null);
  return new ApiError(
    response.status,
    text('type') ?? 'unknown',
    text('title') ?? `${response.status} ${response.statusText}`.trim(),
    text('detail'),
    body,
  );
}

async function request(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(BASE + path, init);
  } catch (error) {
    if (isAborted(error)) throw error;
    throw new OfflineError('The server cannot be reached.', { cause: error });
  }
  if (!response.ok) throw await readProblem(response);
  return response;
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal ? { signal } : undefined);
  return (await response.json()) as T;
}

export async function sendJson<T>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: unknown = {},
): Promise<T> {
  const response = await request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

export function postJson<T>(path: string, body: unknown = {}): Promise<T> {
  return sendJson('POST', path, body);
}

export function query(values: Record<string, string | number>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) params.set(key, String(value));
  return `?${params}`;
}

export const viewQuery = (view: View) => ({ q: view.q, order: view.order });

export function fetchStats(signal?: AbortSignal): Promise<Stats> {
  return getJson('/stats', signal);
}

/** The whole shape, or only what changed since `since` if the server still knows that revision. */
export async function fetchShape(
  view: View,
  since: number | null,
  signal?: AbortSignal,
): Promise<{ patch: ShapePatch } | { bytes: ArrayBuffer }> {
  const values = since === null ? viewQuery(view) : { ...viewQuery(view), since };
  const response = await request(`/shape${query(values)}`, signal ? { signal } : undefined);
  if (response.headers.get('content-type')?.includes('application/json')) {
    return { patch: (await response.json()) as ShapePatch };
  }
  return { bytes: await response.arrayBuffer() };
}

export function fetchRows(
  view: View,
  revision: number,
  start: number,
  count: number,
  signal?: AbortSignal,
): Promise<RowColumns> {
  return getJson(`/rows${query({ ...viewQuery(view), revision, start, count })}`, signal);
}

/** One packed answer with the grid pictures of up to 100 assets, as a stream. */
export async function fetchThumbnails(
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const response = await request(
    `/thumbnails${query({ ids: ids.join(',') })}`,
    signal ? { signal } : undefined,
  );
  if (!response.body) throw new OfflineError('The server sent no pictures.');
  return response.body;
}

export function fetchAsset(id: string, signal?: AbortSignal): Promise<Asset> {
  return getJson(`/assets/${encodeURIComponent(id)}`, signal);
}

export function fetchPosition(
  id: string,
  view: View,
  revision: number,
  signal?: AbortSignal,
): Promise<Position> {
  const path = `/assets/${encodeURIComponent(id)}/position`;
  return getJson(path + query({ ...viewQuery(view), revision }), signal);
}

export function fetchProblems(
  state: ProblemState,
  q: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<ProblemPage> {
  const values: Record<string, string | number> = { state, q, limit: 50 };
  if (cursor !== null) values['cursor'] = cursor;
  return getJson(`/problems${query(values)}`, signal);
}

/** `null` means all files that failed. */
export function retryProblems(fileIds: readonly string[] | null): Promise<{ retried: number }> {
  return postJson('/problems/retry', { file_ids: fileIds, all: fileIds ? null : 'failed' });
}

export function startSync(): Promise<{ accepted: boolean }> {
  return postJson('/sync');
}

export function pauseSync(): Promise<Progress> {
  return postJson('/sync/pause');
}

export function resumeSync(): Promise<Progress> {
  return postJson('/sync/resume');
}

function assetUrl(id: string, what: string, version: string | null): string {
  const path = `${BASE}/assets/${encodeURIComponent(id)}/${what}`;
  return version === null ? path : `${path}?v=${encodeURIComponent(version)}`;
}

/** The screen picture; `version` makes it cacheable for ever. */
export function previewUrl(id: string, version: string | null): string {
  return assetUrl(id, 'preview', version);
}

export function originalUrl(id: string): string {
  return assetUrl(id, 'original', null);
}

export function videoUrl(id: string): string {
  return assetUrl(id, 'video', null);
}

/** Saves a file of the asset: the shown one, or the one named. */
export function downloadUrl(id: string, fileId: string | null): string {
  const values = fileId === null ? { download: 1 } : { download: 1, file: fileId };
  return originalUrl(id) + query(values);
}
