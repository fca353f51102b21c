/** What a token allows, once. */
export type TokenPurpose = 'verify' | 'reset' | 'change_address' | 'invitation';

/** Whom a token was sent to. */
export interface TokenHolder {
  userId: string;
  /** The address that it was sent to; that of the account, except for a change of address. */
  email: string;
}

const MINUTE = 60;

/** Seconds. An invitation may wait for a night; whoever misses it asks for a password by `forgot`. */
export const TOKEN_LIFE: Record<TokenPurpose, number> = {
  verify: 30 * MINUTE,
  reset: 20 * MINUTE,
  change_address: 30 * MINUTE,
  invitation: 24 * 60 * MINUTE,
};
