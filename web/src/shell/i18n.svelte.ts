/**
 * The words of the app: flat JSON per language, English built in, others loaded when needed.
 *
 * `{name}` is replaced by a value; a key with `_one`, `_few`, … variants is chosen by the language's own
 * plural rules from the value named `count`. Numbers and dates follow the browser's locale.
 */

import en from '../i18n/en.json';

export type Messages = Readonly<Record<string, string>>;
type Name = keyof typeof en;
type Plural<N> = N extends `${infer Stem}_other` ? Stem : never;
/** Keys without their plural endings. */
export type Key = Exclude<Name, `${string}_one` | `${string}_other`> | Plural<Name>;
export type Values = Readonly<Record<string, string | number>>;

const LOADERS: Record<string, () => Promise<{ default: Messages }>> = {
  de: () => import('../i18n/de.json'),
};
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
  #messages: Messages = $state.raw(en);

  /** Takes the first of the browser's languages that there is. */
  async start(languages: readonly string[]): Promise<void> {
    for (const locale of languages) {
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
    document.documentElement.dir = RIGHT_TO_LEFT.has(this.language) ? 'rtl' : 'ltr';
  }

  text(key: Key, values?: Values): string {
    return format(this.#messages, en, this.locale, key, values);
  }
}

export const i18n = new I18n();

export function t(key: Key, values?: Values): string {
  return i18n.text(key, values);
}
