/** The next version of a price: typed, tried on a quantity and on a past month, and published from an instant on. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ROUNDINGS } from '#core/domain/money.ts';
import { assetOf } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Meter, Price } from '../../lib/shapes.ts';
import { useCustomerNames } from '../../lib/customer-names.ts';
import { useChoices } from './choices.ts';
import { modelText, plural } from '#core/domain/words.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Actions, Columns, Form, Note, Panel } from '../../ui/surface.tsx';
import { announce } from '../../ui/toast.tsx';
import { KINDS, draftOf, readDraft } from './draft.ts';
import type { Kind, PriceDraft, Problems, WireModel } from './draft.ts';
import { PriceExample } from './price-example.tsx';
import { TierRows } from './tier-rows.tsx';
import css from './tiers.module.css';
import { WhatIfPanel } from './what-if.tsx';
import { modelOf, whose } from '../../lib/price-words.ts';

const route = getRouteApi('/tiers');
const KIND_WORDS: Readonly<Record<Kind, string>> = {
  'per-unit': 'Per unit',
  quota: 'Included, then per unit',
  package: 'Per package begun',
  graduated: 'Tiers, each for its part',
  volume: 'Tiers, one for all',
};

export function PriceFormDrawer() {
  const { price: id } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const prices = useQuery(orpc.prices.list.queryOptions({ input: {} }));
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const price = prices.data?.items.find((one) => one.id === id);
  const meter = meters.data?.items.find(({ key }) => key === price?.meter);
  const close = (): void => void navigate({ to: '/tiers', search: (all) => all });
  const error = prices.error ?? meters.error;
  return (
    <Drawer name="price-form" title={price ? `Next price of ${price.meter}` : 'Next price'} onClose={close} wide>
      {error && <ErrorBox error={error} money="This only reads: nothing was changed." />}
      {(prices.isPending || meters.isPending) && <Loading label="Reading the price" />}
      {prices.data && meters.data && !(price && meter) && (
        <Empty title="No price has this id">It may be of another workspace. Nothing was changed.</Empty>
      )}
      {price && meter && (
        <Editor key={price.id} price={price} meter={meter} newest={newestOf(price, prices.data?.items ?? [])} />
      )}
    </Drawer>
  );
}

/** The latest version of whom and what a price is for; another operator may have published it since. */
function newestOf(price: Price, all: readonly Price[]): number {
  const { meter, plan, customer } = price;
  const versions = all.filter((one) => one.meter === meter && one.plan === plan && one.customer === customer);
  return Math.max(price.version, ...versions.map(({ version }) => version));
}

/** The first price of a meter for somebody: whose it is comes first, and then the same editor. */
export function NewPriceDrawer() {
  const navigate = route.useNavigate();
  const prices = useQuery(orpc.prices.list.queryOptions({ input: {} }));
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const { whom, assets } = useChoices();
  const [scope, setScope] = useState({ meter: '', whom: '', asset: '' });
  const all = meters.data?.items ?? [];
  const meter = all.find(({ key }) => key === scope.meter) ?? all[0];
  const asset = scope.asset || (assets[0] ?? 'USDC/6');
  const [kind, id] = scope.whom.split(' ');
  const plan = kind === 'plan' ? (id ?? null) : null;
  const customer = kind === 'customer' ? (id ?? null) : null;
  const versions = (prices.data?.items ?? []).filter(
    (one) => one.meter === meter?.key && one.plan === plan && one.customer === customer,
  );
  const set = (next: Partial<typeof scope>): void => setScope((before) => ({ ...before, ...next }));
  const close = (): void => void navigate({ to: '/tiers', search: (rest) => rest });
  const error = prices.error ?? meters.error;
  return (
    <Drawer name="price-form" title="New price" onClose={close} wide>
      {error && <ErrorBox error={error} money="This only reads: nothing was changed." />}
      {meters.data && !meter && (
        <Empty title="No meter yet" command="npx tollkeeper meters define --key api.calls">
          A price is of a meter: define one first.
        </Empty>
      )}
      {meter && (
        <div className={css['stack']}>
          <Columns>
            <SelectField
              label="Meter"
              value={meter.key}
              options={all.map(({ key }) => ({ value: key, label: key }))}
              onChange={(value) => set({ meter: value })}
            />
            <SelectField label="For" value={scope.whom} options={whom} onChange={(value) => set({ whom: value })} />
            <SelectField
              label="Asset"
              value={asset}
              options={assets.map((value) => ({ value, label: value }))}
              onChange={(value) => set({ asset: value })}
            />
          </Columns>
          <Editor
            key={`${meter.key} ${scope.whom} ${asset}`}
            price={firstOf({ meter, plan, customer, asset, version: versions[0]?.version ?? 0 })}
            meter={meter}
            newest={versions[0]?.version ?? 0}
          />
        </div>
      )}
    </Drawer>
  );
}

