/** Names to addresses for outgoing webhooks: each is checked, and the connection goes to what was checked. */
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress, LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isLoopback, isPublicAddress } from '#core/domain/address.ts';

type Found = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
/** Every address of a name. */
export type Resolve = (name: string, options: LookupAllOptions, found: Found) => void;

/** Refuses to connect; `detail` is for the delivery's log. */
export class AddressRefused extends Error {
  constructor(address: string) {
    super(`It leads to ${address}, which is no public address.`);
    this.name = 'AddressRefused';
  }
}

const mayConnect = (address: string, mayLoopBack: boolean): boolean =>
  isPublicAddress(address) || (mayLoopBack && isLoopback(address));

/** Throws for an address that a webhook may not go to. */
export function checkAddress(address: string, mayLoopBack: boolean): void {
  if (!mayConnect(address, mayLoopBack)) throw new AddressRefused(address);
}

/**
 * A `lookup` for sockets. One name is asked for once a connection, and the socket is given the very addresses that were
 * checked: a name that answers otherwise the next time (DNS rebinding) leads nowhere else. One bad address refuses all.
 */
export function checkedLookup(mayLoopBack: boolean, resolve: Resolve = systemLookup): LookupFunction {
  return (name, options, done) => {
    const { hints, family } = options;
    const asked = { all: true, ...(hints === undefined ? {} : { hints }), ...(family === undefined ? {} : { family }) };
    resolve(name, asked as LookupAllOptions, (error, addresses) => {
      if (error) return done(error, '', 0);
      const refused = addresses.find(({ address }) => !mayConnect(address, mayLoopBack));
      if (refused) return done(new AddressRefused(refused.address), '', 0);
      const [first] = addresses;
      if (!first) return done(Object.assign(new Error(`${name} has no address.`), { code: 'ENOTFOUND' }), '', 0);
      if (options.all) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}
