import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AuditBuffer } from './audit-buffer.service.js';
import type { AuditEvent } from './audit.types.js';
import { toRow } from './clean-event.js';

const WINDOW_MS = 60_000;
/** Actors and reasons that are told apart within a window; the others share one row for each reason. */
const MAX_KINDS = 200;

interface Tally {
  event: AuditEvent;
  /** That have no row yet. */
  more: number;
}

/**
 * What an attacker can cause as often as he likes: the first of a kind in a minute gets its row at once, all others
 * of that minute one row with their number. A flood from ever new addresses makes no more rows than `MAX_KINDS`.
 */
@Injectable()
export class AuditTally implements OnModuleInit, BeforeApplicationShutdown {
  private window = new Map<string, Tally>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly buffer: AuditBuffer) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.close(), WINDOW_MS).unref();
  }

  /** @param reason what, beside action, actor and target, makes two events the same kind: one of a few words */
  count(event: AuditEvent, reason: string): void {
    const kind = [event.action, reason, event.actorId ?? event.ip, event.targetId].join(' ');
    const known = this.window.get(kind);
    if (known) known.more++;
    else if (this.window.size < MAX_KINDS) {
      this.window.set(kind, { event, more: 0 });
      this.buffer.add(toRow(event));
    } else this.countOther(event, reason);
  }

  /** Ends the window: what was only counted gets its rows. */
  close(): void {
    const ended = this.window;
    this.window = new Map();
    for (const { event, more } of ended.values())
      if (more > 0) this.buffer.add(toRow({ ...event, details: { ...event.details, count: more } }));
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.close();
  }

  private countOther({ action }: AuditEvent, reason: string): void {
    const kind = [action, reason].join(' ');
    const known = this.window.get(kind);
    if (known) known.more++;
    else this.window.set(kind, { event: { action, details: { reason, actors: 'many' } }, more: 1 });
  }
}
