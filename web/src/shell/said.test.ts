import { describe, expect, it } from 'vitest';
import german from '../i18n/said.de.json';
import { Phrasebook } from './phrasebook';
import { said } from './said';

const book = new Phrasebook(german, 'de');

describe('a phrasebook', () => {
  it('says a sentence with its values', () => {
    expect(book.say('Taken in a year')).toBe('In einem Jahr aufgenommen');
    expect(book.say('shorter side under 200 pixels: 64 x 64 pixels')).toBe(
      'kürzere Seite unter 200 Pixeln: 64 × 64 Pixel',
    );
  });

  it('says a sentence inside a sentence', () => {
    expect(book.say('damaged or cut short: a tile of no size')).toBe(
      'beschädigt oder abgeschnitten: eine Kachel ohne Größe',
    );
    expect(book.say('"year:x" is not understood: give kilometres, such as dist:10')).toBe(
      '„year:x“ ist nicht zu verstehen: nenne Kilometer, etwa dist:10',
    );
    expect(book.say('/photos: read-only')).toBe('/photos: schreibgeschützt');
  });

  it('writes numbers as the language does, and leaves years and versions', () => {
    expect(book.say('smaller than the limit: 9,876 of at least 10,000 bytes')).toBe(
      'kleiner als die Grenze: 9.876 von mindestens 10.000 Bytes',
    );
    expect(book.say('2.5 GB free')).toBe('2,5 GB frei');
    expect(book.say('2.5 GB, revision 1234, SQLite 3.45.1')).toBe(
      '2,5 GB, Stand 1234, SQLite 3.45.1',
    );
  });

  it('keeps the braces of a template and what it does not know', () => {
    const text = Object.keys(german).find((one) =>
      one.startsWith('Where copies and added photos go.'),
    )!;
    expect(book.say(text)).toContain('{year} {month}');
    expect(book.say('Never said before')).toBe('Never said before');
    expect(book.say('it rains: never said')).toBe('it rains: never said');
    expect(book.say('it is larger than 4 MiB')).toBe('sie ist größer als 4 MiB');
    expect(said('Taken in a year')).toBe('Taken in a year');
  });

  it('has the values of the English in each sentence, and no others', () => {
    const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    const wrong = Object.entries(german).filter(
      ([english, own]) =>
        names(own).some((name) => !names(english).includes(name)) ||
        // A second name for the same value may go.
        new Set(names(english)).size - new Set(names(own)).size > 1,
    );
    expect(wrong).toEqual([]);
  });
});
