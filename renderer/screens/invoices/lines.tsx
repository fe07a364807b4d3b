/** The lines of an invoice. Each opens its explanation. */
import type { KeyboardEvent } from 'react';
import { groupDecimal } from '../../lib/money.ts';
import type { InvoiceLine } from '../../lib/shapes.ts';
import { unitOf } from '../../lib/units.ts';
import { Amount } from '../../ui/amount.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Empty } from '../../ui/states.tsx';
import css from './invoices.module.css';

type Props = Readonly<{
  lines: readonly InvoiceLine[];
  asset: string;
  chosen: string | undefined;
  onChoose: (id: string) => void;
}>;

function onKeyDown(event: KeyboardEvent<HTMLTableRowElement>, choose: () => void): void {
  if (event.target !== event.currentTarget) return;
  const row = event.currentTarget;
  const next =
    event.key === 'j' || event.key === 'ArrowDown'
      ? row.nextElementSibling
      : event.key === 'k' || event.key === 'ArrowUp'
        ? row.previousElementSibling
        : undefined;
  if (next instanceof HTMLElement) next.focus();
  else if (event.key === 'Enter' || event.key === ' ') choose();
  else if (next === undefined) return;
  event.preventDefault();
}

export function Lines({ lines, asset, chosen, onChoose }: Props) {
  if (lines.length === 0)
    return <Empty title="No lines">Nothing was used in this period and no base fee applies.</Empty>;
  const first = Math.max(
    0,
    lines.findIndex((line) => line.id === chosen),
  );
  return (
    <table className={css['lines']} aria-label="Invoice lines">
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col" data-end="">
            Quantity
          </th>
          <th scope="col">Rate</th>
          <th scope="col" data-end="">
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line, index) => (
          <tr
            key={line.id}
            data-row=""
            tabIndex={index === first ? 0 : -1}
            aria-current={line.id === chosen ? 'true' : undefined}
            onClick={() => onChoose(line.id)}
            onKeyDown={(event) => onKeyDown(event, () => onChoose(line.id))}
          >
            <td>
              <span className={css['why']}>
                {line.description}
                <Icon name="why" size={12} />
              </span>
              <small>
                {[
                  line.kind === 'late-usage' ? 'late usage' : null,
                  line.month,
                  line.priceVersion === null ? null : `price v${line.priceVersion}`,
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
            </td>
            <td data-end="">
              {groupDecimal(line.quantity)} <span className={css['muted']}>{unitOf(line.quantity, line.unit)}</span>
            </td>
            <td>{line.rate}</td>
            <td data-end="">
              <Amount minor={line.amountMinor} asset={asset} hideAsset />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
