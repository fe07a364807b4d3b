/** How alerts and deliveries stand, in shape and word; and a value against its threshold. */
import type { ReactNode } from 'react';
import { ALERT_KINDS } from '#core/domain/alert.ts';
import type { AlertKind } from '#core/domain/alert.ts';
import { Amount } from '../../ui/amount.tsx';
import { Status } from '../../ui/marks.tsx';
import type { Shape, Tone } from '../../ui/marks.tsx';
import css from './alerts.module.css';
import { valueWords } from './words.ts';
import type { Alert, Delivery } from './words.ts';

const SEVERITIES: Readonly<Record<Alert['severity'], Readonly<{ tone: Tone; shape: Shape; word: string }>>> = {
  danger: { tone: 'danger', shape: 'square', word: 'Danger' },
  attention: { tone: 'attention', shape: 'triangle', word: 'Attention' },
  info: { tone: 'info', shape: 'dot', word: 'Info' },
};

export function Severity({ severity }: Pick<Alert, 'severity'>) {
  const { tone, shape, word } = SEVERITIES[severity];
  return (
    <Status tone={tone} shape={shape}>
      {word}
    </Status>
  );
}

export function AlertState({ alert }: { alert: Alert }) {
  if (alert.clearedMs !== null)
    return (
      <Status tone="good" shape="check">
        Over
      </Status>
    );
  return alert.acknowledgedMs === null ? (
    <Status tone="attention" shape="triangle">
      Open
    </Status>
  ) : (
    <Status tone="quiet" shape="half">
      Open, seen
    </Status>
  );
}

const DELIVERIES: Readonly<Record<Delivery['state'], Readonly<{ tone: Tone; shape: Shape; word: string }>>> = {
  sent: { tone: 'good', shape: 'check', word: 'Sent' },
  waiting: { tone: 'attention', shape: 'half', word: 'Waiting' },
  failed: { tone: 'danger', shape: 'square', word: 'Failed' },
};

export function DeliveryState({ state }: Pick<Delivery, 'state'>) {
  const { tone, shape, word } = DELIVERIES[state];
  return (
    <Status tone={tone} shape={shape}>
      {word}
    </Status>
  );
}

type ValueProps = Readonly<{ kind: AlertKind; value: string; asset: string | null; hideAsset?: boolean }>;

/** A value of a kind; what is money goes through the one way that shows money. */
export function Value({ kind, value, asset, hideAsset }: ValueProps): ReactNode {
  const { unit } = ALERT_KINDS[kind];
  if (asset === null || (unit !== 'minor' && unit !== 'minor a day')) return valueWords(kind, BigInt(value), asset);
  return <Amount minor={value} asset={asset} precision="trimmed" inline {...(hideAsset ? { hideAsset } : {})} />;
}

/** The value as it was when the alert fired, against what it was allowed to be. */
export function Against({ alert }: { alert: Alert }) {
  const { kind, value, threshold, asset } = alert;
  if (kind === 'failed-verify') return 'failed';
  return (
    <span className={css['against']}>
      <Value kind={kind} value={value} asset={asset} />
      <span className={css['muted']}>
        {ALERT_KINDS[kind].side === 'below' ? ' below ' : ' at or above '}
        <Value kind={kind} value={threshold} asset={asset} hideAsset />
      </span>
    </span>
  );
}
