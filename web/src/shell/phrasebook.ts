/**
 * A language's book of the server's sentences, `i18n/said.LANGUAGE.json`: from the English to its own.
 *
 * `{name}` stands for a value in both. A name that begins with "say" stands for another sentence, such as the
 * reason inside "damaged: {say}". What is not in the book stays English.
 */

export type Sentences = Readonly<Record<string, string>>;

interface Pattern {
  readonly shape: RegExp;
  readonly names: readonly string[];
  readonly own: string;
  /** It hardly says anything itself, such as "it {say}": it counts only where the rest is known. */
  readonly isWeak: boolean;
}

const VALUE = /\{(\w+)\}/g;
/** Fewer letters than this are no sentence. */
const WEAK = 4;
const SPECIAL = /[.*+?^${}()|[\]\\]/g;
/** 1,234.5 as Python writes it, perhaps with a unit. */
const NUMBER = /^(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?( ?(?:[kMGTP]i?)?B)?$/;

export class Phrasebook {
  readonly #whole = new Map<string, string>();
  readonly #patterns: Pattern[] = [];

  constructor(
    sentences: Sentences,
    readonly language: string,
  ) {
    // What says most in its own words is tried first.
    const weight = (english: string) => english.replace(VALUE, '').length;
    const sorted = Object.entries(sentences).sort(([a], [b]) => weight(b) - weight(a));
    for (const [english, own] of sorted) {
      const names = Array.from(english.matchAll(VALUE), ([, name]) => name!);
      if (names.length === 0) this.#whole.set(english, own);
      else {
        const isWeak = english.replace(VALUE, '').replace(/[^a-z]/gi, '').length < WEAK;
        this.#patterns.push({ shape: shapeOf(english), names, own, isWeak });
      }
    }
  }

  say(text: string): string {
    const whole = this.#whole.get(text);
    if (whole !== undefined) return whole;
    for (const { shape, names, own, isWeak } of this.#patterns) {
      const found = shape.exec(text);
      if (!found) continue;
      const values = new Map(names.map((name, i) => [name, this.#value(name, found[i + 1]!)]));
      if (isWeak && names.some((name, i) => isSaid(name) && values.get(name) === found[i + 1])) {
        continue;
      }
      return own.replace(VALUE, (sign, name: string) => values.get(name) ?? sign);
    }
    return text;
  }

  #value(name: string, value: string): string {
    if (isSaid(name)) return this.say(value);
    const number = NUMBER.exec(value);
    // A bare number may be a year or a port.
    if (!number || !/[.,]/.test(value)) return value;
    const [, whole, fraction = '', unit = ''] = number;
    const digits = Math.max(0, fraction.length - 1);
    const format = new Intl.NumberFormat(this.language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    return format.format(Number(whole!.replaceAll(',', '') + fraction)) + unit;
  }
}

const isSaid = (name: string) => name.startsWith('say');

function shapeOf(english: string): RegExp {
  const parts = english.split(VALUE).filter((_, i) => i % 2 === 0);
  return new RegExp(`^${parts.map((part) => part.replace(SPECIAL, '\\$&')).join('(.+?)')}$`, 's');
}
