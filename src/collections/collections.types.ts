export const ACCESS_LEVELS = ['read', 'write', 'manage'] as const;
/** Each level includes those before it. */
export type Access = (typeof ACCESS_LEVELS)[number];

/** Who asks: all that deciding about collections needs. */
export interface Caller {
  id: string;
  roles: readonly string[];
  /** What the credential is limited to. */
  onlyCollections?: readonly string[];
  /** An administrator's way past permission, recorded before it is used. */
  adminAccess?: boolean;
}

export interface CollectionRow {
  id: string;
  owner_id: string;
  name: string;
  description: string | null;
  is_personal: boolean;
  access: Access;
  created_at: Date;
  updated_at: Date;
}

/** Documents in it, counted to `COUNTED_TO`. */
export type CountedCollection = CollectionRow & { documents: number };

export interface GrantRow {
  id: string;
  collection_id: string;
  user_id: string | null;
  /** That it was given to; null for one that was given to an account by its id, or to a role. */
  email: string | null;
  role_name: string | null;
  access: Access;
  created_at: Date;
}

export type GrantSubject =
  { kind: 'user'; id: string } | { kind: 'role'; name: string } | { kind: 'email'; email: string };
