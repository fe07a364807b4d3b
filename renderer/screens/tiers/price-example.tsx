/** What a quantity comes to under a draft, step by step, as it is typed. */
import { useState } from 'react';
import { explainRate, isRateable, minimumTopUp, rate } from '#core/domain/price.ts';
import { parseDecimal } from '#core/domain/money.ts';
import { plural, quantityText } from '#core/domain/words.ts';
import type { Meter, Price } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { TextField } from '../../ui/controls.tsx';
import { Panel } from '../../ui/surface.tsx';
import type { WireModel } from './draft.ts';
import css from './tiers.module.css';
import { modelOf } from '../../lib/price-words.ts';

type Props = Readonly<{ model: WireModel; meter: Meter; price: Price; rounding: Price['rounding'] }>;

export function PriceExample({ model, meter, price, rounding }: Props) {
  const [typed, setTyped] = useState('10000');
  const units = parseDecimal(typed.trim(), meter.scale);
  const draft = { model: modelOf(model), rounding, minimumMinor: BigInt(price.minimumMinor) };
  const isRead = typeof units === 'bigint' && units >= 0n && isRateable(draft, units);
  return (
    <Panel title="Example" padded>
      <div className={css['stack']}>
        <TextField
          label={`Used in a month, ${plural(meter.unit)}`}
          inputMode="decimal"
          autoComplete="off"
          value={typed}
          onChange={setTyped}
          problem={isRead ? undefined : 'Write a quantity that the meter can hold.'}
        />
        {isRead && (
          <dl className={css['sums']}>
            {explainRate(draft, units).map((step) => (
              <div key={`${step.label} ${step.quantity}`} className={css['example']}>
                <dt>
                  {step.label} · {quantityText(step.quantity, meter)}
                </dt>
                <dd>
                  <Amount minor={step.amountMinor.toString()} asset={price.asset} precision="short" />
                </dd>
              </div>
            ))}
            <div className={css['example']}>
              <dt className={css['total']}>Together</dt>
              <dd className={css['total']}>
                <Amount minor={totalOf(draft, units)} asset={price.asset} precision="short" />
              </dd>
            </div>
          </dl>
        )}
      </div>
    </Panel>
  );
}

type Draft = Parameters<typeof rate>[0];

function totalOf(draft: Draft, units: bigint): string {
  const used = rate(draft, units);
  return (used + minimumTopUp(draft, used)).toString();
}
