/** A line across the page when the core is away or the machine has no network: what waits, and what goes on. */
import { useSyncExternalStore } from 'react';
import { useLinkState } from '../lib/rpc.ts';
import css from './app.module.css';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function Offline() {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  const isAway = useLinkState() === 'lost';
  if (isAway) {
    return (
      <p className={css['offline']} role="status">
        The core does not answer. It is tried again by itself, and what came meanwhile is caught up; what you have typed
        stays here.
      </p>
    );
  }
  if (isOnline) return null;
  return (
    <p className={css['offline']} role="status">
      This machine has no network. Webhooks and mail wait and are sent later; chains beyond this machine cannot be read
      or written. Everything in these books works as ever.
    </p>
  );
}
