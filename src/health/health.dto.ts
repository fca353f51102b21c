import { ApiProperty } from '@nestjs/swagger';
import type { PartHealth, Parts, PartStatus } from './health.service.js';

const STATUSES = ['up', 'degraded', 'down'] as const;

export class RootDto {
  @ApiProperty({ enum: ['running'] })
  status!: 'running';

  @ApiProperty({ example: 'AI Backend Ready' })
  message!: string;

  @ApiProperty({ example: '0.1.0' })
  version!: string;
}

export class LiveDto {
  @ApiProperty({ enum: ['live'] })
  status!: 'live';
}

export class PartDto implements PartHealth {
  @ApiProperty({ enum: STATUSES, enumName: 'PartStatus' })
  status!: PartStatus;

  @ApiProperty({ type: String, nullable: true, description: 'Why; shown to admins only.' })
  detail!: string | null;
}

export class PartsDto implements Parts {
  @ApiProperty({ type: PartDto })
  database!: PartDto;

  @ApiProperty({ type: PartDto })
  vector_store!: PartDto;

  @ApiProperty({ type: PartDto })
  encoder!: PartDto;

  @ApiProperty({ type: PartDto })
  llm!: PartDto;

  @ApiProperty({ type: PartDto })
  jobs!: PartDto;

  @ApiProperty({ type: PartDto })
  files!: PartDto;
}

export class ReadyDto {
  @ApiProperty({ enum: ['ready', 'degraded', 'unavailable'] })
  status!: 'ready' | 'degraded' | 'unavailable';

  @ApiProperty({ type: PartsDto })
  parts!: PartsDto;

  /** `open` shows the reasons, which may name hosts and paths. */
  static of(parts: Parts, ready: boolean, open: boolean): ReadyDto {
    const shown = Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [
        name,
        open ? part : { status: part.status, detail: null },
      ]),
    ) as Parts;
    const whole = Object.values(parts).every((part) => part.status === 'up');
    return { status: ready ? (whole ? 'ready' : 'degraded') : 'unavailable', parts: shown };
  }
}
