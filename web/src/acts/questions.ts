/** What a person is asked before an act, and the shape of the answers. The dialogs are a chunk of their own. */

import type { CapturedEdit, Refusal } from '../api/acts';
import type { DownloadOffer, Which } from '../api/uploads';
import AlbumPicker from './AlbumPicker.svelte';
import Confirm from './Confirm.svelte';
import DateDialog from './DateDialog.svelte';
import { ask } from './dialogs';
import DownloadDialog from './DownloadDialog.svelte';
import KeywordsDialog from './KeywordsDialog.svelte';
import Refusals from './Refusals.svelte';

export interface KeywordChange {
  add: readonly string[];
  remove: readonly string[];
}

/** An album that is there, or the name of a new one. */
export type AlbumChoice = { id: string; name: string } | { id: null; name: string };

export type DateChange =
  | { kind: 'set'; captured: CapturedEdit }
  | { kind: 'shift'; seconds: number }
  | { kind: 'zone'; offset: string | null };

export interface Question extends Record<string, unknown> {
  title: string;
  text: string;
  action: string;
  isDangerous?: boolean;
  typed?: string | null;
}

export const askConfirm = (question: Question) => ask<true, Question>(Confirm, question);

export const askKeywords = (count: number) =>
  ask<KeywordChange, { count: number }>(KeywordsDialog, { count });

export const askAlbum = (count: number) =>
  ask<AlbumChoice, { count: number }>(AlbumPicker, { count });

/** `current` is what one photo has now; null where many are meant. */
export const askDate = (count: number, current: CapturedEdit | null) =>
  ask<DateChange, { count: number; current: CapturedEdit | null }>(DateDialog, { count, current });

export const showRefusals = (refused: readonly Refusal[]) =>
  ask<true, { refused: readonly Refusal[] }>(Refusals, { refused });

/** `count` photos, which come to what the server offers. */
export const askDownload = (count: number, offer: DownloadOffer) =>
  ask<Which, { count: number; offer: DownloadOffer }>(DownloadDialog, { count, offer });
