/** Words for what became of a file. */

import { t, type Key } from '../shell/i18n.svelte';

const NAMES: Record<string, Key> = {
  imported: 'outcome.imported',
  updated: 'outcome.updated',
  unchanged: 'outcome.unchanged',
  moved: 'outcome.moved',
  rejected: 'problems.rejected',
  failed: 'problems.failed',
  waiting: 'problems.waiting',
  missing: 'sync.missing',
  trashed: 'outcome.trashed',
  restored: 'outcome.restored',
  deleted: 'outcome.deleted',
  copied: 'outcome.copied',
};

/** An outcome that has no words yet is shown as the report spells it. */
export function stateName(state: string): string {
  const name = NAMES[state];
  return name ? t(name) : state;
}
