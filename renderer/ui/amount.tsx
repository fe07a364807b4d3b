/** An amount of an asset, exact on hover and on copy. Formats only: it never adds, converts or rounds silently. */
import { amountText } from '../lib/money.ts';
import type { Precision } from '../lib/money.ts';
import { copyText } from './copy.tsx';
import css from './text.module.css';

type Props = Readonly<{
  minor: string;
  asset: string;
  precision?: Precision;
  /** Writes a plus before what is not negative, as in entries. */
  signed?: boolean;
  /** A click copies the exact decimal; not for rows that open on click. */
  copyable?: boolean;
  strong?: boolean;
  /** In a sentence: no room kept for the longest asset name. */
  inline?: boolean;
  hideAsset?: boolean;
}>;

export function Amount({ minor, asset, precision = 'full', signed, copyable, strong, inline, hideAsset }: Props) {
  const value = BigInt(minor);
  const shown = amountText(value, asset, precision);
  const sign = signed && value > 0n ? '+' : '';
  const className = [css['amount'], strong && css['strong'], inline && css['inline'], copyable && css['copyable']]
    .filter(Boolean)
    .join(' ');
  const exact = `${shown.exact}\n${shown.minor} minor units`;
  const inside = (
    <>
      {shown.approximate && <span className={css['muted']}>≈ </span>}
      {sign}
      {shown.text}
      {!hideAsset && <span className={css['asset']}>{shown.symbol}</span>}
    </>
  );
  if (!copyable)
    return (
      <span className={className} data-exact={exact}>
        {inside}
      </span>
    );
  return (
    <button
      type="button"
      className={className}
      data-exact={`${exact}\nclick to copy`}
      onClick={() => copyText(shown.exact)}
    >
      {inside}
    </button>
  );
}

/** What stands where there is no amount. */
export function Dash() {
  return (
    <span className={css['muted']} aria-label="none">
      —
    </span>
  );
}
