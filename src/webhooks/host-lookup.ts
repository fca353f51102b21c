import { lookup } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';

/** What a host name means right now. */
@Injectable()
export class HostLookup {
  addresses(host: string): Promise<{ address: string; family: number }[]> {
    return lookup(host, { all: true, verbatim: true });
  }
}
