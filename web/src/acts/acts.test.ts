import { afterEach, beforeEach, describe, expect, test, vi, beforeAll } from 'vitest';
import { i18n } from '../shell/i18n.svelte';
import { ApiError, OfflineError } from '../api/client';
import { live } from '../shell/live.svelte';
import { toasts } from '../shell/toasts.svelte';
import { Acts, begin, messageOf, type Deed } from './acts.svelte';

// The words that are not on the first screen.
beforeAll(() => i18n.complete());

const DONE = { act: 7, changed: 2, skipped: 0, deleted: 0, revision: 5 };

const deed = (send: () => Promise<typeof DONE>): Deed<typeof DONE> => ({
  ids: ['a', 'b'],
  preview: { favourite: true },
  send,
  actOf: (answer) => answer.act,
  said: () => 'done',
});

beforeEach(() => {
  vi.useFakeTimers();
  for (const toast of toasts.list) toasts.dismiss(toast.id);
});
afterEach(() => vi.useRealTimers());

describe('an act of a person (SPEC 9.6)', () => {
  test('is shown before the server answers, said with Undo for ten seconds, and undone once', async () => {
    const undoing = vi.fn(() => Promise.resolve({ ...DONE, act: 8 }));
    const acts = new Acts(undoing);
    const heard: string[] = [];
    acts.subscribe({
      preview: (ids, preview) => heard.push(`${[...ids].join()} ${String(preview?.favourite)}`),
      done: (ids) => heard.push(`done ${[...(ids ?? [])].join()}`),
    });
    const sending = acts.perform(deed(() => Promise.resolve(DONE)));
    expect(heard).toEqual(['a,b true']);
    await sending;
    expect(heard.at(-1)).toBe('done a,b');
    const toast = toasts.list.at(-1)!;
    expect(toast.text).toBe('done');
    vi.advanceTimersByTime(9_900);
    expect(toasts.list).toContain(toast);
    toast.action!.run();
    await vi.waitFor(() => expect(heard).toHaveLength(3));
    expect(undoing).toHaveBeenCalledWith(7);
    expect(acts.undoLast()).toBe(false);
    vi.advanceTimersByTime(200);
    expect(toasts.list).not.toContain(toast);
  });

  test('that was answered asks for the lost connection at once (SPEC 10.4)', async () => {
    const hurry = vi.spyOn(live, 'hurry').mockImplementation(() => undefined);
    const acts = new Acts();
    await acts.perform(deed(() => Promise.resolve(DONE)));
    expect(hurry).not.toHaveBeenCalled();
    live.isConnected = false;
    await acts.perform(deed(() => Promise.resolve(DONE)));
    live.isConnected = true;
    expect(hurry).toHaveBeenCalledOnce();
  });

  test('whose code cannot be fetched says why', () => {
    const error = new TypeError('Failed to fetch dynamically imported module');
    expect(messageOf(error)).toContain('updated');
    live.isConnected = false;
    expect(messageOf(error)).toContain('cannot be reached');
    live.isConnected = true;
  });

  test('the last is undone first', async () => {
    const undone: number[] = [];
    const acts = new Acts((act) => {
      undone.push(act);
      return Promise.resolve(DONE);
    });
    for (const act of [1, 2, 3]) {
      await acts.perform(deed(() => Promise.resolve({ ...DONE, act })));
    }
    const offers = () => toasts.list.filter((one) => one.action !== null);
    expect(offers()).toHaveLength(1);
    acts.undoLast();
    // What was undone is not offered again.
    expect(offers()).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(0);
    while (acts.undoLast()) await vi.advanceTimersByTimeAsync(0);
    expect(undone).toEqual([3, 2, 1]);
  });

  test('that failed is taken back on screen and said with its remedy', async () => {
    const acts = new Acts(() => Promise.reject(new Error('never')));
    const previews: unknown[] = [];
    acts.subscribe({ preview: (_, preview) => previews.push(preview) });
    const body = { remedy: 'Make the folder.' };
    const answer = await acts.perform(
      deed(() => Promise.reject(new ApiError(409, 'x', 'No trash', 'There is no trash.', body))),
    );
    expect(answer).toBeNull();
    expect(previews).toEqual([{ favourite: true }, null]);
    expect(toasts.list.at(-1)?.text).toBe('There is no trash. Make the folder.');
    expect(acts.undoLast()).toBe(false);
    expect(acts.pending).toBe(0);
  });

  test('that changed nothing offers no Undo', async () => {
    const acts = new Acts();
    const nothing = { ...deed(() => Promise.resolve(DONE)), actOf: () => null };
    await acts.perform(nothing);
    expect(toasts.list.at(-1)?.action).toBeNull();
  });
});

test('errors are messages for people', () => {
  expect(messageOf(new OfflineError('x'))).toContain('cannot be reached');
  expect(messageOf(new TypeError('Failed to fetch dynamically imported module: x'))).toContain(
    'updated',
  );
  expect(messageOf(new Error('plain'))).toBe('plain');
});

test('what cannot be begun is said', async () => {
  begin(() => Promise.reject(new Error('not there')));
  await vi.advanceTimersByTimeAsync(0);
  expect(toasts.list.at(-1)?.text).toBe('not there');
});

test('what this page does itself is its own, and is no news', async () => {
  const acts = new Acts();
  await acts.perform({
    ids: ['a'],
    send: () => Promise.resolve({ act: 1, changed: 1, skipped: 0, revision: 12 }),
    actOf: () => 1,
    said: () => null,
  });
  expect(acts.isOwn(11, 12)).toBe(true);
  expect(acts.isOwn(10, 14)).toBe(true);
  expect(acts.isOwn(12, 13)).toBe(false);
  expect(acts.isOwn(10, 11)).toBe(false);
});
