/** Finds screens, commands and whatever the books have by name, number or id, and goes there. */
import { Dialog } from '@base-ui/react/dialog';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useEffect, useId, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { orpc } from '../lib/rpc.ts';
import { front, isCovered } from '../ui/front.ts';
import css from './app.module.css';
import { useCommands } from './commands.ts';
import type { Command } from './commands.ts';
import { hrefOf } from './find.ts';
import type { Found } from './find.ts';
import { SCREENS } from './screens.ts';

type Hit = Readonly<{ key: string; title: string; note: string; href?: string; run?: () => void }>;

const MOST = 8;
const KINDS: Readonly<Record<Found['kind'], string>> = {
  customer: 'customer',
  invoice: 'invoice',
  line: 'invoice line',
  event: 'event',
  transaction: 'transaction',
  hold: 'hold',
  grant: 'grant',
};

/** How long a person may pause between two letters before what stands there is looked for. */
const PAUSE_MS = 120;

function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}

function screenHits(words: string): Hit[] {
  return SCREENS.filter((screen) => screen.title.toLowerCase().includes(words)).map((screen) => ({
    key: screen.to,
    title: screen.title,
    note: `screen · g ${screen.key}`,
    href: screen.to,
  }));
}

/** Screens and commands by their words, and everything in the books that begins as what was typed. */
function useHits(typed: string, commands: readonly Command[]): { hits: Hit[]; isBusy: boolean } {
  const words = typed.trim();
  const asked = usePaused(words);
  const found = useQuery(
    orpc.workspace.find.queryOptions({
      input: { text: asked, limit: MOST },
      enabled: asked.length >= 2,
      placeholderData: keepPreviousData,
      retry: false,
    }),
  );
  const lower = words.toLowerCase();
  const doing = commands
    .filter(({ title }) => words !== '' && title.toLowerCase().includes(lower))
    .map(({ title, run }) => ({ key: `command ${title}`, title, note: 'command', run }));
  const items = asked.length >= 2 && words.length >= 2 ? (found.data?.items ?? []) : [];
  const hits = items.map((one) => ({
    key: `${one.kind} ${one.of ?? ''} ${one.id}`,
    title: one.title,
    note: `${KINDS[one.kind]} · ${one.detail}`,
    href: hrefOf(one),
  }));
  return { hits: [...screenHits(lower), ...doing, ...hits], isBusy: asked !== words || found.isFetching };
}

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && !isCovered() && onClose()}>
      <Dialog.Portal container={front()}>
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
  const commands = useCommands((href) => router.history.push(href));
  const { hits, isBusy } = useHits(words, commands);
  const current = Math.min(at, Math.max(0, hits.length - 1));
  const go = (hit: Hit | undefined): void => {
    if (!hit) return;
    onClose();
    hit.run?.();
    if (hit.href !== undefined) router.history.push(hit.href);
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
        aria-label="Find anything by name, number or id, or a command"
        placeholder="Find anything by name, number or id, or a command"
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
      {hits.length === 0 && (
        <p className={css['nothing']}>{isBusy ? 'Looking …' : 'Nothing has this name, number or id.'}</p>
      )}
    </>
  );
}
