/** Renaming and merging keywords: the question, the request, and the way back. */

import { acts } from '../acts/acts.svelte';
import { ask } from '../acts/dialogs';
import { findTags, mergeTag, renameTag, type Tag } from '../api/browse';
import { t } from '../shell/i18n.svelte';
import KeywordForm from './KeywordForm.svelte';

interface Answer {
  name: string;
  /** The keyword that was chosen; null for a name that was written. */
  id: string | null;
}

const askKeyword = (tag: Tag, isMerge: boolean) =>
  ask<Answer, { tag: Tag; isMerge: boolean }>(KeywordForm, { tag, isMerge });

/** The id of the keyword of the new name: it is another tag. Null if it has no other name. */
export async function renameKeyword(tag: Tag): Promise<string | null> {
  const answer = await askKeyword(tag, false);
  if (!answer || answer.name === tag.name) return null;
  const done = await acts.perform({
    ids: [],
    send: () => renameTag(tag.id, answer.name),
    actOf: (one) => one.act,
    said: (one) => t('tags.renamed', { count: one.changed }),
  });
  if (done === null) return null;
  const path = [...tag.path.slice(0, -1), answer.name.replace(/\s+/g, ' ')].join('/');
  // The page of the old name is no failure of the act.
  const found = await findTags(answer.name).catch(() => []);
  return found.find((one) => one.path.join('/') === path)?.id ?? tag.id;
}

/** The id of the keyword that it became part of; null if it did not. */
export async function mergeKeyword(tag: Tag): Promise<string | null> {
  const answer = await askKeyword(tag, true);
  const into = answer?.id;
  if (!into) return null;
  const done = await acts.perform({
    ids: [],
    send: () => mergeTag(tag.id, into),
    actOf: (one) => one.act,
    said: (one) => t('tags.merged', { count: one.changed }),
  });
  return done === null ? null : into;
}
