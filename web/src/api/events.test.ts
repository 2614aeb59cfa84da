import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EventClient, reconnectDelay, type EventHandlers } from './events';

class FakeSource extends EventTarget {
  readyState = 0;
  onerror: (() => void) | null = null;

  say(name: string, data: unknown): void {
    this.readyState = 1;
    this.dispatchEvent(Object.assign(new Event(name), { data: JSON.stringify(data) }));
  }

  close(): void {
    this.readyState = 2;
  }
}

function makeClient() {
  const sources: FakeSource[] = [];
  const handlers = {
    hello: vi.fn(),
    library: vi.fn(),
    sync: vi.fn(),
    previews: vi.fn(),
    problems: vi.fn(),
    refresh: vi.fn(),
    connected: vi.fn(),
  } satisfies EventHandlers;
  const client = new EventClient(handlers, () => {
    const source = new FakeSource();
    sources.push(source);
    return source as unknown as EventSource;
  });
  client.start();
  return { client, handlers, sources };
}

describe('EventClient', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('passes on what the server says', () => {
    const { handlers, sources } = makeClient();
    sources[0]!.say('hello', { revision: 5, sync: { state: 'idle' } });
    sources[0]!.say('library', { revision: 6 });
    sources[0]!.say('previews', { ids: ['a'] });
    expect(handlers.connected).toHaveBeenLastCalledWith(true);
    expect(handlers.hello).toHaveBeenCalledWith(5, { state: 'idle' });
    expect(handlers.library).toHaveBeenCalledWith(6);
    expect(handlers.previews).toHaveBeenCalledWith(['a']);
  });

  test('connects again after an error, for ever', () => {
    const { handlers, sources } = makeClient();
    for (let i = 0; i < 20; i++) {
      sources.at(-1)!.onerror?.();
      vi.advanceTimersByTime(15_000);
    }
    expect(sources).toHaveLength(21);
    expect(handlers.connected).toHaveBeenLastCalledWith(false);
    sources.at(-1)!.say('hello', { revision: 1, sync: null });
    expect(handlers.connected).toHaveBeenLastCalledWith(true);
  });

  test('says nothing for a connection that it has given up', () => {
    const { handlers, sources } = makeClient();
    sources[0]!.say('bye', {});
    sources[0]!.say('library', { revision: 9 });
    expect(handlers.library).not.toHaveBeenCalled();
  });

  test('a connection that outlived the loss of the network is one', () => {
    const { client, handlers, sources } = makeClient();
    Object.assign(sources[0]!, { readyState: 1 });
    client.hurry();
    expect(handlers.connected).toHaveBeenLastCalledWith(true);
    expect(sources).toHaveLength(1);
  });

  test('hurries when asked, and rests when stopped', () => {
    const { client, sources } = makeClient();
    sources[0]!.onerror?.();
    client.hurry();
    expect(sources).toHaveLength(2);
    client.stop();
    vi.advanceTimersByTime(60_000);
    client.hurry();
    expect(sources).toHaveLength(2);
  });
});

test('the wait grows and is bounded', () => {
  expect(reconnectDelay(0, 0)).toBe(250);
  expect(reconnectDelay(3, 1)).toBe(4_000);
  expect(reconnectDelay(50, 1)).toBe(15_000);
});
