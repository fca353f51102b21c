import type { User } from './users.types.js';

/** A user as administrators see one. */
export interface DirectoryUser extends User {
  /** Has not chosen a password yet. */
  invited: boolean;
}

/** All that are given must hold. */
export interface DirectoryFilter {
  /** In the address or a name, without regard to case. */
  search?: string | undefined;
  role?: string | undefined;
  active?: boolean | undefined;
}
