/** How many things wait for a person, told whenever the number changes: for the badge of the desktop. */
import { createRouterClient } from '@orpc/server';
import type { Core, Principal } from '#core/services/core.ts';
import type { Router } from '#core/services/router.ts';

/** The overview reads rollups, and a badge need not be quicker than the eye. */
const LOOK_AGAIN_MS = 2_000;

/** The badge shows a number to whoever sits there, signed in or not; nothing else is read in this name. */
const READER: Principal = { kind: 'nobody', actor: 'desktop', permissions: ['books:read'] };

/** Tells the number at once and after each change of the books, until it is stopped. */
export function watchNeeds(
  core: Core,
  { router, tell, everyMs = LOOK_AGAIN_MS }: { router: Router; tell: (count: number) => void; everyMs?: number },
): () => void {
  const client = createRouterClient(router, { context: { core, principal: () => READER, session: null } });
  let told: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async (): Promise<void> => {
    try {
      const { needsYou } = await client.workspace.overview({});
      if (isStopped || needsYou.length === told) return;
      told = needsYou.length;
      tell(told);
    } catch (error) {
      if (!isStopped) core.log.warn('the number of open things could not be read', { error });
    }
  };
  const lookSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void look();
    }, everyMs);
  };
  const forget = core.onMove(lookSoon);
  void look();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    forget();
  };
}
