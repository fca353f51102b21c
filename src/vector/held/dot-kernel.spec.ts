import { cosineOf, DotKernel, MOST_BYTES } from './dot-kernel.js';

const DIMENSIONS = 32;
const AT_ONCE = 256;
const GIB = 2 ** 30;

const vectorOf = (seed: number): Float32Array =>
  Float32Array.from({ length: DIMENSIONS }, (_, i) => Math.sin(seed * 17 + i * i));

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('the memory of one index', () => {
  test('is right at all of its addresses, and has no more', () => {
    const kernel = new DotKernel(DIMENSIONS, AT_ONCE);
    // What nobody writes to takes no memory.
    const start = kernel.allocate(MOST_BYTES - kernel.bytes);
    const rowAt = (address: number): number =>
      start + Math.floor((address - start) / kernel.stride) * kernel.stride;
    const last = rowAt(MOST_BYTES - kernel.stride);
    const rows = [start, rowAt(2 * GIB) - kernel.stride, rowAt(2 * GIB), rowAt(3 * GIB), last];
    rows.forEach((address, seed) => kernel.write(address, vectorOf(seed)));
    const probe = vectorOf(7);
    kernel.setProbe(probe);
    const wanted = rows.map((_, seed) => cosine(vectorOf(seed), probe));
    rows.forEach((address, i) => {
      kernel.compare(address, 1);
      expect(cosineOf(kernel.dots[0]!)).toBeCloseTo(wanted[i]!, 3);
      expect(cosine(kernel.read(address), vectorOf(i))).toBeCloseTo(1, 3);
    });
    kernel.compare(rows[1]!, 2);
    expect(cosineOf(kernel.dots[1]!)).toBeCloseTo(wanted[2]!, 3);
    rows.forEach((address, i) => kernel.note(i, address));
    kernel.compareNoted(rows.length);
    rows.forEach((_, i) => expect(cosineOf(kernel.dots[i]!)).toBeCloseTo(wanted[i]!, 3));
    expect(() => kernel.allocate(1)).toThrow(RangeError);
  });
});
