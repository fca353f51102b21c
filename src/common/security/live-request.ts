import type { Request } from 'express';

/** A request whose answer goes on for long: the guard that let it in can be asked again. */
export interface LiveRequest extends Request {
  /** Whether its credential would still be accepted. Rejects when that cannot be told now. */
  stillSignedIn?: () => Promise<boolean>;
  /**
   * Whether the session or key behind its credential is still good, however old an access token is by now: for work that
   * takes longer than one lives. Rejects when that cannot be told now.
   */
  mayGoOn?: () => Promise<boolean>;
}
