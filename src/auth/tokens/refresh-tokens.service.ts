import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { bytesToUuid, decodeExact, deriveKeys, mac, sameBytes, sha256, uuidToBytes } from './keys.js';

/** What a refresh token says. `nonce` is what nobody can guess, even who knows the secret. */
export interface RefreshClaims {
  sessionId: string;
  generation: number;
  nonce: string;
}

export interface RefreshToken extends RefreshClaims {
  token: string;
  /** All that is stored of a token. */
  hash: Buffer;
}

const UUID_BYTES = 16;
const BODY_BYTES = UUID_BYTES + 4 + UUID_BYTES;
const MAC_BYTES = 32;

/**
 * Refresh tokens are opaque: session, generation and nonce with a MAC, so that a forged one is refused without
 * a look at the database. A successor follows from its predecessor alone: whoever asks again with the same
 * token is told the same successor, in every process, without storing one.
 */
@Injectable()
export class RefreshTokens {
  private readonly keys: [KeyObject, ...KeyObject[]];
  private readonly successorKeys: [KeyObject, ...KeyObject[]];

  constructor(settings: Settings) {
    this.keys = deriveKeys(settings.refreshSecret, settings.refreshSecretPrevious, 'refresh token');
    this.successorKeys = deriveKeys(
      settings.refreshSecret,
      settings.refreshSecretPrevious,
      'refresh successor',
    );
  }

  mint(claims: RefreshClaims): RefreshToken {
    return this.mintWith(this.keys[0], claims);
  }

  /** Undefined for whatever this server did not make. */
  read(token: string): RefreshToken | undefined {
    const bytes = decodeExact(token, BODY_BYTES + MAC_BYTES);
    if (!bytes) return undefined;
    const body = bytes.subarray(0, BODY_BYTES);
    if (!this.keys.some((key) => sameBytes(mac(key, body), bytes.subarray(BODY_BYTES)))) return undefined;
    return {
      sessionId: bytesToUuid(body.subarray(0, UUID_BYTES)),
      generation: body.readUInt32BE(UUID_BYTES),
      nonce: bytesToUuid(body.subarray(UUID_BYTES + 4)),
      token,
      hash: sha256(token),
    };
  }

  /** The token that replaces this one. */
  successor(of: RefreshClaims): RefreshToken {
    return this.successorWith(0, of);
  }

  /** The successor whose hash is this one, even if the secret was rotated after it was made. */
  knownSuccessor(of: RefreshClaims, hash: Buffer): RefreshToken | undefined {
    return this.keys
      .map((_, index) => this.successorWith(index, of))
      .find((token) => sameBytes(token.hash, hash));
  }

  private successorWith(index: number, of: RefreshClaims): RefreshToken {
    const generation = of.generation + 1;
    const nonce = mac(this.successorKeys[index] ?? this.successorKeys[0], bodyOf({ ...of, generation }));
    const claims = { sessionId: of.sessionId, generation, nonce: bytesToUuid(nonce.subarray(0, UUID_BYTES)) };
    return this.mintWith(this.keys[index] ?? this.keys[0], claims);
  }

  private mintWith(key: KeyObject, claims: RefreshClaims): RefreshToken {
    const body = bodyOf(claims);
    const token = Buffer.concat([body, mac(key, body)]).toString('base64url');
    return { ...claims, token, hash: sha256(token) };
  }
}

function bodyOf(claims: RefreshClaims): Buffer {
  const generation = Buffer.alloc(4);
  generation.writeUInt32BE(claims.generation);
  return Buffer.concat([uuidToBytes(claims.sessionId), generation, uuidToBytes(claims.nonce)]);
}
