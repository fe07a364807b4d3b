/**
 * What a person chose for this browser: theme, zone and columns. Kept in localStorage; nothing of it is about money.
 */
import { useSyncExternalStore } from 'react';
import type { Zone } from './time.ts';

export type Theme = 'system' | 'light' | 'dark';

const PREFIX = 'tollkeeper.';
const listeners = new Set<() => void>();

function read(name: string): string | null {
  try {
    return window.localStorage.getItem(PREFIX + name);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page does.
    return null;
  }
}

function write(name: string, value: string): void {
  try {
    window.localStorage.setItem(PREFIX + name, value);
  } catch {
    // As above: nothing to do about it, and nothing is lost that matters.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function currentTheme(): Theme {
  const stored = read('theme');
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Puts the chosen theme on the document; `system` leaves it to the browser. */
export function applyTheme(): void {
  const theme = currentTheme();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function setTheme(theme: Theme): void {
  write('theme', theme);
  applyTheme();
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}

function currentZone(): Zone {
  return read('zone') === 'local' ? 'local' : 'utc';
}

export function setZone(zone: Zone): void {
  write('zone', zone);
}

export function useZone(): Zone {
  return useSyncExternalStore(subscribe, currentZone);
}

/** Columns hidden in a table, by its name. */
export function useHiddenColumns(table: string): [string[], (hidden: string[]) => void] {
  const stored = useSyncExternalStore(subscribe, () => read(`columns.${table}`) ?? '');
  const hidden = stored === '' ? [] : stored.split(',');
  return [hidden, (next) => write(`columns.${table}`, next.join(','))];
}
