/** Made-up views for the tests. */

import fc from 'fast-check';
import type { Shape } from './shape';

export function makeShape(
  days: readonly (readonly [string, readonly number[]])[],
  revision = 7,
): Shape {
  const ratios = Uint8Array.from(days.flatMap(([, list]) => list));
  const dayStarts = new Uint32Array(days.length + 1);
  days.forEach(([, list], d) => (dayStarts[d + 1] = dayStarts[d]! + list.length));
  const names = days.map(([day]) => day);
  return { revision, count: ratios.length, ratios, days: names, dayStarts, headings: true };
}

/** Views with up to 12 days, the last of them perhaps without a date. */
export function anyShape(mostPerDay = 12): fc.Arbitrary<Shape> {
  const day = fc.array(fc.nat(255), { minLength: 1, maxLength: mostPerDay });
  return fc.tuple(fc.array(day, { maxLength: 12 }), fc.boolean()).map(([lists, isUndated]) =>
    makeShape(
      lists.map((list, i) => {
        const name = `2024-05-${String(28 - i).padStart(2, '0')}`;
        return [isUndated && i === lists.length - 1 ? '' : name, list] as const;
      }),
    ),
  );
}

/** application/vnd.photostore.shape, as the server writes it. */
export function encodeShape(shape: Shape): ArrayBuffer {
  const days = shape.days.map((day, d) => [day, shape.dayStarts[d + 1]! - shape.dayStarts[d]!]);
  const header = new TextEncoder().encode(
    JSON.stringify({ revision: shape.revision, count: shape.count, days }),
  );
  const bytes = new Uint8Array(4 + header.length + shape.count);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  bytes.set(shape.ratios, 4 + header.length);
  return bytes.buffer;
}
