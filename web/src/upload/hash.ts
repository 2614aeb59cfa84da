/** Asks the worker for SHA-1s, one after the other; null where there is none to be had. */

/** A digest needs the whole file in memory: larger ones are sent without asking first. */
const LARGEST = 256_000_000;

let worker: Worker | null = null;
const asked = new Map<number, (sha1: string | null) => void>();
let next = 0;

export function sha1Of(file: File): Promise<string | null> {
  // Browsers compute digests only over HTTPS and on this machine itself.
  if (!isSecureContext || file.size > LARGEST) return Promise.resolve(null);
  worker ??= start();
  const id = next++;
  return new Promise((resolve) => {
    asked.set(id, resolve);
    worker?.postMessage({ id, file });
  });
}

/** Lets go of the worker when nothing is to be added any more. */
export function endHashing(): void {
  worker?.terminate();
  worker = null;
  answerAll();
}

function start(): Worker {
  const made = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' });
  made.onmessage = ({ data }: MessageEvent<{ id: number; sha1: string | null }>) => {
    asked.get(data.id)?.(data.sha1);
    asked.delete(data.id);
  };
  // Without a worker there is no digest: everything is sent.
  made.onerror = answerAll;
  return made;
}

function answerAll(): void {
  for (const answer of asked.values()) answer(null);
  asked.clear();
}
