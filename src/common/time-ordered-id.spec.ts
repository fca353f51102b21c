import { timeOrderedId } from './time-ordered-id.js';

describe('ids in the order of their making', () => {
  test('sort as they were made, however many share a millisecond, and are all different', () => {
    const ids = Array.from({ length: 20_000 }, () => timeOrderedId());
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('are UUIDs of version 7 with the present time', () => {
    const before = Date.now();
    const id = timeOrderedId();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBeGreaterThanOrEqual(before);
  });
});
