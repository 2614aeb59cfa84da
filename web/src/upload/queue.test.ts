import { describe, expect, it, vi } from 'vitest';
import { ApiError, OfflineError } from '../api/client';
import type { UploadState } from '../api/uploads';
import { mayBeMedia } from './entries';
import { UploadQueue, type Item, type Means } from './queue.svelte';

const SERVER: UploadState = {
  enabled: true,
  destination: '/photos',
  template: '{name}',
  max_bytes: 100,
  spare_bytes: 1000,
  problem: null,
};

function fileOf(name: string, size = 10): File {
  return new File(['x'.repeat(size)], name, { lastModified: 5 });
}

function make(means: Partial<Means> = {}) {
  const done = vi.fn<Means['done']>();
  const send = vi.fn<Means['send']>(({ name }) =>
    Promise.resolve({
      state: 'added',
      id: `id-${name}`,
      shelf: 'timeline',
      path: name,
      notes: [],
      act: null,
    }),
  );
  const queue = new UploadQueue({
    send,
    state: () => Promise.resolve(SERVER),
    here: () => Promise.resolve({}),
    finish: () => Promise.resolve({ act: 7, added: 1 }),
    sha1: (file) => Promise.resolve(`sha1 of ${file.name}`),
    refuse: (file, server) => (file.size > server.max_bytes ? 'too large' : null),
    done,
    wait: () => Promise.resolve(),
    ...means,
  });
  return { queue, send, done };
}

const statesOf = (items: readonly Item[]) => items.map((item) => item.state);

describe('the list of what is being added', () => {
  it('adds all, two at a time, as one batch and one act', async () => {
    let running = 0;
    let most = 0;
    const batches = new Set<string>();
    const { queue, done } = make({
      send: async ({ name, batch }) => {
        batches.add(batch);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve));
        running--;
        return { state: 'added', id: name, shelf: 'timeline', path: '', notes: [], act: null };
      },
    });
    queue.add(['a', 'b', 'c', 'd', 'e'].map((name) => fileOf(name)));
    await vi.waitFor(() => expect(done).toHaveBeenCalledTimes(1));
    expect(done.mock.calls[0]![0].map((item) => item.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(done.mock.calls[0]![1]).toBe(7);
    expect([most, batches.size, queue.left, queue.sent]).toEqual([2, 1, 0, queue.bytes]);
    queue.add([fileOf('f')]);
    await vi.waitFor(() => expect(done).toHaveBeenCalledTimes(2));
    expect(batches.size).toBe(2);
  });

  it('does not send what is here, unless it has another size', async () => {
    const here = { 'sha1 of a': { id: 'A', shelf: 'hidden', bytes: 10 } };
    const { queue, send, done } = make({
      here: () => Promise.resolve({ ...here, 'sha1 of b': { id: 'B', shelf: '', bytes: 11 } }),
    });
    queue.add([fileOf('a'), fileOf('b')]);
    await vi.waitFor(() => expect(done).toHaveBeenCalled());
    expect(statesOf(queue.items)).toEqual(['present', 'added']);
    expect(queue.items[0]).toMatchObject({ id: 'A', shelf: 'hidden' });
    expect(send).toHaveBeenCalledTimes(1);
  });

  it('knows what is refused for good and what may be tried again', async () => {
    let isFull = true;
    const { queue, done } = make({
      send: ({ name }) => {
        if (name === 'text') return Promise.reject(new ApiError(422, 'media-rejected', 't', 'no'));
        if (isFull) return Promise.reject(new ApiError(507, 'no-room', 't', 'full'));
        return Promise.resolve({
          state: 'added',
          id: name,
          shelf: 'timeline',
          path: '',
          notes: [],
          act: null,
        });
      },
    });
    queue.add([fileOf('text'), fileOf('a'), fileOf('huge', 101)]);
    await vi.waitFor(() => expect(done).toHaveBeenCalled());
    expect(queue.items.map((item) => [item.state, item.reason])).toEqual([
      ['refused', 'no'],
      ['failed', 'full'],
      ['failed', 'too large'],
    ]);
    isFull = false;
    queue.retry([queue.items[1]!]);
    await vi.waitFor(() => expect(done).toHaveBeenCalledTimes(2));
    expect(queue.items[1]!.state).toBe('added');
  });

  it('tries by itself what a busy server refuses, three times', async () => {
    const send = vi.fn(() => Promise.reject(new ApiError(503, 'x', 't', 'busy')));
    const { queue, done } = make({ send });
    queue.add([fileOf('a')]);
    await vi.waitFor(() => expect(done).toHaveBeenCalled());
    expect(send).toHaveBeenCalledTimes(3);
    expect(queue.items[0]!.state).toBe('failed');
  });

  it('waits for a server that cannot be reached, and goes on by itself', async () => {
    let isAway = true;
    let knocks = 0;
    const { queue, done } = make({
      state: () => {
        if (isAway && ++knocks < 4) return Promise.reject(new OfflineError('away'));
        isAway = false;
        return Promise.resolve(SERVER);
      },
    });
    queue.add([fileOf('a'), fileOf('b')]);
    await vi.waitFor(() => expect(done).toHaveBeenCalled());
    expect(statesOf(queue.items)).toEqual(['added', 'added']);
    expect(knocks).toBeGreaterThan(2);
  });

  it('leaves out what is cancelled, and lets go of what was kept for it', async () => {
    const gone: string[] = [];
    const { queue, done } = make({
      send: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
        }),
    });
    queue.add([fileOf('a'), fileOf('b'), fileOf('c')], (file) => gone.push(file.name));
    await vi.waitFor(() => expect(queue.count('sending')).toBe(2));
    queue.cancel(queue.items[0]!);
    expect(queue.items.length).toBe(2);
    queue.cancelAll();
    await vi.waitFor(() => expect(done).toHaveBeenCalledTimes(1));
    expect(queue.items).toEqual([]);
    expect(gone.sort()).toEqual(['a', 'b', 'c']);
  });
});

it('tells by name or type what may be a photo', () => {
  const maybe = (name: string, type = '') => mayBeMedia({ name, type });
  expect(maybe('a.CR3')).toBe(true);
  expect(maybe('image', 'image/heic')).toBe(true);
  expect(maybe('notes.txt', 'text/plain')).toBe(false);
  expect(maybe('Thumbs.db')).toBe(false);
});
