/** The keyboard: going to a screen, stepping into the list in front, and the map of it all. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { Kbd } from '../ui/marks.tsx';
import { Dialog } from '../ui/overlay.tsx';
import { isCovered } from '../ui/front.ts';
import css from './app.module.css';
import { SCREENS } from './screens.ts';

const CHORD_MS = 1_200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input,textarea,select,[contenteditable],[role="menu"]') !== null
  );
}

/** Steps into the first list of the drawer in front, or of the page. */
function focusList(): boolean {
  const drawers = document.querySelectorAll<HTMLElement>('[data-drawer]');
  const inside = [...drawers].at(-1) ?? document.getElementById('main');
  const row = inside?.querySelector<HTMLElement>('tr[data-row][tabindex="0"]');
  row?.focus();
  return row !== null && row !== undefined;
}

type Doors = Readonly<{ openPalette: () => void; openKeyMap: () => void }>;

export function useKeys({ openPalette, openKeyMap }: Doors): void {
  const navigate = useNavigate();
  const chordMs = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        openPalette();
        return;
      }
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[data-modal]') || isCovered()) return;
      if (press(event.key)) event.preventDefault();
    };
    const press = (key: string): boolean => {
      const screen =
        Date.now() - chordMs.current < CHORD_MS ? SCREENS.find((candidate) => candidate.key === key) : undefined;
      chordMs.current = key === 'g' ? Date.now() : 0;
      if (screen) void navigate({ to: screen.to });
      else if (key === '?') openKeyMap();
      else if (key === 'j' || key === 'k') return focusList();
      else if (key === '/') return focusSearch();
      else return false;
      return true;
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, openPalette, openKeyMap]);
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLElement>('[data-search]');
  field?.focus();
  return field !== null;
}

const MAP: readonly (readonly [readonly string[], string])[] = [
  [['Ctrl', 'K'], 'find anything'],
  ...SCREENS.map((screen) => [['g', screen.key], `go to ${screen.title}`] as const),
  [['j', 'k'], 'next and previous row'],
  [['Home', 'End'], 'first and last row'],
  [['Enter'], 'open the row, or go on with those chosen'],
  [['Space'], 'choose a row, where rows are chosen'],
  [['/'], 'search the list'],
  [['←', '→'], 'days of a chart, tabs of a drawer'],
  [['Esc'], 'close what is in front'],
  [['?'], 'this map'],
];

export function KeyMap({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard">
      <dl className={css['keys']}>
        {MAP.map(([keys, does]) => (
          <div key={does} style={{ display: 'contents' }}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
