/**
 * The words of the app: flat JSON per language, the first screen's English built in,
 * the rest of it and other languages loaded when needed.
 *
 * `{name}` is replaced by a value; a key with `_one`, `_few`, … variants is chosen by the language's own
 * plural rules from the value named `count`. Numbers and dates follow the browser's locale.
 */

import type en from '../i18n/en.json';
import first from '../i18n/en.json?first';
import { openBook } from './said';

export type Messages = Readonly<Record<string, string>>;
type Name = keyof typeof en;
type Plural<N> = N extends `${infer Stem}_other` ? Stem : never;
/** Keys without their plural endings. */
export type Key = Exclude<Name, `${string}_one` | `${string}_other`> | Plural<Name>;
export type Values = Readonly<Record<string, string | number>>;

const LOADERS: Record<string, () => Promise<{ default: Messages }>> = {
  de: () => import('../i18n/de.json'),
};
/** What the server says, which is English, in another language. */
const BOOKS: Record<string, () => Promise<{ default: Messages }>> = {
  de: () => import('../i18n/said.de.json'),
};
/** Each in its own words. */
export const LANGUAGES: readonly (readonly [code: string, name: string])[] = [
  ['en', 'English'],
  ['de', 'Deutsch'],
];
const KEY = 'photostore.language';
const RIGHT_TO_LEFT = new Set(['ar', 'fa', 'he', 'ur']);

/** Chooses the message, then fills it in. Exported for tests. */
export function format(
  messages: Messages,
  fallback: Messages,
  language: string,
  key: string,
  values: Values = {},
): string {
  const count = values['count'];
  const category = typeof count === 'number' ? new Intl.PluralRules(language).select(count) : null;
  const names = category ? [`${key}_${category}`, `${key}_other`, key] : [key];
  const name = names.find((candidate) => candidate in messages);
  const text = name ? messages[name]! : (names.map((n) => fallback[n]).find(Boolean) ?? key);
  return text.replace(/\{(\w+)\}/g, (whole, field: string) => {
    const value = values[field];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
  });
}

class I18n {
  language = $state('en');
  /** For dates and numbers: the browser's own variant of the language, such as en-GB. */
  locale = $state('en');
  /** The language that was chosen in this browser; null follows the browser's own. */
  chosen: string | null = $state(null);
  #messages: Messages = $state.raw(first);
  #english: Messages = $state.raw(first);
  #rest: Promise<void> | null = null;

  /** Takes the chosen language, or the first of the browser's languages that there is. */
  async start(languages: readonly string[]): Promise<void> {
    this.chosen = readChoice();
    const wanted = languages.filter((one) => one.split('-')[0] === this.chosen);
    const own = this.chosen === null || wanted.length > 0 ? wanted : [this.chosen];
    for (const locale of [...own, ...languages]) {
      const language = locale.split('-')[0]!.toLowerCase();
      if (language !== 'en' && !(language in LOADERS)) continue;
      try {
        if (language !== 'en') this.#messages = (await LOADERS[language]!()).default;
        this.language = language;
        this.locale = locale;
      } catch {
        // The words could not be loaded: English is better than nothing.
      }
      break;
    }
    document.documentElement.lang = this.language;
    document.documentElement.dir = isMirrored(this.language) ? 'rtl' : 'ltr';
  }

  /** Loads the words that are not on the first screen, and those of the server; what is drawn already gets them too. */
  complete(): Promise<void> {
    const { language } = this;
    const load = () => Promise.all([import('../i18n/en.json?rest'), bind(language)]);
    this.#rest ??= load().then(
      ([rest]) => {
        this.#english = { ...first, ...rest.default };
        if (this.language === 'en') this.#messages = this.#english;
      },
      () => {
        this.#rest = null;
      },
    );
    return this.#rest;
  }

  /** An empty code follows the browser again. The page is read anew: words are everywhere. */
  choose(code: string): void {
    try {
      if (code === '') localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, code);
    } catch {
      // Storage may be blocked: the browser's language then stays.
    }
    location.reload();
  }

  has(key: string): boolean {
    return key in this.#messages || key in this.#english;
  }

  text(key: Key, values?: Values): string {
    return format(this.#messages, this.#english, this.locale, key, values);
  }
}

/** Opens the book of what the server says, where the language has one. */
async function bind(language: string): Promise<void> {
  const load = BOOKS[language];
  if (!load) return;
  const [{ Phrasebook }, book] = await Promise.all([import('./phrasebook'), load()]);
  openBook(new Phrasebook(book.default, language));
}

function readChoice(): string | null {
  try {
    const stored = localStorage.getItem(KEY);
    return LANGUAGES.some(([code]) => code === stored) ? stored : null;
  } catch {
    return null;
  }
}

/** `?dir=rtl` shows any language from right to left: to look at the layout without knowing Hebrew. */
function isMirrored(language: string): boolean {
  return RIGHT_TO_LEFT.has(language) || new URLSearchParams(location.search).get('dir') === 'rtl';
}

export const i18n = new I18n();

/** Whether the app has words for a key that is put together from what the server says. */
export function hasWords(key: string): boolean {
  return i18n.has(key);
}

export function t(key: Key, values?: Values): string {
  return i18n.text(key, values);
}
