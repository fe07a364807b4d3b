/**
 * Where dialogs and menus stand: in front of the page, and within what a lock covers. Beside the page they would stay
 * above the lock, show the books, and keep the focus from the passphrase.
 */

export const FRONT = 'front';

export function front(): HTMLElement | undefined {
  return document.getElementById(FRONT) ?? undefined;
}

/** Whether the page is locked or signed out: its keys then belong to what covers it. */
export function isCovered(): boolean {
  return front()?.closest('[inert]') != null;
}