type Scope = Pick<Price, 'plan' | 'customer' | 'asset' | 'version'> & Readonly<{ meter: Meter }>;

/** A price of nothing, to be written over. */
function firstOf({ meter, ...scope }: Scope): Price {
  const unit = (10n ** BigInt(meter.scale)).toString();
  return {
    ...scope,
    id: `new price of ${meter.key}`,
    meter: meter.key,
    chargedIn: null,
    model: { kind: 'per-unit', rate: { amountMinor: '0', perUnits: unit } },
    rounding: 'half-even',
    minimumMinor: '0',
    effectiveFromMs: 0,
    createdMs: 0,
    createdBy: '-',
  };
}

type Terms = Readonly<{ rounding: Price['rounding']; from: string }>;

/** An instant of UTC as a field has it, or null where it is none. */
const instantOf = (typed: string): number | null => {
  const at = Date.parse(`${typed}:00Z`);
  return Number.isNaN(at) ? null : at;
};

type EditorProps = Readonly<{ price: Price; meter: Meter; newest: number }>;

function Editor({ price, meter, newest }: EditorProps) {
  const [draft, setDraft] = useState(() => draftOf(price, meter));
  const [terms, setTerms] = useState<Terms>({ rounding: price.rounding, from: '' });
  const read = readDraft(draft, price.asset, meter);
  const problems: Problems = 'problems' in read ? read.problems : {};
  const model = 'model' in read ? read.model : null;
  const set = (next: Partial<PriceDraft>): void => setDraft((before) => ({ ...before, ...next }));
  return (
    <div className={css['stack']}>
      <Fields draft={draft} set={set} problems={problems} meter={meter} asset={price.asset} />
      {model && <PriceExample model={model} meter={meter} price={price} rounding={terms.rounding} />}
      <Publish
        {...{ price, meter, model, terms, newest }}
        minimumMinor={'minimumMinor' in read ? read.minimumMinor : '0'}
        onTerms={(next) => setTerms((before) => ({ ...before, ...next }))}
      />
      {model && 'minimumMinor' in read && (
        <WhatIfPanel
          price={{
            ...price,
            id: `draft of ${price.id}`,
            model,
            rounding: terms.rounding,
            minimumMinor: read.minimumMinor,
          }}
          isDraft
        />
      )}
    </div>
  );
}

type FieldsProps = Readonly<{
  draft: PriceDraft;
  set: (next: Partial<PriceDraft>) => void;
  problems: Problems;
  meter: Meter;
  asset: string;
}>;

