/** Who is asking: read from the database for each request, never from what the token claims. */
export interface AuthUser {
  id: string;
  email: string;
  username: string | null;
  roles: readonly string[];
  sessionId: string;
}
