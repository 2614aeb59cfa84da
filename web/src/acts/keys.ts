/** The keys of acts, the same in every grid and in the viewer. What they do is fetched when first pressed. */

import { realmOf, type Target } from '../select/target';
import type { Key } from '../shell/i18n.svelte';
import type { Shortcut } from '../shell/shortcuts.svelte';
import { acts, begin } from './acts.svelte';

const edits = () => import('./edits');
const removal = () => import('./removal');

/** `targetOf` names what is meant now; null if nothing is, and the key is then left to others. */
export function actShortcuts(
  targetOf: () => Target | null,
  /** Runs an act; `leaves` where the photo is not in its view any more afterwards. */
  perform: (run: () => Promise<unknown>, leaves: boolean) => void = (run) => begin(run),
): Shortcut[] {
  const on = (
    keys: readonly string[],
    label: Key,
    run: (target: Target, key: string) => Promise<unknown>,
    leaves = false,
  ): Shortcut => ({
    keys,
    label,
    run: (event) => {
      const target = targetOf();
      if (!target) return false;
      perform(() => run(target, event.key), leaves);
      return true;
    },
  });

  return [
    on(['f'], 'keys.favourite', async (target) =>
      (await edits()).favourite(target, target.isFavourite !== true),
    ),
    on(['1', '2', '3', '4', '5'], 'keys.rate', async (target, key) =>
      (await edits()).rate(target, Number(key)),
    ),
    on(['0'], 'keys.unrate', async (target) => (await edits()).rate(target, null)),
    on(['l'], 'keys.album', async (target) => (await edits()).addToAlbum(target)),
    on(['t'], 'keys.keywords', async (target) => (await edits()).changeKeywords(target)),
    on(['Shift+t'], 'keys.date', async (target) => (await edits()).changeDate(target)),
    on(['r'], 'keys.rotateRight', async (target) => (await edits()).rotate(target, 90)),
    on(['Shift+r'], 'keys.rotateLeft', async (target) => (await edits()).rotate(target, 270)),
    on(
      ['Shift+a'],
      'keys.hide',
      async (target) => (await edits()).hide(target, realmOf(target.q) !== 'hidden'),
      true,
    ),
    on(
      ['Delete', 'Backspace'],
      'keys.trash',
      async (target) => {
        const { deleteForGood, trash } = await removal();
        const { policy } = await import('../select/policy.svelte');
        await policy.load();
        const isForGood = policy.isForGood || realmOf(target.q) === 'trash';
        return isForGood ? deleteForGood(target) : trash(target);
      },
      true,
    ),
    on(['k'], 'act.toDownload', async (target) => (await removal()).download(target)),
  ];
}

/** Also where no photo is in sight: hiding the last one of a search leaves an empty page. */
export const undoShortcut: Shortcut = {
  keys: ['Ctrl+z'],
  label: 'keys.undo',
  run: () => acts.undoLast(),
};
