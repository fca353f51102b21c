/** Who asked, for the record. */
export interface Actor {
  ip: string | null;
  requestId: string;
}
