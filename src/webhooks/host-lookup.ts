import { lookup } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';
import { publicAddresses } from './public-lookup.js';
import type { HostAddress } from './webhooks.types.js';

/** What a host name means right now. */
@Injectable()
export class HostLookup {
  /** `allowPrivate`: it may stand in the hosts file of the machine, which only the system's look-up reads. */
  addresses(host: string, allowPrivate: boolean): Promise<HostAddress[]> {
    return allowPrivate ? lookup(host, { all: true, verbatim: true }) : publicAddresses(host);
  }
}
