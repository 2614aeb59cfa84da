/** The one list of what is being added, with the app around it: words, messages, and a question before leaving. */

import { checkHere, fetchUploadState, finishUploads, type UploadState } from '../api/uploads';
import { acts } from '../acts/acts.svelte';
import { formatSize } from '../shell/dates';
import { t } from '../shell/i18n.svelte';
import { live } from '../shell/live.svelte';
import { toasts } from '../shell/toasts.svelte';
import { door, type Given } from './door.svelte';
import { filesOf } from './entries';
import { endHashing, sha1Of } from './hash';
import { UploadQueue, type Item } from './queue.svelte';
import { send } from './send';
import { takeShared } from './shared';

export const queue = new UploadQueue({
  send,
  state: fetchUploadState,
  here: checkHere,
  finish: finishUploads,
  sha1: sha1Of,
  refuse,
  done,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
});

function refuse(file: File, server: UploadState): string | null {
  if (server.problem !== null) return server.problem;
  if (file.size > server.max_bytes) {
    return t('upload.tooLarge', { size: formatSize(server.max_bytes) });
  }
  if (file.size > server.spare_bytes) {
    return t('upload.noRoom', { size: formatSize(server.spare_bytes) });
  }
  return null;
}

function done(added: readonly Item[], act: number | null): void {
  endHashing();
  if (added.length === 0) return;
  const ids = added.flatMap((item) => item.id ?? []);
  // Done already: what is offered is the way back.
  void acts.perform({
    ids,
    send: () => Promise.resolve(act),
    actOf: (number) => number,
    said: () => t('upload.added', { count: added.length }),
  });
}

async function take(given: Given): Promise<void> {
  try {
    const { files, others } = await filesOf(given);
    queue.others += others;
    queue.add(files);
    if (files.length === 0 && others > 0) toasts.show(t('upload.noneFound', { count: others }));
  } catch (error) {
    toasts.fail(error);
  }
}

const taken = new Set<string>();

/** Adds what another app shared; each file is kept by the browser until it is in the library. */
export async function addShared(): Promise<number> {
  const shared = (await takeShared()).filter(({ key }) => !taken.has(key));
  const forget = new Map(shared.map((one) => [one.file, one.forget]));
  for (const { key } of shared) taken.add(key);
  queue.add(
    shared.map(({ file }) => file),
    (file) => forget.get(file)?.(),
  );
  return shared.length;
}

door.connect((given) => void take(given));
live.subscribe({ hello: () => queue.resume() });
addEventListener('beforeunload', (event) => {
  if (queue.left > 0) event.preventDefault();
});

/** A search for what was added: by name while an address can hold all of them, else what is new. */
export function viewOf(items: readonly Item[]): string {
  const ids = items.flatMap((item) => item.id ?? []);
  if (ids.length === 0 || ids.length > 60) return '/recent';
  return `/search?${new URLSearchParams({ q: `id:${ids.join('|')}` })}`;
}
