/** The searches that were made last in this browser. */

import type { Suggestion } from '../api/browse';

const KEY = 'photostore.searches';
const KEPT = 6;

function read(): string[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]') as unknown;
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function rememberSearch(q: string): void {
  try {
    const others = read().filter((one) => one !== q);
    localStorage.setItem(KEY, JSON.stringify([q, ...others].slice(0, KEPT)));
  } catch {
    // Storage may be blocked: then nothing is remembered.
  }
}

export function forgetSearches(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Storage may be blocked: then nothing was remembered either.
  }
}

export function recentSearches(): Suggestion[] {
  return read().map((q) => ({ text: q, query: q, kind: 'recent', count: null }));
}
