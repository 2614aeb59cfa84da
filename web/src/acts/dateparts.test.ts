import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromParts, parseCoordinates, shiftSeconds, toParts } from './dateparts';

const NOTHING = { year: '', month: '', day: '', time: '', offset: '' };

describe('a date as far as it is known', () => {
  test('tells its precision and invents nothing', () => {
    expect(fromParts({ ...NOTHING, year: '1987' })).toEqual({
      local: '1987-01-01T00:00:00',
      precision: 'year',
      offset: null,
    });
    expect(fromParts({ ...NOTHING, year: '1987', month: '5' })?.precision).toBe('month');
    expect(fromParts({ ...NOTHING, year: '1987', month: '5', day: '3' })?.precision).toBe('day');
    const minutes = { year: '2024', month: '5', day: '3', time: '9:05', offset: '+02:00' };
    expect(fromParts(minutes)).toEqual({
      local: '2024-05-03T09:05:00',
      precision: 'minute',
      offset: '+02:00',
    });
    expect(fromParts({ ...minutes, time: '09:05:07' })?.local).toBe('2024-05-03T09:05:07');
  });

  test('is refused where it is none', () => {
    for (const parts of [
      { year: '' },
      { year: '1700' },
      { year: '99999' },
      { year: 'now' },
      { year: '2023', month: '2', day: '29' },
      { year: '2024', month: '13' },
      { year: '2024', month: '4', day: '31' },
      { year: '2024', month: '4', day: '1', time: '25:00' },
      { year: '2024', month: '4', day: '1', time: 'noon' },
    ]) {
      expect(fromParts({ ...NOTHING, ...parts })).toBeNull();
    }
    expect(fromParts({ ...NOTHING, year: '2024', month: '2', day: '29' })).not.toBeNull();
  });

  test('a day without a month counts for nothing', () => {
    expect(fromParts({ ...NOTHING, year: '2020', day: '12', time: '10:00' })?.precision).toBe(
      'year',
    );
  });

  test('comes back from its parts', () => {
    const moment = fc.date({
      min: new Date('1850-01-01'),
      max: new Date('2400-01-01'),
      noInvalidDate: true,
    });
    const precision = fc.constantFrom('year', 'month', 'day', 'minute', 'second' as const);
    fc.assert(
      fc.property(moment, precision, (date, known) => {
        const local = date.toISOString().slice(0, 19);
        const parts = toParts({ local, precision: known as 'day', offset: '+05:45' });
        const back = fromParts(parts);
        expect(back?.precision).toBe(known);
        expect(back?.offset).toBe('+05:45');
        const length = { year: 4, month: 7, day: 10, minute: 16, second: 19 }[known as 'day'];
        expect(back?.local.slice(0, length)).toBe(local.slice(0, length));
      }),
    );
  });
});

test('a shift is signed seconds', () => {
  expect(shiftSeconds({ days: 1, hours: 2, minutes: 3, seconds: 4 }, false)).toBe(93_784);
  expect(shiftSeconds({ days: 0, hours: 1, minutes: 0, seconds: 0 }, true)).toBe(-3_600);
  expect(Object.is(shiftSeconds({ days: 0, hours: 0, minutes: 0, seconds: 0 }, true), 0)).toBe(
    true,
  );
});

describe('a position as people paste it', () => {
  test.each([
    ['48.8584, 2.2945', 48.8584, 2.2945],
    ['48.8584 2.2945', 48.8584, 2.2945],
    ['-33.8568,151.2153', -33.8568, 151.2153],
    ['−33.8568, 151.2153', -33.8568, 151.2153],
    ['48.8584° N, 2.2945° E', 48.8584, 2.2945],
    ['33.8568 S 70.5 W', -33.8568, -70.5],
    ['geo:48.8584,2.2945?z=17', 48.8584, 2.2945],
    ['https://maps.example/@48.8584,2.2945,17z', 48.8584, 2.2945],
    ['https://osm.example/?mlat=48.8584&mlon=2.2945', 48.8584, 2.2945],
    ['0, 0', 0, 0],
  ])('%s', (text, lat, lon) => {
    expect(parseCoordinates(text)).toEqual({ lat, lon });
  });

  test.each(['', 'Paris', '91, 0', '0, 181', '48.8584', 'a, b'])('refuses %j', (text) => {
    expect(parseCoordinates(text)).toBeNull();
  });

  test('never gives a number that is none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = parseCoordinates(text);
        if (found) expect(Math.abs(found.lat) <= 90 && Math.abs(found.lon) <= 180).toBe(true);
      }),
    );
  });
});
