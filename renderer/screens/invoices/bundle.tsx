/** A bundle that came for review: is everything it says true, and what does the reviewer say? */
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { amountLine } from '../../lib/money.ts';
import { useZone } from '../../lib/preferences.ts';
import { orpc } from '../../lib/rpc.ts';
import type { OpenedBundle } from '../../lib/shapes.ts';
import { periodText } from '../../lib/time.ts';
import { Amount } from '../../ui/amount.tsx';
import { TextField, buttonClass } from '../../ui/controls.tsx';
import { Id, Status, Time } from '../../ui/marks.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Facts, Page, Panel } from '../../ui/surface.tsx';
import { ChooseFile } from './choose-file.tsx';
import { Decide } from './decide.tsx';
import css from './review.module.css';

type Notes = Readonly<Record<string, string>>;

export function BundleScreen() {
  const [text, setText] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [notes, setNotes] = useState<Notes>({});
  const opened = useMutation(orpc.reviews.open.mutationOptions());
  const choose = (bundle: string): void => {
    setText(bundle);
    setProblem(undefined);
    setNotes({});
    opened.mutate({ bundle });
  };
  const chooser = (
    <ChooseFile
      accept=".tollbundle"
      label="Bundle file"
      kind={opened.data ? undefined : 'primary'}
      busy={opened.isPending}
      onText={choose}
      onProblem={(why) => {
        opened.reset();
        setProblem(why);
      }}
    >
      {opened.data ? 'Open another bundle' : 'Open a bundle'}
    </ChooseFile>
  );
  return (
    <Page
      title={opened.data?.header ? `Review of ${opened.data.header.number}` : 'Review a bundle'}
      scrolls
      actions={
        <>
          <Link to="/invoices" className={buttonClass()}>
            All invoices
          </Link>
          {opened.data && chooser}
        </>
      }
    >
      {opened.isPending && <Loading label="Proving the bundle" rows={6} />}
      {opened.error && (
        <ErrorBox
          error={opened.error}
          money="Nothing was charged or changed."
          retry={text === undefined ? undefined : () => choose(text)}
        />
      )}
      {problem !== undefined && (
        <Panel label="Not a bundle">
          <Empty title="This file is not what was signed" action={chooser}>
            {problem}
          </Empty>
        </Panel>
      )}
      {opened.isIdle && problem === undefined && <NothingOpen>{chooser}</NothingOpen>}
      {opened.data && text !== undefined && (
        <Opened opened={opened.data} text={text} notes={notes} onNotes={setNotes} />
      )}
    </Page>
  );
}

function NothingOpen({ children }: { children: ReactNode }) {
  return (
    <Panel label="No bundle is open">
      <Empty
        title="Prove an invoice that somebody sent you"
        action={children}
        command="npx tollkeeper review verify FILE.tollbundle"
      >
        Every hash, sum and amount of a .tollbundle file is computed again here. No network is used, and nothing of it
        is kept.
      </Empty>
    </Panel>
  );
}

type OpenedProps = Readonly<{ opened: OpenedBundle; text: string; notes: Notes; onNotes: (notes: Notes) => void }>;

function Opened({ opened, text, notes, onNotes }: OpenedProps) {
  const { invoice, lines, checks } = opened;
  return (
    <>
      <Outcome opened={opened} />
      <div className={css['grow']}>
        {invoice && (
          <Panel title="Lines">
            {lines.map(({ line, checks: own }) => (
              <section key={line.id} className={css['line']} aria-label={line.description}>
                <div className={css['lineHead']}>
                  <h3>{line.description}</h3>
                  <Amount minor={line.amountMinor} asset={invoice.asset} strong />
                </div>
                <Checks checks={own} />
                <TextField
                  label={`Note on ${line.description}`}
                  maxLength={2_000}
                  value={notes[line.id] ?? ''}
                  onChange={(note) => onNotes({ ...notes, [line.id]: note })}
                />
              </section>
            ))}
          </Panel>
        )}
        <div className={css['side']}>
          <About opened={opened} />
          {invoice && <Decide opened={opened} text={text} notes={notes} />}
          {checks.length > 0 && (
            <Panel title="Computed again" padded>
              <Checks checks={checks} />
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}

function Outcome({ opened }: { opened: OpenedBundle }) {
  const { agrees, complaints, counts, ours } = opened;
  const many = complaints.length === 1 ? '1 thing does not agree' : `${complaints.length} things do not agree`;
  return (
    <Panel label="Outcome">
      <div className={css['outcome']} role="status">
        {agrees ? (
          <Status tone="good" shape="check">
            Everything agrees
          </Status>
        ) : (
          <Status tone="danger" shape="cross">
            {many}
          </Status>
        )}
        <span className={css['muted']}>
          {counts.events} events, {counts.transactions} transactions and {counts.blocks} blocks hashed again just now
          {ours ? '; these books exported this file' : ''}
        </span>
      </div>
      {complaints.length > 0 && (
        <ul className={css['complaints']}>
          {complaints.slice(0, 50).map(({ line, what, detail }) => (
            <li key={`${line} ${what} ${detail}`}>
              <b>{line === 0 ? what : `Line ${line}, ${what}`}:</b> {detail}
            </li>
          ))}
          {complaints.length > 50 && <li>and {complaints.length - 50} more.</li>}
        </ul>
      )}
    </Panel>
  );
}

const MARKS = { true: ['✓', 'agrees', 'good'], false: ['✗', 'does not agree', 'danger'], null: ['·', 'not shown', ''] };

function Checks({ checks }: { checks: OpenedBundle['checks'] }) {
  return (
    <ul className={css['checks']}>
      {checks.map(({ title, text, arithmetic, ok }) => {
        const [mark, words, tone] = MARKS[`${ok}`];
        return (
          <li key={title} className={css['check']}>
            <span data-tone={tone} role="img" aria-label={words}>
              {mark}
            </span>
            <span>
              <b>{title}</b> <span className={css['muted']}>{text}</span>
            </span>
            {arithmetic !== null && <code>{arithmetic}</code>}
          </li>
        );
      })}
    </ul>
  );
}

function About({ opened: { header, invoice, sha256 } }: { opened: OpenedBundle }) {
  const zone = useZone();
  if (!header) return null;
  return (
    <Panel title="Invoice" padded>
      <Facts
        left
        rows={[
          ...(invoice
            ? ([
                ['From', invoice.issuer],
                ['For', invoice.customerName],
                ['Period', periodText(invoice.periodStartMs, invoice.periodEndMs, zone)],
                ['Total', amountLine(BigInt(invoice.totalMinor), invoice.asset)],
                ['Paid from credit', amountLine(BigInt(invoice.paidFromCreditMinor), invoice.asset)],
                ['To pay', amountLine(BigInt(invoice.dueMinor), invoice.asset)],
              ] as const)
            : []),
          ['Exported by', header.by.name],
          ['Exported', <Time key="exported" ms={header.exportedMs} absolute />],
          ['Signed with', <Id key="key" id={header.by.key} label="public key" />],
          ['SHA-256', <Id key="sha" id={sha256} label="SHA-256 of the file" />],
        ]}
      />
    </Panel>
  );
}
