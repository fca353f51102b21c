/** Who changes something, as the audit log names them. */
export interface Actor {
  id: string;
  ip: string | null;
  requestId: string;
}
