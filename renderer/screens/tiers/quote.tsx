/** What would a month of this cost? Answered as it is typed, line by line, for a plan or a customer. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Meter, Quote } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { Button, Field, SelectField } from '../../ui/controls.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Note, Panel } from '../../ui/surface.tsx';
import { useCustomerNames } from '../../lib/customer-names.ts';
import css from './tiers.module.css';

type Item = Readonly<{ meter: string; quantity: string }>;
const QUANTITY = /^\d{1,20}(\.\d{1,18})?$/;
const route = getRouteApi('/tiers');

export function QuoteDrawer() {
  const navigate = route.useNavigate();
  const plans = useQuery(orpc.plans.list.queryOptions({ input: {} }));
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const names = useCustomerNames();
  const billable = (meters.data?.items ?? []).filter((meter) => meter.billable);
  const [whom, setWhom] = useState('');
  const [typed, setTyped] = useState<readonly Item[]>([]);
  const [first] = billable;
  const items = typed.length > 0 ? typed : first ? [{ meter: first.key, quantity: '1000' }] : [];
  const change = (at: number, item: Item | null): void =>
    setTyped(items.flatMap((one, index) => (index === at ? (item ? [item] : []) : [one])));
  const [scope, id] = whom.split(' ');
  const asked = useDeferredValue({
    ...(scope === 'customer' ? { customer: id } : {}),
    ...(scope === 'plan' ? { plan: id } : {}),
    items: items.filter(({ quantity }) => QUANTITY.test(quantity)),
  });
  const quote = useQuery({
    ...orpc.quotes.make.queryOptions({ input: asked }),
    enabled: asked.items.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <Drawer name="quote" title="Quote" onClose={() => void navigate({ to: '/tiers', search: (all) => all })}>
      <div className={css['stack']}>
        <SelectField
          label="For"
          value={whom}
          onChange={setWhom}
          options={[
            { value: '', label: 'Anyone' },
            ...(plans.data?.items ?? []).map(({ key, name }) => ({ value: `plan ${key}`, label: `Plan ${name}` })),
            ...[...names].map(([customer, name]) => ({ value: `customer ${customer}`, label: name })),
          ]}
        />
        <div className={css['rows']}>
          {items.map((item, index) => (
            <ItemRow
              key={index}
              item={item}
              meters={billable}
              onChange={(next) => change(index, next)}
              onRemove={items.length > 1 ? () => change(index, null) : undefined}
            />
          ))}
        </div>
        <div>
          <Button
            size="small"
            disabled={billable.length === 0 || items.length >= 20}
            onClick={() =>
              setTyped([...items, { meter: billable[items.length % billable.length]?.key ?? '', quantity: '1' }])
            }
          >
            Another meter
          </Button>
        </div>
        {meters.data && billable.length === 0 && (
          <Empty title="No meter is billed yet">
            Define a meter and publish its price; then a quote says what it costs.
          </Empty>
        )}
        {quote.error && <ErrorBox error={quote.error} money="A quote books nothing." />}
        {quote.data && !quote.error && <Answer quote={quote.data} />}
      </div>
    </Drawer>
  );
}

type ItemProps = Readonly<{
  item: Item;
  meters: readonly Meter[];
  onChange: (item: Item) => void;
  onRemove: (() => void) | undefined;
}>;

function ItemRow({ item, meters, onChange, onRemove }: ItemProps) {
  const meter = meters.find(({ key }) => key === item.meter);
  const isNumber = QUANTITY.test(item.quantity);
  return (
    <div className={css['row']}>
      <SelectField
        label="Meter"
        value={item.meter}
        onChange={(next) => onChange({ ...item, meter: next })}
        options={meters.map(({ key, name }) => ({ value: key, label: name }))}
      />
      <Field label="A month" hint={meter?.unit} problem={isNumber ? undefined : 'A plain number.'}>
        {(field) => (
          <input
            {...field}
            inputMode="decimal"
            autoComplete="off"
            value={item.quantity}
            onChange={(event) => onChange({ ...item, quantity: event.target.value.trim() })}
          />
        )}
      </Field>
      {onRemove ? (
        <div className={css['remove']}>
          <Button size="icon" aria-label={`Leave out ${meter?.name ?? item.meter}`} onClick={onRemove}>
            <Icon name="close" size={13} />
          </Button>
        </div>
      ) : (
        <span />
      )}
    </div>
  );
}

function Answer({ quote }: { quote: Quote }) {
  return (
    <Panel title="A month comes to">
      <dl className={css['sums']} aria-live="polite">
        {quote.baseFee && (
          <>
            <dt>Base fee of the plan</dt>
            <dd>
              <Amount minor={quote.baseFee.amountMinor} asset={quote.baseFee.asset} />
            </dd>
          </>
        )}
        {quote.lines.map((line) => (
          <Line key={line.meter} line={line} />
        ))}
        {quote.adjustments.map((one) => (
          <Pair key={`${one.kind} ${one.rule}`} name={one.text} minor={one.amountMinor} asset={one.asset} />
        ))}
        {quote.totals.map(({ asset, amountMinor }) => (
          <Pair key={asset} name="Together" minor={amountMinor} asset={asset} total />
        ))}
      </dl>
    </Panel>
  );
}

function Line({ line }: { line: Quote['lines'][number] }) {
  return (
    <>
      <dt>
        {groupDecimal(line.quantity)} × {line.meter}
      </dt>
      <dd>
        <Amount minor={line.amountMinor} asset={line.asset} />
      </dd>
      {line.steps.map((step) => (
        <Step key={step.label} name={`${step.label}: ${step.quantity}`} minor={step.amountMinor} asset={line.asset} />
      ))}
      {line.minimumMinor !== '0' && <Step name="up to the minimum" minor={line.minimumMinor} asset={line.asset} />}
      {line.warning !== null && (
        <dt>
          <Note>{line.warning}</Note>
        </dt>
      )}
      {line.warning !== null && <dd />}
    </>
  );
}

function Step({ name, minor, asset }: { name: string; minor: string; asset: string }) {
  return (
    <>
      <dt className={css['sub']}>{name}</dt>
      <dd className={css['sub']}>
        <Amount minor={minor} asset={asset} hideAsset />
      </dd>
    </>
  );
}

type PairProps = Readonly<{ name: string; minor: string; asset: string; total?: boolean }>;

function Pair({ name, minor, asset, total }: PairProps) {
  return (
    <>
      <dt className={total ? css['total'] : undefined}>{name}</dt>
      <dd className={total ? css['total'] : undefined}>
        <Amount minor={minor} asset={asset} strong={total ?? false} />
      </dd>
    </>
  );
}
