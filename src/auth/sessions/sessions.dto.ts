import { ApiProperty } from '@nestjs/swagger';
import { PageInfo, type Page } from '../../common/http/page.js';
import type { SessionRow } from './session.types.js';

export class SessionDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, description: "The client's own label." })
  device_id!: string | null;

  @ApiProperty({ type: String, nullable: true })
  device_name!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Address that signed in or refreshed last.' })
  ip!: string | null;

  @ApiProperty({ type: String, nullable: true })
  user_agent!: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', description: 'Last sign-in or refresh.' })
  last_used_at!: string;

  @ApiProperty({ description: 'Whether this is the session that asks.' })
  current!: boolean;
}

export class SessionPageDto extends PageInfo {
  @ApiProperty({ type: [SessionDto] })
  items!: SessionDto[];

  static of(page: Page<SessionRow>, currentId: string): SessionPageDto {
    return {
      items: page.items.map((row) => ({
        id: row.id,
        device_id: row.deviceId,
        device_name: row.deviceName,
        ip: row.ip,
        user_agent: row.userAgent,
        created_at: row.createdAt.toISOString(),
        last_used_at: row.lastUsedAt.toISOString(),
        current: row.id === currentId,
      })),
      next_cursor: page.next_cursor,
    };
  }
}
