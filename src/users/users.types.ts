export const USER_ROLE = 'user';
export const ADMIN_ROLE = 'admin';

/** Stands where a hash would, while nobody has chosen a password yet: no password belongs to it. */
export const NO_PASSWORD = '!';

export interface User {
  id: string;
  email: string;
  username: string | null;
  fullName: string | null;
  isActive: boolean;
  emailVerified: boolean;
  /** Whether signing in needs a code beside the password. */
  secondFactor: boolean;
  roles: readonly string[];
  createdAt: Date;
}

/** A user together with what proves a password; stays inside authentication. */
export interface UserWithPassword extends User {
  passwordHash: string;
}

/** E-mail and username in their normalised form. */
export interface NewUser {
  /** Of a request that may come again; otherwise a random one. */
  id?: string;
  email: string;
  username: string | null;
  fullName: string | null;
  passwordHash: string;
  emailVerified: boolean;
  roles: readonly string[];
}

/** Names of roles; unknown ones are passed over. */
export interface RoleChange {
  add?: readonly string[];
  remove?: readonly string[];
}

/** What somebody signs in with. */
export type LoginName = { email: string } | { username: string };
