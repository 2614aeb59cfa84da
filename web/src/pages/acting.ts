/** Acts of the journal in words, and by days. */

import type { JournalAct } from '../api/acts';
import { formatDay } from '../shell/dates';
import { t, type Key } from '../shell/i18n.svelte';
import type { IconName } from '../shell/Icon.svelte';

const ICONS: Readonly<Record<string, IconName>> = {
  edit: 'edit',
  album_create: 'albums',
  album_change: 'albums',
  album_delete: 'albums',
  album_add: 'albums',
  album_remove: 'albums',
  album_order: 'albums',
  tag_rename: 'tag',
  tag_merge: 'tag',
  split: 'split',
  merge: 'split',
  choose_file: 'visible',
  trash: 'trash',
  restore: 'history',
  delete: 'trash',
  remove: 'close',
  unremove: 'history',
  copy: 'download',
  upload: 'plus',
};

/** Fields of an edit that the app names; others are shown as the server calls them. */
const FIELDS: Readonly<Record<string, Key>> = {
  title: 'field.title',
  description: 'field.description',
  rating: 'field.rating',
  favourite: 'field.favourite',
  hidden: 'field.hidden',
  captured: 'field.captured',
  position: 'field.position',
  gps: 'field.position',
  keywords: 'field.keywords',
  rotation: 'field.rotation',
};

export function iconOf(act: JournalAct): IconName {
  return act.undoes === null ? (ICONS[act.act] ?? 'history') : 'history';
}

/** Edits that say more than which field it was. */
const EDITS: Readonly<Record<string, Key>> = {
  'edit.favourite.on': 'act.favourite',
  'edit.favourite.off': 'act.unfavourite',
  'edit.hidden.on': 'journal.act.hide',
  'edit.hidden.off': 'act.unhide',
};

/** "Moved to the trash: 3", "Changed 12: date, keywords" */
export function sentenceOf(act: JournalAct): string {
  const { count } = act;
  if (act.undoes !== null) return t('journal.act.undo', { count });
  const edit = EDITS[act.summary_key];
  if (edit) return t(edit, { count });
  const name = nameOf(act.values);
  const fields = fieldsOf(act.values);
  if (act.act === 'edit' && fields !== '') return t('journal.act.fields', { count, fields });
  if (!(act.act in ICONS)) return `${act.act}: ${count}`;
  return t(`journal.act.${act.act}` as Key, { count, name });
}

function nameOf(values: JournalAct['values']): string {
  for (const key of ['name', 'tag', 'into']) {
    const value = values[key];
    if (typeof value === 'string' && value !== '') return t('journal.quoted', { name: value });
  }
  return '';
}

function fieldsOf(values: JournalAct['values']): string {
  const given: unknown = values['fields'];
  const names = Array.isArray(given) ? given : typeof given === 'string' ? given.split(/,\s*/) : [];
  return names
    .map((field: unknown) => (FIELDS[String(field)] ? t(FIELDS[String(field)]!) : String(field)))
    .join(', ');
}

/** The day of an act by this device's own clock, as "2024-05-03". */
export function dayOf(act: Pick<JournalAct, 'at'>): string {
  const date = new Date(act.at);
  if (Number.isNaN(date.getTime())) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function byDay(acts: readonly JournalAct[]): { day: string; entries: JournalAct[] }[] {
  const days: { day: string; entries: JournalAct[] }[] = [];
  for (const act of acts) {
    const day = dayOf(act);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(act);
    else days.push({ day, entries: [act] });
  }
  return days;
}

export function dayTitle(day: string): string {
  return day === '' ? t('date.none') : formatDay(day, false, new Date().getFullYear());
}
