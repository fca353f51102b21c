/**
 * How a server is started so that it stays small; `npm start`, the image and the benchmarks use the same. Half a
 * dozen threads with an allocator arena and a young generation of the usual size each keep 300 MB that nobody uses.
 */
export const MEMORY_ENV = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '131072',
  NODE_OPTIONS: '--max-semi-space-size=4',
};
