import { VectorCache } from './vector-cache.js';

const vector = (...values: number[]): Float32Array => Float32Array.from(values);

describe('VectorCache', () => {
  test('keeps the texts asked for last, each for its model', () => {
    const cache = new VectorCache(2);
    cache.set('a', 'text', vector(1));
    cache.set('b', 'text', vector(2));
    expect(cache.get('a', 'text')).toEqual(vector(1));
    expect(cache.get('b', 'text')).toEqual(vector(2));
    cache.get('a', 'text');
    cache.set('a', 'other', vector(3));
    expect(cache.get('b', 'text')).toBeUndefined();
    expect(cache.get('a', 'text')).toEqual(vector(1));
  });

  test('hands out copies, and keeps no long text', () => {
    const cache = new VectorCache(2);
    cache.set('a', 'text', vector(1));
    cache.get('a', 'text')?.fill(9);
    expect(cache.get('a', 'text')).toEqual(vector(1));
    cache.set('a', 'x'.repeat(2_001), vector(1));
    expect(cache.get('a', 'x'.repeat(2_001))).toBeUndefined();
  });
});
