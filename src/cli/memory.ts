/**
 * How a server is started so that it stays small; `npm start`, the image and the benchmarks use the same. Half a
 * dozen threads with an allocator arena and a young generation of the usual size each keep 300 MB that nobody uses.
 * `--expose-gc` has threads that are quiet give back what their work has left behind.
 * What is given back at once has to be got again for the next password, 19 MiB of it: in large pages, where the system
 * has them, that costs a tenth of the time.
 */
export const MEMORY_ENV = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '131072',
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  NODE_OPTIONS: '--max-semi-space-size=8 --expose-gc',
};
