/** Starts what has to fetch its code first. Returns the function that ends it, also if it has not begun. */
export function startLater(begin: () => Promise<() => void>): () => void {
  let isOver = false;
  let end: (() => void) | null = null;
  begin().then(
    (started) => {
      if (isOver) started();
      else end = started;
    },
    // What it would have done is left out: a page without it still works.
    () => undefined,
  );
  return () => {
    isOver = true;
    end?.();
  };
}
