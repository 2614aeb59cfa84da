import { describe, expect, test, vi } from 'vitest';
import type { RowColumns } from '../api/types';
import { RowCache, type RowFetcher } from './rows';
import { Remap } from './shape';

function columns(revision: number, start: number, count: number, prefix = 'a'): RowColumns {
  const each = <T>(value: (i: number) => T) =>
    Array.from({ length: count }, (_, i) => value(start + i));
  return {
    revision,
    start,
    ids: each((i) => `${prefix}${i}`),
    taken: each(() => null),
    kinds: each(() => 'photo'),
    thumbhashes: each(() => null),
    durations: each(() => null),
    favourites: each(() => false),
    previews: each(() => null),
    titles: each(() => null),
    motion: each(() => false),
    rotations: each(() => 0),
  };
}

interface Call {
  start: number;
  count: number;
  signal: AbortSignal;
  answer: (value: RowColumns) => void;
  fail: (error: unknown) => void;
}

function makeCache(count = 10_000) {
  const calls: Call[] = [];
  const fetch: RowFetcher = (_revision, start, size, signal) =>
    new Promise((answer, fail) => {
      calls.push({ start, count: size, signal, answer, fail });
      signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError')));
    });
  const listener = { changed: vi.fn(), failed: vi.fn() };
  const cache = new RowCache(fetch, listener);
  cache.reset(1, count);
  return { cache, calls, listener };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('RowCache', () => {
  test('asks for whole blocks, once', async () => {
    const { cache, calls, listener } = makeCache();
    cache.want(130, 180);
    cache.want(140, 190);
    expect(calls.map(({ start, count }) => [start, count])).toEqual([[100, 100]]);
    calls[0]!.answer(columns(1, 100, 100));
    await settle();
    expect(listener.changed).toHaveBeenCalledOnce();
    expect(cache.get(150)?.id).toBe('a150');
    cache.want(150, 190);
    expect(calls).toHaveLength(1);
  });

  test('never asks for more than 500 at once, nor beyond the end', () => {
    const { cache, calls } = makeCache(1_234);
    cache.want(0, 5_000);
    expect(calls.map(({ start, count }) => [start, count])).toEqual([
      [0, 500],
      [500, 500],
      [1000, 234],
    ]);
  });

  test('cancels what is not wanted any more', async () => {
    const { cache, calls, listener } = makeCache();
    cache.want(0, 100);
    cache.want(5_000, 5_100);
    expect(calls[0]!.signal.aborted).toBe(true);
    await settle();
    expect(listener.failed).not.toHaveBeenCalled();
  });

  test('tells of failures, and asks again when wanted again', async () => {
    const { cache, calls, listener } = makeCache();
    cache.want(0, 100);
    calls[0]!.fail(new Error('no'));
    await settle();
    expect(listener.failed).toHaveBeenCalledOnce();
    cache.want(0, 100);
    expect(calls).toHaveLength(2);
  });

  test('moves entries with their assets when the view changes', async () => {
    const { cache, calls } = makeCache();
    cache.want(0, 100);
    calls[0]!.answer(columns(1, 0, 100));
    await settle();
    // Two new ones before everything, a5 gone, a7 with new facts.
    cache.apply(2, 10_001, new Remap([5], [0, 1]), [8]);
    expect(cache.get(0)).toBeUndefined();
    expect(cache.get(2)?.id).toBe('a0');
    expect(cache.get(7)?.id).toBe('a6');
    expect(cache.findOrdinal('a5')).toBeNull();
    cache.want(0, 50);
    // The stale entry (8) is asked for with the missing ones, and is shown until then.
    expect(calls[1]).toMatchObject({ start: 0, count: 9 });
    expect(cache.get(8)?.id).toBe('a7');
  });

  test('drops answers that belong to an older view', async () => {
    const { cache, calls } = makeCache();
    cache.want(0, 100);
    calls[0]!.answer(columns(1, 0, 100));
    cache.reset(2, 10_000);
    await settle();
    expect(cache.get(0)).toBeUndefined();
    cache.put(columns(1, 0, 10));
    expect(cache.get(0)).toBeUndefined();
  });

  test('forgets what is far away', async () => {
    const { cache, calls } = makeCache(1_000_000);
    for (let start = 0; start < 10_000; start += 500) {
      cache.want(start, start + 500);
      calls.at(-1)!.answer(columns(1, start, 500));
      await settle();
    }
    expect(cache.get(0)).toBeUndefined();
    expect(cache.get(9_999)).toBeDefined();
  });
});
