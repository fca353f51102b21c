import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

const derive = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));

/** Answers as they are kept: an answer may hold a secret that is shown only once, and the database is copied about. */
export class SealedAnswers {
  private readonly keys: Buffer[];
  private readonly idKey: Buffer;

  /** @param secrets the one that seals, and those that may still open */
  constructor(secrets: readonly [string, ...string[]]) {
    this.keys = secrets.map((secret) => derive(secret, 'idempotency answers'));
    this.idKey = derive(secrets[0], 'idempotency ids');
  }

  /** @param context what the answer belongs to: it opens nowhere else */
  seal(answer: unknown, context: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.keys[0]!, iv).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(JSON.stringify(answer) ?? 'null'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]);
  }

  /** Undefined where no secret opens it. */
  open(sealed: Buffer, context: string): { answer: unknown } | undefined {
    for (const key of this.keys) {
      try {
        const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(context))
          .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        const parts = [decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
        return { answer: JSON.parse(Buffer.concat(parts).toString()) as unknown };
      } catch {
        // Sealed with another secret.
      }
    }
    return undefined;
  }

  /** A UUID that only we can foretell. */
  id(seed: string): string {
    const bytes = createHmac('sha256', this.idKey).update(seed).digest().subarray(0, 16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x80;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}
