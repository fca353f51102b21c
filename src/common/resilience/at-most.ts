/**
 * Ends with `work`, well or badly, and after `ms` without it. For a stop: whoever answers somewhere else may hold up the
 * work, and not what the others have to put in order.
 */
export async function atMost(ms: number, work: Iterable<Promise<unknown>>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}
