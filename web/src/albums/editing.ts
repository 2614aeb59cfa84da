/** Making, changing and deleting albums: the question, the request, and the way back. */

import { acts } from '../acts/acts.svelte';
import { ask } from '../acts/dialogs';
import { askConfirm } from '../acts/questions';
import { changeAlbum, createAlbum, deleteAlbum, type Album } from '../api/browse';
import type { Order, View } from '../api/types';
import { t } from '../shell/i18n.svelte';
import { router } from '../shell/router.svelte';
import { showInOrder } from '../timeline/ordering';
import AlbumForm from './AlbumForm.svelte';
import { albums } from './albums.svelte';

export interface AlbumValues {
  name: string;
  description: string | null;
  /** The album that it is in. */
  parent: string | null;
  /** The search of a smart album; null for one by hand. */
  query: string | null;
}

type FormValues = Parameters<typeof askForm>[0];

function askForm(form: {
  title: string;
  action: string;
  albums: readonly Album[];
  album: Album | null;
  values: AlbumValues;
}): Promise<AlbumValues | null> {
  return ask<AlbumValues, FormValues & Record<string, unknown>>(AlbumForm, form);
}

/** Asks for its name, makes it, and goes there. A search makes it a smart album. */
export async function addAlbum(parent: string | null, query: string | null): Promise<void> {
  if (albums.list === null) await albums.load();
  const values = await askForm({
    title: t(query === null ? 'album.new' : 'album.newSmart'),
    action: t('album.make'),
    albums: albums.list ?? [],
    album: null,
    values: { name: '', description: null, parent, query },
  });
  if (!values) return;
  const { name, description } = values;
  const made = await acts.perform({
    ids: [],
    send: () =>
      createAlbum({
        name,
        parent: values.parent,
        ...(description === null ? {} : { description }),
        ...(values.query === null ? {} : { query: values.query }),
      }),
    actOf: (answer) => answer.act,
    said: () => t('album.made', { name }),
  });
  if (!made) return;
  void albums.load();
  router.go({ page: 'album', key: made.id });
}

/** Name, description, place, search. True if something changed. */
export async function editAlbum(album: Album): Promise<boolean> {
  const { name, description, parent, query } = album;
  const before: AlbumValues = { name, description, parent, query };
  const values = await askForm({
    title: t('album.edit'),
    action: t('action.save'),
    albums: albums.list ?? [],
    album,
    values: before,
  });
  if (!values) return false;
  const change = Object.fromEntries(
    Object.entries(values).filter(([key, value]) => value !== before[key as keyof AlbumValues]),
  );
  if (Object.keys(change).length === 0) return false;
  const done = await acts.perform({
    ids: [],
    send: () => changeAlbum(album.id, change),
    actOf: (answer) => answer.act,
    said: () => t('album.changed'),
  });
  void albums.load();
  return done !== null;
}

export async function setCover(album: Album, cover: string | null): Promise<void> {
  await acts.perform({
    ids: [],
    send: () => changeAlbum(album.id, { cover }),
    actOf: (answer) => answer.act,
    said: () => t('album.coverSet'),
  });
  void albums.load();
}

/** Shows the album in another order, from now on. */
export async function setOrder(album: Album, view: View, order: Order): Promise<void> {
  showInOrder(view, order);
  await acts.perform({
    ids: [],
    send: () => changeAlbum(album.id, { order }),
    actOf: (answer) => answer.act,
    said: () => null,
  });
  void albums.load();
}

/** Moves an album before another one (null: to the end), or into one. */
export async function moveAlbum(
  album: Album,
  change: { before: string | null } | { parent: string | null },
): Promise<boolean> {
  const done = await acts.perform({
    ids: [],
    send: () => changeAlbum(album.id, change),
    actOf: (answer) => answer.act,
    said: () => t('album.moved', { name: album.name }),
  });
  await albums.load();
  return done !== null;
}

/** Its photos stay; it can be undone. */
export async function removeAlbum(album: Album): Promise<boolean> {
  const isSure = await askConfirm({
    title: t('album.delete'),
    text: t('album.deleteText', { name: album.name }),
    action: t('album.delete'),
    isDangerous: true,
  });
  if (!isSure) return false;
  const done = await acts.perform({
    ids: [],
    send: () => deleteAlbum(album.id),
    actOf: (answer) => answer.act,
    said: () => t('album.deleted', { name: album.name }),
  });
  void albums.load();
  return done !== null;
}
