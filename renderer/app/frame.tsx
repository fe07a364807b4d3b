/** The frame around every screen: rail, top bar, palette, keys. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { useLive } from '../lib/live.ts';
import { orpc } from '../lib/rpc.ts';
import { useMay, useSession } from '../lib/session.tsx';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon.tsx';
import css from './app.module.css';
import { KeyMap, useKeys } from './keys.tsx';
import { Offline } from './offline.tsx';
import { Palette } from './palette.tsx';
import { SCREENS } from './screens.ts';
import { TopBar } from './top-bar.tsx';

export function Frame() {
  const queries = useQueryClient();
  const session = useSession();
  const open = session !== null && !session.locked;
  const lastMs = useLive(queries, open);
  const info = useQuery(orpc.workspace.info.queryOptions({ input: {}, enabled: open }));
  const [palette, setPalette] = useState(false);
  const [keyMap, setKeyMap] = useState(false);
  useKeys({ openPalette: () => setPalette(true), openKeyMap: () => setKeyMap(true) });
  return (
    <div className={css['frame']} data-main={info.data?.network === 'main' ? '' : undefined}>
      <a className={css['skip']} href="#main">
        Skip to the page
      </a>
      <TopBar info={info.data} lastMs={lastMs} onSearch={() => setPalette(true)} onKeys={() => setKeyMap(true)} />
      <Rail />
      <main id="main" className={css['main']} tabIndex={-1}>
        <Offline />
        <Outlet />
      </main>
      <Palette open={palette} onClose={() => setPalette(false)} />
      <KeyMap open={keyMap} onClose={() => setKeyMap(false)} />
    </div>
  );
}

function Rail() {
  const may = useMay('usage:read');
  const unrated = useQuery(orpc.unrated.summary.queryOptions({ input: {}, enabled: may }));
  const mayAlerts = useMay('alerts:read');
  const alerts = useQuery(orpc.alerts.list.queryOptions({ input: { limit: 1 }, enabled: mayAlerts }));
  const counts: Readonly<Record<string, readonly [number, string]>> = {
    '/usage': [unrated.data?.total ?? 0, 'unrated'],
    '/alerts': [alerts.data?.unseen ?? 0, 'not acknowledged'],
  };
  return (
    <nav className={css['rail']} aria-label="Screens">
      {SCREENS.map((screen) => {
        const [count, word] = counts[screen.to] ?? [0, ''];
        return (
          <Link
            key={screen.to}
            to={screen.to}
            activeOptions={{ exact: screen.to === '/' }}
            title={screen.isComing ? `${screen.title}, to come` : screen.title}
            data-coming={screen.isComing ? '' : undefined}
          >
            <Icon name={screen.icon satisfies IconName} />
            <span>{screen.title}</span>
            {count > 0 && (
              <b className={css['count']} aria-label={`${count} ${word}`}>
                {count}
              </b>
            )}
          </Link>
        );
      })}
    </nav>
  );
}
