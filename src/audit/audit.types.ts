/** Something that happened to access. Details hold no secret: they are shown to administrators. */
export interface AuditEvent {
  /** Dotted name, such as `session.opened`. */
  action: string;
  actorId?: string | null;
  targetType?: string;
  targetId?: string;
  ip?: string | null;
  requestId?: string | null;
  details?: Record<string, unknown>;
}

/** An event as it is stored: cleaned, with its id and the time at which it happened. */
export interface AuditRow {
  id: string;
  at: Date;
  action: string;
  actor_id: string | null;
  target_type: string | null;
  target_id: string | null;
  ip: string | null;
  request_id: string | null;
  details: Record<string, unknown>;
}

/** All that are given must hold. */
export interface AuditFilter {
  /** One action, or with `.` at its end all that begin so: `session.` */
  action?: string | undefined;
  actorId?: string | undefined;
  targetType?: string | undefined;
  targetId?: string | undefined;
  ip?: string | undefined;
  requestId?: string | undefined;
  /** Inclusive. */
  since?: Date | undefined;
  /** Exclusive. */
  until?: Date | undefined;
}
