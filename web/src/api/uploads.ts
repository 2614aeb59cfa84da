/** Adding files, and downloading many at once: requests whose bodies are not JSON are sent by `upload/send`. */

import { getJson, postJson, query } from './client';

export interface UploadState {
  enabled: boolean;
  destination: string;
  template: string;
  max_bytes: number;
  spare_bytes: number;
  /** Why nothing can be added now, or null. */
  problem: string | null;
}

export interface Uploaded {
  state: 'added' | 'present';
  id: string;
  /** Where the asset is found: timeline, hidden, removed. */
  shelf: string;
  path: string;
  notes: string[];
  act: number | null;
}

/** What is here of some contents, by SHA-1 in hex. */
export type Here = Record<string, { id: string; shelf: string; bytes: number }>;

export interface Amount {
  files: number;
  bytes: number;
}

/** The file that stands for each photo, or all that it has. */
export type Which = 'shown' | 'all';

export interface DownloadOffer {
  token: string;
  shown: Amount;
  all: Amount;
}

export function fetchUploadState(signal?: AbortSignal): Promise<UploadState> {
  return getJson('/uploads', signal);
}

export async function checkHere(sha1s: readonly string[]): Promise<Here> {
  return (await postJson<{ here: Here }>('/uploads/check', { sha1s })).here;
}

/** What was added with this name is one act of the journal from here on; null if nothing was. */
export function finishUploads(batch: string): Promise<{ act: number | null; added: number }> {
  return postJson('/uploads/finish', { batch });
}

export function uploadUrl(values: Record<string, string | number>): string {
  return `/api/v1/uploads${query(values)}`;
}

export function offerDownload(ids: readonly string[]): Promise<DownloadOffer> {
  return postJson('/assets/download', { ids });
}

export function archiveUrl(token: string, files: Which): string {
  return `/api/v1/downloads/${encodeURIComponent(token)}${query({ files })}`;
}
