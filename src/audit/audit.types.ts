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
