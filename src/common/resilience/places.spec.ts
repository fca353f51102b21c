import { Places } from './places.js';

describe('Places', () => {
  const places = () =>
    new Places({ ofAUser: 2, atOnce: 3 }, { detail: 'Too many. Close one first.', retryAfter: 5 });

  it('are shared: one user has not all of them, all together no more than there are', () => {
    const some = places();
    const leave = some.take('a');
    some.take('a');
    expect(() => some.take('a')).toThrow('Too many');
    some.take('b');
    expect(() => some.take('c')).toThrow('Too many');
    leave();
    some.take('c');
    expect(() => some.take('b')).toThrow('Too many');
  });

  it('are given back once', () => {
    const some = places();
    const leave = some.take('a');
    some.take('a');
    leave();
    leave();
    some.take('a');
    expect(() => some.take('a')).toThrow('Too many');
  });
});
