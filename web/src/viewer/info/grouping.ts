/** Which files belong to one photo, and which of them is shown, as a person says. */

import * as api from '../../api/acts';
import type { Done } from '../../api/acts';
import { acts } from '../../acts/acts.svelte';
import { t } from '../../shell/i18n.svelte';

export function showFile(id: string, fileId: string): Promise<Done | null> {
  return acts.perform<Done>({
    ids: [id],
    send: () => api.chooseShown(id, fileId),
    actOf: (answer) => answer.act,
    said: () => t('act.shown'),
  });
}

/** The file becomes a photo of its own, and stays one. */
export function splitFile(id: string, fileId: string): Promise<Done | null> {
  return acts.perform<Done>({
    ids: [id],
    send: () => api.splitAsset(id, [fileId]),
    actOf: (answer) => answer.act,
    said: () => t('act.split'),
  });
}