function Fields({ draft, set, problems, meter, asset }: FieldsProps) {
  const symbol = asset.split('/')[0] ?? asset;
  const isTiered = draft.kind === 'graduated' || draft.kind === 'volume';
  const text = (name: 'amount' | 'per' | 'quota' | 'minimum', label: string, hint?: string) => (
    <TextField
      label={label}
      {...(hint === undefined ? {} : { hint })}
      inputMode="decimal"
      autoComplete="off"
      value={draft[name]}
      onChange={(value) => set({ [name]: value })}
      problem={draft[name] === '' ? undefined : problems[name]}
    />
  );
  return (
    <Panel title="Price" padded>
      <div className={css['stack']}>
        <Columns>
          <SelectField
            label="Charged"
            value={draft.kind}
            options={KINDS.map((value) => ({ value, label: KIND_WORDS[value] }))}
            onChange={(value) => set({ kind: KINDS.find((kind) => kind === value) ?? 'per-unit' })}
          />
          {draft.kind === 'quota' && text('quota', 'Included a month', 'Empty: all of it, without an end.')}
          {!isTiered && text('amount', `Amount, ${symbol}`)}
          {text('per', `${draft.kind === 'package' ? 'A package is' : 'For so many'}, ${plural(meter.unit)}`)}
          {text('minimum', `Least a month, ${symbol}`)}
        </Columns>
        {isTiered && (
          <TierRows tiers={draft.tiers} onChange={(tiers) => set({ tiers })} {...{ problems, meter, symbol }} />
        )}
      </div>
    </Panel>
  );
}

type PublishProps = Readonly<{
  price: Price;
  meter: Meter;
  model: WireModel | null;
  minimumMinor: string;
  terms: Terms;
  newest: number;
  onTerms: (next: Partial<Terms>) => void;
}>;

function Publish({ price, meter, model, minimumMinor, terms, newest, onTerms }: PublishProps) {
  const [key] = useState(() => `price-${crypto.randomUUID()}`);
  const names = useCustomerNames();
  const queries = useQueryClient();
  const navigate = route.useNavigate();
  const publish = useMutation(
    orpc.prices.publish.mutationOptions({
      onSuccess: async (made) => {
        await queries.invalidateQueries({ queryKey: orpc.prices.key() });
        announce(`Version ${made.version} of ${made.meter} is published`);
        void navigate({ to: '/tiers/prices/$price', params: { price: made.id }, search: (all) => all });
      },
    }),
  );
  const { rounding, from } = terms;
  const fromMs = from === '' ? undefined : instantOf(from);
  const submit = (): void => {
    if (model === null || fromMs === null) return;
    const { asset, chargedIn, plan, customer } = price;
    const scope = { meter: meter.key, plan, customer, asset, chargedIn };
    publish.mutate({
      key,
      ...scope,
      model,
      rounding,
      minimumMinor,
      ...(fromMs === undefined ? {} : { effectiveFromMs: fromMs }),
    });
  };
  const words = model === null ? null : modelText(modelOf(model), assetOf(price.asset), meter);
  return (
    <Panel title="Publish" padded>
      <Form onSubmit={submit}>
        <Columns>
          <TextField
            label="In force from (UTC)"
            type="datetime-local"
            hint="Empty: at once."
            value={from}
            onChange={(value) => onTerms({ from: value })}
            problem={fromMs === null ? 'Choose a day and a time.' : undefined}
          />
          <SelectField
            label="Rounding"
            hint="Once, of what a month comes to."
            value={rounding}
            options={ROUNDINGS.map((value) => ({ value, label: value }))}
            onChange={(value) => onTerms({ rounding: ROUNDINGS.find((one) => one === value) ?? rounding })}
          />
        </Columns>
        <Note>
          {words === null
            ? 'Write the price above; what it comes to shows here.'
            : `${whose(price, names)}: ${words}. What was rated before keeps the price it had.`}
        </Note>
        {newest > price.version && <Meanwhile version={newest} />}
        {publish.error && (
          <ErrorBox error={publish.error} money="No price was published, or trying again finds it: it carries a key." />
        )}
        <Actions end>
          <Button kind="primary" submit busy={publish.isPending} disabled={model === null || fromMs === null}>
            Publish version {newest + 1}
          </Button>
        </Actions>
      </Form>
    </Panel>
  );
}

function Meanwhile({ version }: { version: number }) {
  return (
    <Note>
      Version {version} was published while this was written. Publishing this as version {version + 1} replaces it from
      when this one is in force.
    </Note>
  );
}
