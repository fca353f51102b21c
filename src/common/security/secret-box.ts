import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/**
 * Encrypts what must be read back (AES-256-GCM). Each purpose has a key of its own, and each text is bound to a
 * context such as the id of its row: moved to another row, it does not open.
 */
export class SecretBox {
  private readonly keys: { id: Buffer; key: KeyObject }[];

  /** @param secrets the current one first, then those that still open what was sealed before. */
  constructor(secrets: readonly [string, ...string[]], purpose: string) {
    this.keys = secrets.map((secret) => {
      const bytes = Buffer.from(hkdfSync('sha256', secret, '', `ai-backend data ${purpose}`, 32));
      const id = createHash('sha256').update('key id').update(bytes).digest().subarray(0, KEY_ID_BYTES);
      return { id, key: createSecretKey(bytes) };
    });
  }

  /** Whether there is a key that only opens. */
  get hasFormerKey(): boolean {
    return this.keys.length > 1;
  }

  /** The same under the current key; undefined where it is that already, or where none of the keys opens it. */
  sealedAgain(sealed: Buffer, context: string): Buffer | undefined {
    if (this.keys[0]?.id.equals(keyId(sealed))) return undefined;
    const text = this.open(sealed, context);
    return text === undefined ? undefined : this.seal(text, context);
  }

  seal(text: string, context: string): Buffer {
    const current = this.keys[0];
    if (!current) throw new Error('there is no key to encrypt with');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', current.key, nonce).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), current.id, nonce, body, cipher.getAuthTag()]);
  }

  /** Undefined for what none of the keys sealed in this context. */
  open(sealed: Buffer, context: string): string | undefined {
    if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] !== VERSION) return undefined;
    const id = keyId(sealed);
    const known = this.keys.find((candidate) => candidate.id.equals(id));
    if (!known) return undefined;
    const decipher = createDecipheriv(
      'aes-256-gcm',
      known.key,
      sealed.subarray(1 + KEY_ID_BYTES, HEAD_BYTES),
      {
        authTagLength: TAG_BYTES,
      },
    )
      .setAAD(Buffer.from(context))
      .setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return (
        decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      );
    } catch {
      return undefined;
    }
  }
}

const keyId = (sealed: Buffer): Buffer => sealed.subarray(1, 1 + KEY_ID_BYTES);
