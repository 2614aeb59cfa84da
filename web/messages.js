/**
 * A step of the build: the words of a language in two parts. `en.json?first` has what the first screen may say
 * and is part of the first load; `en.json?rest` has everything else and comes right after it.
 */

import { readFileSync } from 'node:fs';

const PARTS = /\/i18n\/\w+\.json\?(first|rest)$/;
/** What is before the first dot of a key, or all of it. */
const FIRST = new Set([
  'action',
  'cell',
  'count',
  'date',
  'failed',
  'loading',
  'missing',
  'nav',
  'none',
  'offline',
  'order',
  'progress',
  'renewed',
  'scrubber',
  'select',
  'timeline',
]);
const FIRST_KEYS = /^(menu\.(add|label)|search\.(clear|count|label)|album\.save$)/;

const isFirst = (key) => FIRST.has(key.split('.')[0]) || FIRST_KEYS.test(key);

/** @returns {import('vite').Plugin} */
export function messages() {
  return {
    name: 'photostore-messages',
    enforce: 'pre',
    load(id) {
      const part = PARTS.exec(id)?.[1];
      if (part === undefined) return null;
      const all = JSON.parse(readFileSync(id.replace(/\?.*$/, ''), 'utf8'));
      const chosen = Object.entries(all).filter(([key]) => isFirst(key) === (part === 'first'));
      const code = `export default ${JSON.stringify(Object.fromEntries(chosen))};`;
      return { code, moduleType: 'js', map: null };
    },
  };
}
