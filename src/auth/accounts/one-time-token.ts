import { createHash, randomBytes } from 'node:crypto';
import type { TokenPurpose } from './account-token.types.js';

const BYTES = 20;
const SHAPE = /^[\w-]{27}$/;

/** 160 bits; only its hash is kept. */
export const newToken = (): string => randomBytes(BYTES).toString('base64url');

/** The purpose is part of what is hashed, so that a token of one kind is nothing of another. */
export const hashToken = (purpose: TokenPurpose, token: string): Buffer =>
  createHash('sha256').update(`account token ${purpose} `).update(token).digest();

export const looksLikeToken = (text: string): boolean => SHAPE.test(text);
