import { expect, test } from 'vitest';
import { edgeSpeed } from './touch';

test('near an edge it scrolls, the nearer the faster, and elsewhere not', () => {
  const box = { top: 100, bottom: 700 };
  expect(edgeSpeed(box, 400)).toBe(0);
  expect(edgeSpeed(box, 160)).toBeLessThan(0);
  expect(edgeSpeed(box, 110)).toBeLessThan(edgeSpeed(box, 160));
  expect(edgeSpeed(box, 690)).toBeGreaterThan(edgeSpeed(box, 650));
  expect(edgeSpeed(box, 5_000)).toBe(edgeSpeed(box, 700));
});
