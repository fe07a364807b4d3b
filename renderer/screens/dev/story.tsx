/** Every component in every state, on one page, to be looked at. */
import { useState } from 'react';
import type { ReactNode } from 'react';
import { ConnectionLostError } from '../../lib/link.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { Legend, StackedBars } from '../../ui/chart.tsx';
import type { Column } from '../../ui/columns.ts';
import {
  Button,
  Checks,
  Chips,
  MenuButton,
  MenuItem,
  SelectField,
  TabBar,
  TextField,
  Toggle,
} from '../../ui/controls.tsx';
import { Bar, BarRow, Command, Id, Kbd, Pill, Status, Time } from '../../ui/marks.tsx';
import { Dialog } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Job, Loading } from '../../ui/states.tsx';
import { Facts, Note, Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { announce } from '../../ui/toast.tsx';
import css from './story.module.css';

const NOTHING = (): void => undefined;
const NOW = Date.now();
const LOST = new ConnectionLostError();

export function StoryPage() {
  return (
    <Page title="Components" sub="every one in every state" scrolls>
      <div className={css['grid']}>
        <Figures />
        <Marks />
        <Buttons />
        <Fields />
        <States />
        <Tables />
      </div>
      <Bars />
    </Page>
  );
}

function Row({ children }: { children: ReactNode }) {
  return <div className={css['row']}>{children}</div>;
}

function Figures() {
  return (
    <Panel title="Amount" padded>
      <Facts
        rows={[
          ['Full', <Amount key="a" minor="48210440000" asset="USDC/6" />],
          ['Negative', <Amount key="b" minor="-12400000" asset="USDC/6" />],
          ['Signed', <Amount key="c" minor="12400000" asset="USDC/6" signed />],
          ['Shortened', <Amount key="d" minor="91204412000000000123" asset="0G/18" precision="short" />],
          ['Short and exact', <Amount key="e" minor="91204400000000000000" asset="0G/18" precision="short" />],
          ['The longest', <Amount key="f" minor="340282366920938463463374607431768211455" asset="0G/18" />],
          ['No decimals', <Amount key="g" minor="1204550" asset="CREDIT/0" />],
          ['Zero', <Amount key="h" minor="0" asset="USDC/6" />],
          ['Copied by a click', <Amount key="i" minor="62400000" asset="USDC/6" precision="trimmed" copyable strong />],
          ['None', <Dash key="j" />],
        ]}
      />
    </Panel>
  );
}

function Marks() {
  return (
    <Panel title="Marks" padded>
      <div className={css['stack']}>
        <Row>
          <Status tone="good" shape="check">
            Finalized
          </Status>
          <Status tone="attention" shape="triangle">
            Unrated
          </Status>
          <Status tone="danger" shape="square">
            Overdue 6 d
          </Status>
          <Status tone="info" shape="dot">
            Sent
          </Status>
          <Status tone="quiet" shape="ring">
            Draft
          </Status>
          <Status tone="quiet" shape="half">
            Being rated
          </Status>
          <Status tone="quiet" shape="cross">
            Voided
          </Status>
        </Row>
        <Row>
          <Pill>startup</Pill>
          <Pill tone="attention">Sample data</Pill>
          <Kbd>Ctrl K</Kbd>
          <Kbd>Esc</Kbd>
        </Row>
        <Row>
          <Id id="cus_01k4h8s2m9q7x3" label="customer id" />
          <Id id="7hQeV9xP2mKd4sTzFgAa1nLwRb8cYuJp3oEi6u2Kd" label="address" />
          <Id id="short" label="id" />
        </Row>
        <Row>
          <Time ms={NOW - 4_000} />
          <Time ms={NOW - 7_400_000} />
          <Time ms={NOW + 86_400_000} />
          <Time ms={1_600_000_000_000} />
        </Row>
        <Row>
          <BarRow>
            <Bar perMille={100} tone="danger" label="10 per cent" />
            2.3
          </BarRow>
          <BarRow>
            <Bar perMille={300} tone="attention" label="30 per cent" />
            5.9
          </BarRow>
          <BarRow>
            <Bar perMille={600} label="60 per cent" />
            14
          </BarRow>
          <BarRow>
            <Bar perMille={800} overPerMille={200} label="quota used, 25 per cent above" />
            over
          </BarRow>
        </Row>
        <Command text={'npx tollkeeper customers create --name "Halden Labs"'} />
      </div>
    </Panel>
  );
}

function Buttons() {
  const [asked, setAsked] = useState(false);
  const [tab, setTab] = useState<'one' | 'two'>('one');
  const [chip, setChip] = useState<'draft' | undefined>(undefined);
  return (
    <Panel title="Buttons, tabs, dialogs" padded>
      <div className={css['stack']}>
        <Row>
          <Button kind="primary">Finalize · 62.40 USDC</Button>
          <Button>Cancel</Button>
          <Button kind="danger">Revoke key now</Button>
          <Button kind="plain">Copy details</Button>
        </Row>
        <Row>
          <Button disabled>Not allowed</Button>
          <Button kind="primary" busy>
            Granting…
          </Button>
          <Button size="small">Small</Button>
        </Row>
        <Row>
          <MenuButton label="A menu" trigger="Menu">
            <MenuItem onSelect={NOTHING}>First</MenuItem>
            <MenuItem onSelect={NOTHING}>Second</MenuItem>
          </MenuButton>
          <Button onClick={() => setAsked(true)}>Open a dialog</Button>
          <Button onClick={() => announce('Granted 25.00 USDC')}>Show a notice</Button>
        </Row>
        <TabBar
          label="Tabs"
          panelId="story-tab"
          current={tab}
          onChange={setTab}
          tabs={[
            { id: 'one', title: 'Balances' },
            { id: 'two', title: 'Ledger' },
          ]}
        />
        <div id="story-tab" role="tabpanel" aria-label="Chosen tab">
          {tab}
        </div>
        <Chips
          label="Chips"
          value={chip}
          onChange={setChip}
          options={[
            { value: undefined, label: 'All' },
            { value: 'draft', label: 'Drafts' },
          ]}
        />
        <Dialog open={asked} onClose={() => setAsked(false)} title="A question">
          <p>Something that needs an answer first.</p>
          <Button onClick={() => setAsked(false)}>Close</Button>
        </Dialog>
      </div>
    </Panel>
  );
}

function Fields() {
  const [on, setOn] = useState(true);
  const [chosen, setChosen] = useState<readonly string[]>(['usage:write']);
  return (
    <Panel title="Fields" padded>
      <div className={css['stack']}>
        <TextField label="Name" value="Halden Labs" onChange={NOTHING} hint="As on its invoices." />
        <TextField
          label="Amount"
          value="12.3456789"
          onChange={NOTHING}
          problem="This asset has 6 decimals; nothing smaller can be booked."
        />
        <SelectField label="Plan" value="a" onChange={NOTHING} options={[{ value: 'a', label: 'Startup' }]} />
        <Checks legend="May" options={['usage:write', 'gate:write']} chosen={chosen} onChange={setChosen} />
        <Row>
          <Toggle label="Live traffic" on={on} onChange={setOn} />
          <Toggle label="Not allowed" on={false} disabled onChange={NOTHING} />
        </Row>
      </div>
    </Panel>
  );
}

function States() {
  return (
    <Panel title="Nothing, failed, waiting, working">
      <Empty
        title="No customers yet"
        command="npx tollkeeper customers create --name NAME"
        action={<Button kind="primary">New customer</Button>}
      >
        Each customer appears here with what it may still spend.
      </Empty>
      <ErrorBox error={LOST} money="Nothing was charged." retry={NOTHING} />
      <Loading label="Reading" />
      <Job
        label="Checking balances"
        perMille={420}
        detail="201 000 of 482 907 rows · 91 000 a second · 3 s left"
        onCancel={NOTHING}
      />
      <Note>Accepted and durable. It is rated as soon as its turn comes.</Note>
    </Panel>
  );
}

type Sample = Readonly<{ id: string; name: string; minor: string }>;
const ROWS: readonly Sample[] = [
  { id: 'a', name: 'Halden Labs', minor: '62400000' },
  { id: 'b', name: '=HYPERLINK("a")', minor: '-1' },
];
const COLUMNS: readonly Column<Sample>[] = [
  {
    id: 'name',
    title: 'Customer',
    sort: (a, b) => a.name.localeCompare(b.name),
    cell: (row) => row.name,
    text: (row) => row.name,
  },
  {
    id: 'amount',
    title: 'Amount',
    end: true,
    cell: (row) => <Amount minor={row.minor} asset="USDC/6" />,
    text: (row) => row.minor,
  },
];
const LONG: readonly Sample[] = Array.from({ length: 2_000 }, (_, index) => ({
  id: String(index),
  name: `Row ${index + 1}`,
  minor: String(index * 7_919),
}));

function Tables() {
  return (
    <Panel title="Tables">
      <Table
        name="a short table"
        rows={ROWS}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onOpen={NOTHING}
        selected="a"
        empty={null}
        totals={{ name: 'Total', amount: <Amount minor="62399999" asset="USDC/6" /> }}
      />
      <Table name="a long table" rows={LONG} columns={COLUMNS} rowKey={(row) => row.id} empty={null} maxHeight={180} />
      <Table
        name="an empty table"
        rows={[]}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        bare
        empty={<Empty title="Nothing here">What will be shown.</Empty>}
      />
      <Table
        name="a failed table"
        rows={undefined}
        error={LOST}
        columns={COLUMNS}
        rowKey={(row) => row.id}
        bare
        empty={null}
      />
    </Panel>
  );
}

const METERS = ['api.calls', 'llm.tokens', 'sandbox.cpu'];
const DAYS = Array.from({ length: 14 }, (_, day) => ({
  dayMs: Date.UTC(2026, 10, 1 + day),
  parts: METERS.map((name, index) => ({ name, value: String(1_000 * (index + 1) + ((day * 577) % 900)) })),
}));

function Bars() {
  return (
    <Panel title="Chart" padded aside={<Legend names={METERS} />}>
      <StackedBars label="Events per day" unit="events" days={DAYS} names={METERS} partialLast />
    </Panel>
  );
}
