import { expect, it } from 'vitest';
import { meantBy } from './meant';

it('puts what was perhaps meant in the place of what is wrong', () => {
  const problem = { start: 7, end: 12, suggestion: 'canon' };
  expect(meantBy('camera:kanon year:2019', problem)).toBe('camera:canon year:2019');
  expect(meantBy('😀 camera:kanon', { ...problem, start: 9, end: 14 })).toBe('😀 camera:canon');
  expect(meantBy('camera:kanon', { ...problem, suggestion: null })).toBeNull();
  expect(meantBy('camera:kanon', {})).toBeNull();
});
