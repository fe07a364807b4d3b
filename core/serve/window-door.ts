/** The door for the desktop's own windows: the contract over a MessagePort each, handed over by the shell. */
import type { SupportedMessagePort } from '@orpc/client/message-port';
import { RPCHandler } from '@orpc/server/message-port';
import type { Core, Principal, RequestContext } from '#core/services/core.ts';
import { NOBODY } from '#core/services/operators.ts';
import type { Router } from '#core/services/router.ts';
import { createSignIn } from '#core/services/sign-in.ts';
import type { SignIn } from '#core/services/sign-in.ts';
import { tellUnasked } from './unasked.ts';

/** One end of a channel: of the DOM's kind, of Node's or of Electron's. */
export type WindowPort = SupportedMessagePort & Readonly<{ start: () => void; close: () => void }>;

export type WindowDoor = Readonly<{
  /** Gives a window its port. The one it had is closed, its sign-in stays: a reload is not a sign-out. */
  admit: (window: number, port: WindowPort) => void;
  /** Forgets a window that was closed, and who was signed in there. */
  leave: (window: number) => void;
  /** Locks every window, as before the machine sleeps. */
  lock: () => void;
  close: () => void;
}>;

export type WindowDoorOptions = Readonly<{ router: Router; initial?: Principal; onLocked?: () => void }>;

/** More windows than anybody opens; a shell that asks for more is mistaken or taken over. */
const MOST_WINDOWS = 16;

/** Opens the door. Who a window is before it signs in is `initial`. */
export function openWindowDoor(core: Core, options: WindowDoorOptions): WindowDoor {
  const handler = new RPCHandler<RequestContext>(options.router, { interceptors: [tellUnasked] });
  const { initial = NOBODY, onLocked = () => undefined } = options;
  const windows = new Map<number, { signIn: SignIn; port: WindowPort }>();
  const leave = (window: number): void => {
    windows.get(window)?.port.close();
    windows.get(window)?.signIn.close();
    windows.delete(window);
  };
  return {
    admit: (window, port) => {
      const before = windows.get(window);
      if (before === undefined && windows.size >= MOST_WINDOWS) {
        core.log.warn('too many windows', { most: MOST_WINDOWS });
        return port.close();
      }
      before?.port.close();
      const signIn = before?.signIn ?? createSignIn(core, { initial, onLocked });
      windows.set(window, { signIn, port });
      handler.upgrade(port, { context: { core, principal: signIn.principal, session: signIn.session } });
      return port.start();
    },
    leave,
    lock: () => {
      for (const { signIn } of windows.values()) signIn.session.lock();
    },
    close: () => {
      for (const window of [...windows.keys()]) leave(window);
    },
  };
}
