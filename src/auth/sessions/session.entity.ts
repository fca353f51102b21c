import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One device session. The row carries the generation of its only valid refresh token. */
@Entity('refresh_tokens')
export class SessionEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'user_id' })
  userId!: string;

  /** The label a client gave itself; proves nothing. */
  @Column('varchar', { name: 'device_id', length: 128, nullable: true })
  deviceId!: string | null;

  @Column('varchar', { name: 'device_name', length: 128, nullable: true })
  deviceName!: string | null;

  /** The id in the signed device cookie. */
  @Column('uuid', { name: 'device_key' })
  device!: string;

  @Column('uuid', { name: 'jti' })
  nonce!: string;

  @Column('integer', { default: 0 })
  generation!: number;

  @Column('bytea', { name: 'token_hash' })
  tokenHash!: Buffer;

  @Column('bytea', { name: 'previous_token_hash', nullable: true })
  previousTokenHash!: Buffer | null;

  @Column('timestamptz', { name: 'rotated_at', nullable: true })
  rotatedAt!: Date | null;

  @Column('integer', { name: 'confirmed_generation', default: -1 })
  confirmedGeneration!: number;

  @Column('varchar', { length: 64, nullable: true })
  ip!: string | null;

  @Column('varchar', { name: 'user_agent', length: 512, nullable: true })
  userAgent!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'last_used_at', default: () => 'now()' })
  lastUsedAt!: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;

  @Column('varchar', { name: 'revoked_reason', length: 32, nullable: true })
  revokedReason!: string | null;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'absolute_expires_at' })
  absoluteExpiresAt!: Date;
}
