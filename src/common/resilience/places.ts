import { AppError } from '../errors/app-error.js';

/** So many of something long may go on in this process, and so many of one user. */
export class Places {
  private readonly byUser = new Map<string, number>();
  private taken = 0;

  /** @param refusal what is said where no place is free, and when to come back */
  constructor(
    private readonly most: { ofAUser: number; atOnce: number },
    private readonly refusal: { detail: string; retryAfter: number },
  ) {}

  /** @returns what gives the place back; calling it twice is no harm @throws AppError `too_many_requests` */
  take(userId: string): () => void {
    const own = this.byUser.get(userId) ?? 0;
    if (own >= this.most.ofAUser || this.taken >= this.most.atOnce)
      throw new AppError('too_many_requests', this.refusal.detail, { retryAfter: this.refusal.retryAfter });
    this.byUser.set(userId, own + 1);
    this.taken++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.taken--;
      const left = (this.byUser.get(userId) ?? 1) - 1;
      if (left > 0) this.byUser.set(userId, left);
      else this.byUser.delete(userId);
    };
  }
}
