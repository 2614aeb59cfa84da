import { afterEach, expect, test, vi, beforeAll } from 'vitest';
import { i18n } from '../shell/i18n.svelte';
import { toasts } from '../shell/toasts.svelte';
import { ofTask } from './tasks';

// The words that are not on the first screen.
beforeAll(() => i18n.complete());

const now = () => Promise.resolve();

function answers(...bodies: object[]): void {
  const left = [...bodies];
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(left.shift())));
}

afterEach(() => vi.unstubAllGlobals());

test('a short act answers at once', async () => {
  expect(await ofTask({ trashed: 3 })).toEqual({ trashed: 3 });
});

test('a long one is followed until it is done, and its progress is said', async () => {
  answers(
    { state: 'running', done: 200, total: 1000, bytes: 1, result: null },
    { state: 'done', done: 1000, total: 1000, bytes: 5, result: { trashed: 1000 } },
  );
  const said: string[] = [];
  const pause = () => {
    said.push(...toasts.list.map((toast) => toast.text));
    return now();
  };
  expect(await ofTask<{ trashed: number }>({ task: 'x' }, pause)).toEqual({ trashed: 1000 });
  expect(said).toEqual(['200 of 1,000']);
  expect(toasts.list).toEqual([]);
});

test('a failure is an error with its remedy', async () => {
  const result = { type: 'no-trash', title: 'No trash', detail: 'Why', remedy: 'Do this' };
  answers({ state: 'failed', done: 0, total: 5, bytes: 0, result });
  await expect(ofTask<object>({ task: 'x' }, now)).rejects.toMatchObject({
    message: 'Why',
    remedy: 'Do this',
  });
  expect(toasts.list).toEqual([]);
});
