/** Finds screens, customers, invoices and events from one field, and goes there. */
import { Dialog } from '@base-ui/react/dialog';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { orpc } from '../lib/rpc.ts';
import css from './app.module.css';
import { SCREENS } from './screens.ts';

type Hit = Readonly<{ key: string; title: string; note: string; href: string }>;

const MOST = 8;

function screenHits(words: string): Hit[] {
  return SCREENS.filter((screen) => screen.title.toLowerCase().includes(words.toLowerCase())).map((screen) => ({
    key: screen.to,
    title: screen.title,
    note: `screen · g ${screen.key}`,
    href: screen.to,
  }));
}

/**
 * Customers by name, the invoice of exactly this number or id, and the event of exactly this id under a known source.
 */
function useHits(words: string, open: boolean): Hit[] {
  const typed = words.trim();
  const long = open && typed.length >= 2;
  const customers = useQuery(
    orpc.customers.list.queryOptions({
      input: { search: typed, limit: MOST },
      enabled: long,
      placeholderData: keepPreviousData,
    }),
  );
  const invoices = useQuery(
    orpc.invoices.list.queryOptions({ input: { limit: 200 }, enabled: open, staleTime: 30_000 }),
  );
  const event = useQuery(
    orpc.invoices.explain.queryOptions({
      input: { id: typed, limit: 1 },
      enabled: long && typed.length >= 6,
      retry: false,
    }),
  );
  const recent = useQuery(orpc.usage.list.queryOptions({ input: { limit: 200 }, enabled: long, staleTime: 10_000 }));
  if (typed === '') return screenHits('');
  const lower = typed.toLowerCase();
  const found: Hit[] = (long ? (customers.data?.items ?? []) : []).map(({ customer }) => ({
    key: customer.id,
    title: customer.name,
    note: `customer · ${customer.externalId ?? customer.id}`,
    href: `/customers/${customer.id}`,
  }));
  const billed = (invoices.data?.items ?? [])
    .filter((invoice) =>
      [invoice.number, invoice.id, invoice.customerName].some((text) => text?.toLowerCase().includes(lower)),
    )
    .slice(0, MOST)
    .map((invoice) => ({
      key: invoice.id,
      title: invoice.number ?? 'Draft',
      note: `invoice · ${invoice.customerName} · ${invoice.state}`,
      href: `/invoices/${invoice.id}`,
    }));
  const events = (recent.data?.items ?? [])
    .filter((candidate) => candidate.id.toLowerCase().includes(lower))
    .slice(0, MOST)
    .map((candidate) => ({
      key: `${candidate.source} ${candidate.id}`,
      title: candidate.id,
      note: `event · ${candidate.source}`,
      href: `/explain/event/${encodeURIComponent(candidate.source)}/${encodeURIComponent(candidate.id)}`,
    }));
  const exact =
    event.data?.invoice && events.length === 0 && billed.length === 0
      ? [
          {
            key: 'exact',
            title: event.data.subject.title,
            note: 'explained',
            href: `/invoices/${event.data.invoice.id}`,
          },
        ]
      : [];
  return [...screenHits(typed), ...found, ...billed, ...events, ...exact];
}

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={css['scrim']} />
        <Dialog.Popup className={css['palette']} data-modal="" aria-label="Find">
          <Finder onClose={onClose} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const router = useRouter();
  const list = useId();
  const hits = useHits(words, true);
  const current = Math.min(at, Math.max(0, hits.length - 1));
  const go = (hit: Hit | undefined): void => {
    if (!hit) return;
    onClose();
    router.history.push(hit.href);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt(Math.min(hits.length - 1, current + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, current - 1));
    else if (event.key === 'Enter') go(hits[current]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={hits.length > 0 ? `${list}-${current}` : undefined}
        aria-label="Find a customer, invoice, event, or a screen"
        placeholder="Find a customer, invoice, event, or a screen"
        value={words}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
      />
      <ul id={list} role="listbox" aria-label="Found" className={css['results']}>
        {hits.map((hit, index) => (
          <li
            key={hit.key}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === current}
            onPointerMove={() => setAt(index)}
            onClick={() => go(hit)}
            onKeyDown={onKeyDown}
          >
            <span>{hit.title}</span>
            <small>{hit.note}</small>
          </li>
        ))}
      </ul>
      {hits.length === 0 && <p className={css['nothing']}>Nothing has this name, number or id.</p>}
    </>
  );
}
