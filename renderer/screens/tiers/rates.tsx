/** Rates between assets: what was seen, by whom, and until when it counts. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { divide, formatMinor, isAsset, scaleOf, symbolOf } from '#core/domain/money.ts';
import { listOf, paging } from '../../lib/lists.ts';
import { assetOf, groupDecimal } from '../../lib/money.ts';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Rate } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, TextField } from '../../ui/controls.tsx';
import { Status, Time } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Actions, Columns, Form, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';

/** What one whole unit is worth, to the last minor unit of the other asset. */
function worth({ from, to, numerator, denominator }: Rate): string {
  const [one, other] = [assetOf(from), assetOf(to)];
  const minor = divide(10n ** BigInt(scaleOf(one)) * BigInt(numerator), BigInt(denominator), 'half-even');
  return `${groupDecimal(formatMinor(minor, scaleOf(other)))} ${symbolOf(other)}`;
}

const columnsAt = (nowMs: number): Column<Rate>[] => [
  {
    id: 'pair',
    title: 'One',
    text: (row) => symbolOf(assetOf(row.from)),
    cell: (row) => <b>{symbolOf(assetOf(row.from))}</b>,
  },
  { id: 'worth', title: 'Is worth', end: true, text: worth, cell: worth },
  { id: 'source', title: 'Says', text: (row) => row.source, cell: (row) => row.source },
  { id: 'seen', title: 'Seen', text: (row) => isoTime(row.observedMs), cell: (row) => <Time ms={row.observedMs} /> },
  {
    id: 'until',
    title: 'Counts until',
    text: (row) => isoTime(row.untilMs),
    cell: (row) =>
      row.untilMs > nowMs ? (
        <Status tone="good" shape="check">
          Counts now
        </Status>
      ) : (
        <Time ms={row.untilMs} />
      ),
  },
];

export function Rates({ chips }: { chips: ReactNode }) {
  const query = useInfiniteQuery(
    orpc.rates.list.infiniteOptions({ ...paging, input: (cursor: string | undefined) => ({ limit: 100, cursor }) }),
  );
  const may = useMay('prices:write');
  const second = Math.floor(useNow() / 1000);
  const [recording, setRecording] = useState(false);
  const columns = useMemo(() => columnsAt(second * 1000), [second]);
  return (
    <Panel label="Rates">
      <Table
        name="rates"
        {...listOf(query)}
        columns={columns}
        rowKey={(row) => row.id}
        tools={
          <>
            {chips}
            {may && (
              <Button kind="primary" size="small" onClick={() => setRecording(true)}>
                Record a rate
              </Button>
            )}
          </>
        }
        empty={
          <Empty
            title="No rate yet"
            command="npx tollkeeper rates record --key first --from USD/2 --to SOL/9 --rate 0.0065 --source desk"
          >
            A price may be stated in one asset and charged in another, by the rate of the moment usage happened. Without
            a rate such usage waits unrated; nothing is guessed.
          </Empty>
        }
      />
      {recording && <RateForm onClose={() => setRecording(false)} />}
    </Panel>
  );
}

function RateForm({ onClose }: { onClose: () => void }) {
  const [key] = useState(() => `rate-${crypto.randomUUID()}`);
  const [form, setForm] = useState({ from: 'USD/2', to: 'SOL/9', rate: '', source: '' });
  const set = (name: keyof typeof form) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const queries = useQueryClient();
  const record = useMutation(
    orpc.rates.record.mutationOptions({
      onSuccess: (made) => {
        announce(`One ${symbolOf(assetOf(made.from))} is worth ${worth(made)} from now on`);
        void queries.invalidateQueries({ queryKey: orpc.rates.key() });
        onClose();
      },
    }),
  );
  const assetProblem = (text: string): string | undefined =>
    isAsset(text) ? undefined : 'Write the asset with its decimals, as USD/2.';
  const isRate = /^\d{1,20}(\.\d{1,20})?$/.test(form.rate);
  const isReady = isRate && isAsset(form.from) && isAsset(form.to) && form.source.trim() !== '';
  return (
    <Dialog open onClose={onClose} title="Record a rate">
      <Form onSubmit={() => isReady && record.mutate({ key, ...form, source: form.source.trim() })}>
        <Columns>
          <TextField label="One whole" value={form.from} onChange={set('from')} problem={assetProblem(form.from)} />
          <TextField
            label="Is worth"
            inputMode="decimal"
            autoComplete="off"
            value={form.rate}
            onChange={set('rate')}
            problem={form.rate !== '' && !isRate ? 'Write a plain decimal such as 0.0065.' : undefined}
          />
          <TextField label="In" value={form.to} onChange={set('to')} problem={assetProblem(form.to)} />
          <TextField
            label="Who says so"
            value={form.source}
            onChange={set('source')}
            maxLength={120}
            autoComplete="off"
          />
        </Columns>
        <Note>
          Usage from now on is charged by it, until the next rate or until it is too old. It cannot be taken back.
        </Note>
        {record.error && <ErrorBox error={record.error} money="No rate was recorded; the last one still counts." />}
        <Actions end>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" submit busy={record.isPending} disabled={!isReady}>
            Record
          </Button>
        </Actions>
      </Form>
    </Dialog>
  );
}
