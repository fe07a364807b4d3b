/** What opens over a page: drawers beside the list they belong to, and dialogs for what needs an answer first. */
import { Dialog as Base } from '@base-ui/react/dialog';
import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import { front, isCovered } from './front.ts';
import { Kbd } from './marks.tsx';
import css from './surface.module.css';

type DrawerProps = Readonly<{
  title: ReactNode;
  beside?: ReactNode;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
  name: string;
}>;

/** Whether something modal is open, which then owns Escape. */
function modalOpen(): boolean {
  return document.querySelector('[data-modal],[role="menu"],[aria-haspopup][aria-expanded="true"]') !== null;
}

/** Details beside their list. The list stays usable; Escape closes, and focus goes back to where it came from. */
export function Drawer({ title, beside, onClose, wide, children, name }: DrawerProps) {
  const box = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  const titleId = useId();
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const before = document.activeElement;
    box.current?.focus({ preventScroll: true });
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || modalOpen() || isCovered()) return;
      event.preventDefault();
      close.current();
    };
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section
      ref={box}
      role="dialog"
      aria-labelledby={titleId}
      tabIndex={-1}
      className={css['drawer']}
      data-drawer={name}
      data-wide={wide ? '' : undefined}
    >
      <header className={css['drawerHead']}>
        <div className={css['drawerTitle']}>
          <h1 id={titleId}>{title}</h1>
          {beside}
        </div>
        <button type="button" className={css['close']} onClick={onClose} aria-label="Esc, close">
          <Kbd>Esc</Kbd>
        </button>
      </header>
      {children}
    </section>
  );
}

type DialogProps = Readonly<{ open: boolean; onClose: () => void; title: string; children: ReactNode; keep?: boolean }>;

/** A question that needs an answer. With `keep` a click outside does not close it, so that a secret is not lost. */
export function Dialog({ open, onClose, title, children, keep }: DialogProps) {
  return (
    <Base.Root
      open={open}
      disablePointerDismissal={keep ?? false}
      onOpenChange={(next) => {
        if (!next && !isCovered()) onClose();
      }}
    >
      <Base.Portal container={front()}>
        <Base.Backdrop className={css['scrim']} />
        <Base.Popup className={css['dialog']} data-modal="">
          <Base.Title className={css['dialogTitle']}>{title}</Base.Title>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
