import { randomUUID } from 'node:crypto';
import type { Settings } from '../../config/settings.js';
import { RefreshTokens } from './refresh-tokens.service.js';

const tokens = (refreshSecret: string, refreshSecretPrevious?: string): RefreshTokens =>
  new RefreshTokens({ refreshSecret, refreshSecretPrevious } as Settings);
const SECRET = 'a secret of the server, long enough to be one';
const claims = () => ({ sessionId: randomUUID(), generation: 7, nonce: randomUUID() });

describe('refresh tokens', () => {
  it('are random: two of one session and generation have nothing in common behind it', () => {
    const ring = tokens(SECRET);
    const first = claims();
    const second = { ...first, nonce: randomUUID() };
    expect(ring.mint(first).token).not.toBe(ring.mint(second).token);
    expect(ring.mint(first).token.slice(-43)).not.toBe(ring.mint(second).token.slice(-43));
    const successors = new Set(Array.from({ length: 100 }, () => ring.successor(claims()).nonce));
    expect(successors.size).toBe(100);
  });

  it('say what they were made of, and nothing once a single character is another', () => {
    const ring = tokens(SECRET);
    const made = ring.mint(claims());
    expect(ring.read(made.token)).toEqual(made);
    for (let at = 0; at < made.token.length; at++) {
      const other = made.token[at] === 'A' ? 'B' : 'A';
      expect(ring.read(made.token.slice(0, at) + other + made.token.slice(at + 1))).toBeUndefined();
    }
    expect(ring.read(`${made.token}A`)).toBeUndefined();
    expect(ring.read(made.token.slice(0, -1))).toBeUndefined();
    expect(tokens('another secret of another server, also long').read(made.token)).toBeUndefined();
  });

  it('have one successor, in every process and after the secret was rotated, that nobody without the secret can tell', () => {
    const made = tokens(SECRET).mint(claims());
    const next = tokens(SECRET).successor(made);
    expect(next.generation).toBe(8);
    expect(tokens(SECRET).successor(made).token).toBe(next.token);
    const rotated = tokens('the next secret of the server, long enough too', SECRET);
    expect(rotated.successor(made).token).not.toBe(next.token);
    expect(rotated.knownSuccessor(made, next.hash)?.token).toBe(next.token);
    expect(rotated.knownSuccessor(made, made.hash)).toBeUndefined();
  });
});
