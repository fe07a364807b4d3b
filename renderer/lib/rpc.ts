/**
 * The one door from the page to the core: a typed client over the page's own origin, and its query keys. In a window of
 * our own messages go over a port, in a browser over a socket; nothing else differs.
 */
import { createORPCClient } from '@orpc/client';
import type { ContractRouterClient, InferContractRouterInputs, InferContractRouterOutputs } from '@orpc/contract';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { useSyncExternalStore } from 'react';
import type { Contract } from '#core/contract/index.ts';
import { UNASKED } from '#core/domain/unasked.ts';
import { Desk } from './at-desk.ts';
import { ReconnectingLink } from './link.ts';
import type { LinkState, Socket } from './link.ts';
import { PortSocket } from './port-socket.ts';

export type Inputs = InferContractRouterInputs<Contract>;
export type Outputs = InferContractRouterOutputs<Contract>;

function address(): string {
  const url = new URL('/rpc', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

/** The host of the console in a window of our own; a browser's door is on loopback and never has this name. */
const WINDOW_HOST = 'console';

/** Whether this is a window of our own, on the machine of the books, rather than a browser. */
export const isOwnWindow = window.location.host === WINDOW_HOST;

function dial(): Socket {
  return isOwnWindow ? new PortSocket(window) : new WebSocket(address());
}

const desk = new Desk().watch(document);
/** A page that only refreshes itself must not keep the session of somebody who left. */
export const link = new ReconnectingLink(dial, () => (desk.isSomebodyThere() ? {} : { [UNASKED]: '1' }));
window.addEventListener('online', () => link.wake());
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') link.wake();
});

export const client: ContractRouterClient<Contract> = createORPCClient(link);
export const orpc = createTanstackQueryUtils(client);

export function useLinkState(): LinkState {
  return useSyncExternalStore(link.subscribe, () => link.state);
}
