/** The device's own way of sharing: the photo itself where it takes files, else its address; or that to paste. */

import { originalUrl, previewUrl } from '../api/client';
import type { Asset } from '../api/types';
import { messageOf } from '../acts/acts.svelte';
import { t } from '../shell/i18n.svelte';
import { toasts } from '../shell/toasts.svelte';
import { isBrowserFriendly } from './facts';

/** Apps refuse more, and it would have to be held in memory. */
const MOST_BYTES = 50_000_000;

async function fetchFile(asset: Asset): Promise<File | null> {
  const shown = asset.files.find((file) => file.shown);
  const isVideo = asset.kind === 'video';
  const isOriginal = (isVideo || isBrowserFriendly(asset)) && (shown?.size ?? 0) < MOST_BYTES;
  if (isVideo && !isOriginal) return null;
  const url = isOriginal ? originalUrl(asset.id) : previewUrl(asset.id, asset.preview);
  const response = await fetch(url);
  if (!response.ok) return null;
  const blob = await response.blob();
  const stem = (shown?.name ?? 'photo').replace(/\.[^.]*$/, '');
  const name = isOriginal ? (shown?.name ?? stem) : `${stem}.${blob.type.split('/')[1] ?? 'jpg'}`;
  return new File([blob], name, { type: blob.type });
}

/** Without https browsers give pages no clipboard: then the text is selected and copied, as by hand. */
async function copy(text: string): Promise<boolean> {
  if ('clipboard' in navigator) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  const field = document.createElement('textarea');
  field.value = text;
  // Inside the dialog that is open: what is outside cannot have the focus.
  (document.querySelector('dialog[open]') ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  return isDone;
}

async function copyAddress(): Promise<void> {
  try {
    toasts.show(t((await copy(location.href)) ? 'share.copied' : 'share.failed'));
  } catch {
    toasts.show(t('share.failed'));
  }
}

export async function share(asset: Asset): Promise<void> {
  if (!('share' in navigator)) return copyAddress();
  const title = asset.title ?? asset.files[0]?.name ?? '';
  try {
    const file = await fetchFile(asset);
    const data: ShareData = file ? { title, files: [file] } : { title, url: location.href };
    await navigator.share(navigator.canShare(data) ? data : { title, url: location.href });
  } catch (error) {
    // The person closed the sheet: nothing to say.
    if (error instanceof DOMException && error.name === 'AbortError') return;
    toasts.show(messageOf(error));
  }
}
