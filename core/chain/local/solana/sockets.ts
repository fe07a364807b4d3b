/** The WebSocket side: one set of subscriptions a socket, and nothing that a client sends ends it for others. */
import type { WebSocket } from 'ws';
import { CLOCK } from './addresses.ts';
import { answerOf, callOf } from './dispatch.ts';
import { fromJson, toJson } from './json-text.ts';
import type { Chain } from './methods.ts';
import { Params } from './params.ts';
import { CODES, RpcError } from './rpc-error.ts';
import { Subscriptions } from './subscriptions.ts';

/** A client that does not read is cut off before what waits for it fills the memory. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

const refused = (code: number, message: string): string =>
  toJson({ jsonrpc: '2.0', id: null, error: { code, message } });

function answer(text: string, own: Subscriptions): { text: string; after?: () => void } {
  const read = fromJson(text);
  if (read === undefined) return { text: refused(CODES.parse, 'Parse error') };
  const call = callOf(read.value);
  if (call === undefined) return { text: refused(CODES.invalidRequest, 'Invalid request') };
  let after: (() => void) | undefined;
  const result = answerOf(call, () => {
    if (!Subscriptions.knows(call.method)) throw new RpcError(CODES.unknownMethod, 'Method not found');
    const made = own.call(call.method, new Params(call.params));
    after = made.after;
    return made.result;
  });
  return { text: toJson(result), ...(after === undefined ? {} : { after }) };
}

/** Serves one socket until it closes. */
export function serveSocket(socket: WebSocket, chain: Chain): void {
  const send = (text: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_WAITING_BYTES) socket.terminate();
    else socket.send(text);
  };
  const own = new Subscriptions(chain, send);
  const stop = chain.bank.listen({
    changed: (changes) => {
      for (const change of changes) own.hear({ type: 'change', change });
    },
    landed: (record) => own.hear({ type: 'landed', record }),
    block: (block) => {
      own.hear({ type: 'block', block });
      // The clock changes with every block, and the rollup follows it by its account.
      own.hear({ type: 'change', change: { address: CLOCK, before: undefined, after: chain.bank.account(CLOCK) } });
    },
  });
  socket.on('message', (data, isBinary) => {
    const text = isBinary ? '' : String(data);
    const answered = answer(text, own);
    send(answered.text);
    answered.after?.();
  });
  socket.on('close', stop);
  // An invalid frame closes its own socket; without a listener it would end the process.
  socket.on('error', () => socket.terminate());
}
