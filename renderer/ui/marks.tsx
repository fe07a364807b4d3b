/** The small marks of a line: ids, instants, states, keys and bars. Each says in a word what its shape says. */
import type { ReactNode } from 'react';
import { useNow } from '../lib/now.ts';
import { useZone } from '../lib/preferences.ts';
import { absoluteTime, relativeTime } from '../lib/time.ts';
import { CopyButton } from './copy.tsx';
import css from './text.module.css';

export type Tone = 'good' | 'attention' | 'danger' | 'info' | 'quiet';
export type Shape = 'check' | 'triangle' | 'square' | 'dot' | 'ring' | 'half' | 'cross';

const SHAPES: Record<Shape, ReactNode> = {
  check: <path d="M1.5 5.2 4 7.6 8.6 2.4" fill="none" stroke="currentColor" strokeWidth="1.7" />,
  triangle: <path d="M5 1 9.5 9h-9z" fill="currentColor" />,
  square: <path d="M1 1h8v8H1z" fill="currentColor" />,
  dot: <circle cx="5" cy="5" r="3.7" fill="currentColor" />,
  ring: <circle cx="5" cy="5" r="3.6" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  half: (
    <>
      <circle cx="5" cy="5" r="3.6" fill="none" stroke="currentColor" strokeWidth="1.4" />
      <path d="M5 1.4a3.6 3.6 0 0 0 0 7.2z" fill="currentColor" />
    </>
  ),
  cross: <path d="M2 2l6 6M8 2l-6 6" fill="none" stroke="currentColor" strokeWidth="1.7" />,
};

export function Pill({ tone = 'quiet', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`${css['pill']} ${css[tone]}`}>{children}</span>;
}

/** A state as shape and word; the word alone is enough to understand it. */
export function Status({ tone, shape, children }: { tone: Tone; shape: Shape; children: ReactNode }) {
  return (
    <span className={`${css['pill']} ${css[tone]}`}>
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
        {SHAPES[shape]}
      </svg>
      <span>{children}</span>
    </span>
  );
}

/** First and last four characters after the prefix, and the whole on copy. Ids that others gave stay readable. */
export function shortId(id: string): string {
  const split = id.indexOf('_') + 1;
  const body = id.slice(split);
  return body.length <= (split === 0 ? 16 : 11) ? id : `${id.slice(0, split)}${body.slice(0, 4)}…${body.slice(-4)}`;
}

export function Id({ id, label = 'id', plain }: { id: string; label?: string; plain?: boolean }) {
  return (
    <span className={css['hash']}>
      <code title={id}>{shortId(id)}</code>
      {!plain && <CopyButton text={id} label={label} />}
    </span>
  );
}

export function Time({ ms, absolute }: { ms: number; absolute?: boolean }) {
  const now = useNow();
  const zone = useZone();
  const whole = absoluteTime(ms, zone);
  return (
    <time dateTime={new Date(ms).toISOString()} data-exact={whole} className={css['amount']}>
      {absolute ? whole : relativeTime(ms, now, zone)}
    </time>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className={css['kbd']}>{children}</kbd>;
}

type BarProps = Readonly<{ perMille: number; overPerMille?: number; tone?: 'danger' | 'attention'; label: string }>;

/** Used of a whole, the part beyond it hatched; `label` says the same in words. */
export function Bar({ perMille, overPerMille = 0, tone, label }: BarProps) {
  return (
    <span className={css['bar']} role="img" aria-label={label}>
      <i data-tone={tone} style={{ width: `${perMille / 10}%` }} />
      {overPerMille > 0 && <i data-over="" style={{ width: `${overPerMille / 10}%` }} />}
    </span>
  );
}

export function BarRow({ children }: { children: ReactNode }) {
  return <span className={css['barRow']}>{children}</span>;
}

/** A step as a command to copy. */
export function Command({ text }: { text: string }) {
  return (
    <span className={css['command']}>
      <code>{text}</code>
      <CopyButton text={text} label="command" />
    </span>
  );
}
