import type { Client } from '../auth.types.js';

/** What the owner of an account should hear of. */
export type NoticeKind =
  /** A refresh token was used by somebody who should not have it; its session was ended. */
  | 'session.reuse_detected'
  /** A session goes on from another address or with another browser. */
  | 'session.client_changed'
  /** A sign-in from a device that was not seen at this account before. */
  | 'session.new_device'
  | 'password.changed'
  /** Somebody who is signed in wants another address for the account. */
  | 'email.change_requested'
  | 'mfa.enabled'
  | 'mfa.removed'
  /** By an administrator; the password is void, too. */
  | 'mfa.reset'
  | 'mfa.recovery_codes_renewed'
  | 'mfa.recovery_code_used';

export interface SecurityNotice {
  kind: NoticeKind;
  userId: string;
  /** Who did it; the user, unless this says otherwise. */
  actorId?: string;
  sessionId?: string;
  client: Pick<Client, 'ip' | 'userAgent'> & { requestId: string | null };
  /** What happens every day: recorded, and no mail about it. */
  onRecordOnly?: boolean;
  /** Shown to administrators: no secrets. */
  details?: Record<string, unknown>;
}
