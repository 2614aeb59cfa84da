import { afterEach, expect, test, vi } from 'vitest';
import type { Target } from '../select/target';
import { toasts } from '../shell/toasts.svelte';
import { agreeToMany } from './many';

const askConfirm = vi.hoisted(() => vi.fn<(question: { text: string }) => Promise<true | null>>());
vi.mock('./questions', () => ({ askConfirm }));

const target = (count: number): Target => ({
  count,
  ids: () => Promise.resolve(Array.from({ length: count }, (_, i) => `id${i}`)),
  isFavourite: null,
  q: '',
  release: () => undefined,
});

afterEach(() => {
  vi.unstubAllGlobals();
  askConfirm.mockReset();
});

function stubSums(assets: number): void {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(Response.json({ assets, files: assets, bytes: 2_500_000_000 })),
  );
}

test('up to 500 are done without a question', async () => {
  expect(await agreeToMany(target(500), 'Go')).toHaveLength(500);
  expect(askConfirm).not.toHaveBeenCalled();
  expect(await agreeToMany(target(0), 'Go')).toBeNull();
});

test('above, count and size are shown first (SPEC 10.3)', async () => {
  stubSums(15_000);
  askConfirm.mockResolvedValueOnce(true).mockResolvedValueOnce(null);
  expect(await agreeToMany(target(15_000), 'Go')).toHaveLength(15_000);
  expect(await agreeToMany(target(15_000), 'Go')).toBeNull();
  expect(askConfirm).toHaveBeenCalledTimes(2);
});

test('more than the server takes at once is refused in words', async () => {
  expect(await agreeToMany(target(100_001), 'Go')).toBeNull();
  expect(toasts.list).toHaveLength(1);
});

test('a selection whose ids cannot be had does nothing', async () => {
  const broken = { ...target(3), ids: () => Promise.reject(new Error('offline')) };
  expect(await agreeToMany(broken, 'Go')).toBeNull();
  expect(toasts.list.at(-1)?.text).toBe('offline');
});
