/** How a table's columns are declared: what is seen, what is sorted by, and what goes into the file. */
import type { ReactNode } from 'react';
import { compareMinor, plainAmount } from '../lib/money.ts';
import { symbolOf } from '#core/domain/money.ts';
import { assetOf } from '../lib/money.ts';

export type Column<Row> = Readonly<{
  id: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** The cell as plain text, for the file; what is shown and what is saved say the same. */
  text: (row: Row) => string;
  /** Right-aligned, for figures. */
  end?: boolean;
  sort?: (a: Row, b: Row) => number;
  width?: string;
  /** May be hidden by choice. */
  optional?: boolean;
}>;

export function byText<Row>(pick: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => pick(a).localeCompare(pick(b), 'en');
}

export function byNumber<Row>(pick: (row: Row) => number | null): (a: Row, b: Row) => number {
  return (a, b) => (pick(a) ?? -1) - (pick(b) ?? -1);
}

/** Amounts sort within their asset; assets are kept apart, since they cannot be compared. */
export function byAmount<Row>(pick: (row: Row) => { asset: string; minor: string }): (a: Row, b: Row) => number {
  return (a, b) => {
    const left = pick(a);
    const right = pick(b);
    return left.asset === right.asset
      ? compareMinor(left.minor, right.minor)
      : left.asset.localeCompare(right.asset, 'en');
  };
}

/** An amount for the file: the plain exact decimal and the asset. */
export function amountCell(minor: string, asset: string): string {
  return `${plainAmount(BigInt(minor), asset)} ${symbolOf(assetOf(asset))}`;
}
