import { ApiProperty } from '@nestjs/swagger';
import { PartsDto, type Parts } from './health.types.js';

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
