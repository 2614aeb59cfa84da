/** Long acts: the server answers with a task's name, and its progress is shown until it is done. */

import { fetchTask, type Task } from '../api/acts';
import { ApiError } from '../api/client';
import { t } from '../shell/i18n.svelte';
import { toasts } from '../shell/toasts.svelte';

const POLL_MS = 400;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The answer of an act, waited for if it is a task. Throws ApiError if the task failed. */
export async function ofTask<T extends object>(
  answer: T | { task: string },
  pause: (ms: number) => Promise<void> = wait,
): Promise<T> {
  if (!('task' in answer)) return answer;
  const progress = toasts.hold(t('act.working'));
  try {
    for (;;) {
      const task: Task<T> = await fetchTask<T>(answer.task);
      if (task.state === 'done') return task.result!;
      if (task.state === 'failed') throw failureOf(task);
      if (task.total > 0) {
        progress.say(t('act.progress', { done: task.done, total: task.total }));
      }
      await pause(POLL_MS);
    }
  } finally {
    progress.close();
  }
}

function failureOf(task: Task): ApiError {
  const body = (task.result ?? {}) as Record<string, unknown>;
  const text = (key: string) => (typeof body[key] === 'string' ? body[key] : null);
  return new ApiError(
    500,
    text('type') ?? 'failed',
    text('title') ?? t('act.failed'),
    text('detail'),
    body,
  );
}
