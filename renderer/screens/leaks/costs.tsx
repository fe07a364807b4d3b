/** What a unit of each meter costs the operator: entered here, compared by the search, and pricing nothing. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { orpc } from '../../lib/rpc.ts';
import type { Outputs } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Meter } from '../../lib/shapes.ts';
import { plainAmount } from '../../lib/money.ts';
import { formatMinor } from '#core/domain/money.ts';
import { Amount } from '../../ui/amount.tsx';
import { amountCell, byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Actions, Columns, Form, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';
import { costWords, readCost } from './cost-draft.ts';
import css from './leaks.module.css';

type Cost = Outputs['costs']['list']['items'][number];
type Row = Readonly<{ cost: Cost; meter: Meter | undefined }>;
type Ways = Readonly<{ change: (row: Row) => void; remove: (row: Row) => void }>;

const counted = (meter: Meter | undefined) => meter ?? { scale: 0, unit: 'unit' };

function columnsFor(ways: Ways | null): Column<Row>[] {
  const columns: Column<Row>[] = [
    {
      id: 'meter',
      title: 'Meter',
      sort: byText((row) => row.cost.meter),
      text: (row) => row.cost.meter,
      cell: (row) => <code>{row.cost.meter}</code>,
    },
    {
      id: 'cost',
      title: 'Costs you',
      width: '200px',
      end: true,
      text: (row) => amountCell(row.cost.amountMinor, row.cost.asset),
      cell: (row) => <Amount minor={row.cost.amountMinor} asset={row.cost.asset} precision="trimmed" />,
    },
    {
      id: 'per',
      title: 'Each',
      width: '220px',
      text: (row) => costWords(row.cost, counted(row.meter)),
      cell: (row) => costWords(row.cost, counted(row.meter)),
    },
  ];
  if (ways) {
    columns.push({
      id: 'act',
      title: '',
      end: true,
      width: '180px',
      text: () => '',
      cell: (row) => (
        <span className={css['acts']}>
          <Button size="small" onClick={() => ways.change(row)} aria-label={`Change the cost of ${row.cost.meter}`}>
            Change
          </Button>
          <Button size="small" onClick={() => ways.remove(row)} aria-label={`Forget the cost of ${row.cost.meter}`}>
            Forget
          </Button>
        </span>
      ),
    });
  }
  return columns;
}

export function Costs() {
  const mayRead = useMay('prices:read');
  const may = useMay('prices:write');
  const queries = useQueryClient();
  const [form, setForm] = useState<{ cost: Cost | null } | null>(null);
  const query = useQuery(orpc.costs.list.queryOptions({ input: {}, enabled: mayRead }));
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {}, enabled: mayRead }));
  const { mutate: forget } = useMutation(
    orpc.costs.remove.mutationOptions({
      onSuccess: () => {
        announce('The unit cost is forgotten');
        void queries.invalidateQueries({ queryKey: orpc.costs.key() });
      },
      onError: () => announce('It could not be forgotten. Nothing was changed.'),
    }),
  );
  const columns = useMemo(
    () =>
      columnsFor(
        may ? { change: ({ cost }) => setForm({ cost }), remove: ({ cost }) => forget({ meter: cost.meter }) } : null,
      ),
    [may, forget],
  );
  const rows = useMemo(() => {
    const byKey = new Map((meters.data?.items ?? []).map((meter) => [meter.key, meter]));
    return query.data?.items.map((cost) => ({ cost, meter: byKey.get(cost.meter) }));
  }, [query.data, meters.data]);
  return (
    <Panel
      title="Unit costs"
      aside={
        may && (
          <Button size="small" onClick={() => setForm({ cost: null })}>
            Enter a unit cost
          </Button>
        )
      }
    >
      {mayRead ? (
        <Table<Row>
          name="unit costs"
          rows={rows}
          error={query.data ? null : query.error}
          retry={() => void query.refetch()}
          columns={columns}
          rowKey={(row) => row.cost.meter}
          fixed
          bare
          empty={
            <Empty
              title="No unit cost is entered"
              command="npx tollkeeper costs set --meter api.requests --asset USDC/6 --amount-minor 400 --per-units 1000"
            >
              Say what a unit of a meter costs you, and the search finds customers who cost more than they bring in. It
              prices nothing.
            </Empty>
          }
        />
      ) : (
        <Empty title="Your role does not read prices">Unit costs are shown to who may.</Empty>
      )}
      {form && <CostForm cost={form.cost} meters={meters.data?.items ?? []} onClose={() => setForm(null)} />}
    </Panel>
  );
}

type FormProps = Readonly<{ cost: Cost | null; meters: readonly Meter[]; onClose: () => void }>;

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

function CostForm({ cost, meters, onClose }: FormProps) {
  const [form, setForm] = useState(() => {
    const meter = cost?.meter ?? meters[0]?.key ?? '';
    const scale = meters.find(({ key }) => key === meter)?.scale ?? 0;
    return {
      meter,
      asset: cost?.asset ?? 'USDC/6',
      amount: cost ? trimmed(plainAmount(BigInt(cost.amountMinor), cost.asset)) : '',
      per: cost ? trimmed(formatMinor(BigInt(cost.perUnits), scale)) : '1000',
    };
  });
  const set = (name: keyof typeof form) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const plans = useQuery(orpc.plans.list.queryOptions({ input: {} }));
  const assets = [...new Set([form.asset, 'USDC/6', 'USD/2', ...(plans.data?.items ?? []).map((plan) => plan.asset)])];
  const queries = useQueryClient();
  const save = useMutation(
    orpc.costs.set.mutationOptions({
      onSuccess: ({ meter }) => {
        announce(`What ${meter} costs is kept; look again to compare`);
        void queries.invalidateQueries({ queryKey: orpc.costs.key() });
        onClose();
      },
    }),
  );
  const meter = meters.find(({ key }) => key === form.meter);
  const read = readCost(form, counted(meter));
  const submit = (): void => {
    if ('amountMinor' in read && form.meter !== '') {
      save.mutate({ meter: form.meter, asset: form.asset as Cost['asset'], ...read });
    }
  };
  return (
    <Dialog open onClose={onClose} title={cost ? `What ${cost.meter} costs` : 'Enter a unit cost'}>
      <Form onSubmit={submit}>
        <Fields form={form} set={set} cost={cost} meters={meters} assets={assets} read={read} />
        <Note>It prices nothing and no invoice changes. The search compares with it.</Note>
        {save.error && <ErrorBox error={save.error} money="No unit cost was changed." />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={save.isPending} disabled={'problem' in read || form.meter === ''}>
            Keep it
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}

type FieldsProps = Readonly<{
  form: { meter: string; asset: string; amount: string; per: string };
  set: (name: keyof FieldsProps['form']) => (value: string) => void;
  cost: Cost | null;
  meters: readonly Meter[];
  assets: readonly string[];
  read: ReturnType<typeof readCost>;
}>;

function Fields({ form, set, cost, meters, assets, read }: FieldsProps) {
  const meter = meters.find(({ key }) => key === form.meter);
  return (
    <Columns>
      {cost ? null : (
        <SelectField
          label="Meter"
          value={form.meter}
          onChange={set('meter')}
          options={meters.map(({ key }) => ({ value: key, label: key }))}
        />
      )}
      <SelectField
        label="Asset"
        value={form.asset}
        onChange={set('asset')}
        options={assets.map((value) => ({ value, label: value }))}
      />
      <TextField
        label="Costs you"
        inputMode="decimal"
        autoComplete="off"
        value={form.amount}
        onChange={set('amount')}
        problem={form.amount !== '' && 'problem' in read ? read.problem : undefined}
      />
      <TextField
        label="For so many"
        hint={meter ? `${meter.unit === '' ? 'unit' : meter.unit}s of ${meter.key}` : 'units'}
        inputMode="decimal"
        autoComplete="off"
        value={form.per}
        onChange={set('per')}
      />
    </Columns>
  );
}
