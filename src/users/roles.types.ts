export interface RoleRow {
  name: string;
  description: string | null;
  /** `admin` and `user`, which cannot be deleted. */
  builtin: boolean;
  createdAt: Date;
  /** Who hold it. */
  users: number;
}

/** What a role opened until it was deleted. */
export interface RemovedGrant {
  id: string;
  collectionId: string;
  access: string;
}
