import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PackFormatError, PackReader } from './pack';
import { ThumbCache, type PackFetcher } from './thumbs';

function pack(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = entries.flatMap((entry) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, entry.length, true);
    return [...length, ...entry];
  });
  return Uint8Array.from(bytes);
}

describe('PackReader', () => {
  test('reads the entries however the stream is cut', () => {
    const anyEntries = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 });
    fc.assert(
      fc.property(anyEntries, fc.array(fc.nat(40)), (entries, cuts) => {
        const bytes = pack(entries);
        const read: Uint8Array[] = [];
        const reader = new PackReader((index, entry) => (read[index] = entry));
        const edges = [...new Set(cuts.filter((cut) => cut < bytes.length))].sort((a, b) => a - b);
        let from = 0;
        for (const edge of [...edges, bytes.length]) {
          reader.push(bytes.slice(from, edge));
          from = edge;
        }
        reader.end();
        expect(read.map((entry) => [...entry])).toEqual(entries.map((entry) => [...entry]));
      }),
    );
  });

  test('refuses what is no pack', () => {
    const reader = new PackReader(() => undefined);
    expect(() => reader.push(new TextEncoder().encode('<!doctype html>'))).toThrow(PackFormatError);
  });

  test('tells when the stream ended too early', () => {
    const reader = new PackReader(() => undefined);
    reader.push(pack([Uint8Array.of(1, 2, 3)]).slice(0, 5));
    expect(() => reader.end()).toThrow(PackFormatError);
  });
});

describe('ThumbCache', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function makeCache(has: (id: string) => boolean = () => true) {
    const requests: { ids: readonly string[]; signal: AbortSignal }[] = [];
    const alive = new Set<string>();
    let made = 0;
    const fetch: PackFetcher = async (ids, signal) => {
      requests.push({ ids, signal });
      const bytes = pack(ids.map((id) => (has(id) ? Uint8Array.of(1, 2) : new Uint8Array(0))));
      return new Blob([Uint8Array.from(bytes)]).stream();
    };
    const urls = {
      create: () => {
        const url = `blob:${made++}`;
        alive.add(url);
        return url;
      },
      revoke: (url: string) => alive.delete(url),
    };
    const changed = vi.fn();
    return { cache: new ThumbCache(fetch, changed, urls), requests, alive, changed };
  }

  const settle = async () => {
    vi.useRealTimers();
    await new Promise((resolve) => setTimeout(resolve, 20));
    vi.useFakeTimers();
  };
  const ids = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `p${from + i}`);

  test('fetches a screenful in one request', async () => {
    const { cache, requests, changed } = makeCache();
    cache.want(ids(0, 60));
    await settle();
    expect(requests).toHaveLength(1);
    expect(cache.get('p59')).toBeDefined();
    expect(changed).toHaveBeenCalled();
    cache.want(ids(0, 60));
    await settle();
    expect(requests).toHaveLength(1);
  });

  test('asks for at most 100 at once', async () => {
    const { cache, requests } = makeCache();
    cache.want(ids(0, 250));
    await settle();
    expect(requests.map((request) => request.ids.length)).toEqual([100, 100, 50]);
  });

  test('cancels a request of which nothing is wanted any more', async () => {
    const { cache, requests } = makeCache();
    cache.want(ids(0, 50));
    cache.want(ids(500, 50));
    expect(requests[0]!.signal.aborted).toBe(true);
    await settle();
  });

  test('asks again when the server made the picture', async () => {
    let isMade = false;
    const { cache, requests } = makeCache(() => isMade);
    cache.want(['a']);
    await settle();
    expect(cache.get('a')).toBeUndefined();
    isMade = true;
    cache.arrived(['a']);
    await settle();
    expect(requests).toHaveLength(2);
    expect(cache.get('a')).toBeDefined();
  });

  test('revokes the least recently used, never what is wanted', async () => {
    const { cache, alive } = makeCache();
    for (let from = 0; from < 3_000; from += 100) {
      cache.want(ids(from, 100));
      await settle();
    }
    cache.want(ids(2_900, 100));
    expect(alive.size).toBeLessThanOrEqual(1_300);
    expect(cache.get('p0')).toBeUndefined();
    expect(alive.has(cache.get('p2999')!)).toBe(true);
    cache.clear();
    expect(alive.size).toBe(0);
  });

  test('leaves the page time to draw while many come at once', async () => {
    vi.useRealTimers();
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => (clock += 3));
    const bytes = pack(Array.from({ length: 9 }, () => Uint8Array.of(1)));
    const made = vi.fn(() => 'blob:x');
    const pause = vi.fn(() => Promise.resolve());
    const fetch: PackFetcher = async () => new Blob([Uint8Array.from(bytes)]).stream();
    const cache = new ThumbCache(fetch, vi.fn(), { create: made, revoke: vi.fn() }, () => 0, pause);
    cache.want(ids(0, 9));
    await new Promise((resolve) => setTimeout(resolve, 20));
    now.mockRestore();
    expect(made).toHaveBeenCalledTimes(9);
    expect(pause).toHaveBeenCalledTimes(3);
  });
});
