import type { Request } from 'express';

/** A request whose answer goes on for long: the guard that let it in can be asked again. */
export interface LiveRequest extends Request {
  /** Whether its credential would still be accepted. Rejects when that cannot be told now. */
  stillSignedIn?: () => Promise<boolean>;
}
