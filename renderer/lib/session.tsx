/** Who is at the console and what they may do, for every component below. */
import { createContext, useContext } from 'react';
import type { ReactNode } from 'react';
import type { Session } from './shapes.ts';

export type Permission = Session['permissions'][number];

const Context = createContext<Session | null>(null);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session | null {
  return useContext(Context);
}

/** Whether the operator's role allows it; the core decides again, this only spares a refusal. */
export function useMay(permission: Permission): boolean {
  return useContext(Context)?.permissions.includes(permission) ?? false;
}
