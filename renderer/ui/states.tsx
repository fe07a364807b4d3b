/**
 * What a screen says when it has nothing, failed, waits or works: each with the next step, and for errors what it
 * means for the money.
 */
import { Progress } from '@base-ui/react/progress';
import type { ReactNode } from 'react';
import { failureOf, failureText } from '../lib/failure.ts';
import { Button } from './controls.tsx';
import { copyText } from './copy.tsx';
import { Command } from './marks.tsx';
import css from './surface.module.css';

type EmptyProps = Readonly<{ title: string; children: ReactNode; action?: ReactNode; command?: string }>;

/** What this will show, the one next step, and the same step as a command. */
export function Empty({ title, children, action, command }: EmptyProps) {
  return (
    <div className={css['empty']}>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
      {command !== undefined && <Command text={command} />}
    </div>
  );
}

type ErrorProps = Readonly<{ error: unknown; money: string; retry?: (() => void) | undefined }>;

/** What happened, what it means for the money, what to do, and the details to copy. */
export function ErrorBox({ error, money, retry }: ErrorProps) {
  const failure = failureOf(error);
  return (
    <div className={css['error']} role="alert">
      <h2>{failure.title}</h2>
      <p>{failure.detail}</p>
      <p className={css['money']}>{money}</p>
      <p>{failure.fix}</p>
      <div className={css['actions']}>
        {retry && (
          <Button size="small" onClick={retry}>
            Try again
          </Button>
        )}
        <Button size="small" kind="plain" onClick={() => copyText(failureText(failure), 'Details')}>
          Copy details
        </Button>
        <code>{failure.code}</code>
      </div>
    </div>
  );
}

const WIDTHS = [62, 44, 71, 38, 55, 66, 48, 59];

export function Loading({ rows = 4, label }: { rows?: number; label: string }) {
  return (
    <div className={css['progress']} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} className={css['skeleton']} style={{ width: `${WIDTHS[index % WIDTHS.length] ?? 50}%` }} />
      ))}
    </div>
  );
}

type JobProps = Readonly<{ label: string; perMille: number; detail: string; onCancel?: () => void }>;

/** Long work with a known end. */
export function Job({ label, perMille, detail, onCancel }: JobProps) {
  return (
    <div className={css['progress']}>
      <Progress.Root value={perMille} max={1000}>
        <div className={css['progressLine']}>
          <Progress.Label>{label}</Progress.Label>
          <span>{detail}</span>
        </div>
        <Progress.Track className={css['track']}>
          <Progress.Indicator className={css['indicator']} />
        </Progress.Track>
      </Progress.Root>
      {onCancel && (
        <div>
          <Button size="small" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      )}
    </div>
  );
}
