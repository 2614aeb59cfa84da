/** What a person perhaps meant by a query that is not understood. Pure. */

import type { QueryProblem } from '../api/browse';

/** The query with the suggestion in the place of what is wrong; null where there is none. */
export function meantBy(
  q: string,
  problem: Partial<Pick<QueryProblem, 'start' | 'end' | 'suggestion'>>,
): string | null {
  const { start, end, suggestion } = problem;
  if (typeof suggestion !== 'string' || typeof start !== 'number' || typeof end !== 'number') {
    return null;
  }
  // The server counts whole characters.
  const characters = Array.from(q);
  return [...characters.slice(0, start), suggestion, ...characters.slice(end)].join('');
}
