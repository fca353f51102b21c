/** What is asked for an address. Nothing about the answer depends on whether the address has an account. */
export interface AccountRequest {
  kind: 'register' | 'forgot' | 'resend' | 'change_address';
  /** Normalised. */
  email: string;
  /** Only of a registration; the password's hash, never the password. */
  registration?: PendingRegistration;
  /** Of a change of address: who wants it. Of a new password: whose it is, where the server itself asks for it. */
  userId?: string;
  ip: string | null;
  requestId: string | null;
}

export interface PendingRegistration {
  passwordHash: string;
  /** Of the mark that the registering browser was given; null where it is not known. */
  browserHash: Buffer | null;
  username: string | null;
  fullName: string | null;
}
