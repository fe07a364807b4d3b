/** The top bar: which workspace and network this is, whether it is live, and the few switches of the whole page. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNow } from '../lib/now.ts';
import { setTheme, setZone, useTheme, useZone } from '../lib/preferences.ts';
import type { Theme } from '../lib/preferences.ts';
import { orpc, useLinkState } from '../lib/rpc.ts';
import { useSession } from '../lib/session.tsx';
import type { Info } from '../lib/shapes.ts';
import { spanText } from '../lib/time.ts';
import { Button, MenuButton, MenuGroup, MenuItem } from '../ui/controls.tsx';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon.tsx';
import { Kbd, Pill, Status } from '../ui/marks.tsx';
import css from './app.module.css';
import { JobsTray } from './jobs.tsx';
import { WorkspaceMenu } from './workspace-menu.tsx';

type Props = Readonly<{ info: Info | undefined; lastMs: number | null; onSearch: () => void; onKeys: () => void }>;

export function TopBar({ info, lastMs, onSearch, onKeys }: Props) {
  const session = useSession();
  const apple = navigator.userAgent.includes('Mac');
  return (
    <header className={css['top']}>
      <div className={css['brand']}>
        <span className={css['mark']} aria-hidden="true" />
        <span>Tollkeeper</span>
      </div>
      <WorkspaceMenu info={info} />
      {session?.sample && <Pill tone="attention">Sample data</Pill>}
      <Network network={info?.network} />
      {info?.readOnly && (
        <Status tone="attention" shape="triangle">
          Read only
        </Status>
      )}
      <button type="button" className={css['search']} onClick={onSearch} aria-keyshortcuts="Control+K">
        <Icon name="search" size={13} />
        <span>Find anything by name, number or id</span>
        <Kbd>{apple ? '⌘ K' : 'Ctrl K'}</Kbd>
      </button>
      <Live lastMs={lastMs ?? info?.lastEventMs ?? null} />
      <JobsTray />
      <ZoneSwitch />
      <ThemeSwitch />
      <OperatorMenu onKeys={onKeys} />
    </header>
  );
}

function Network({ network }: { network: Info['network'] | undefined }) {
  if (network === 'main')
    return (
      <Status tone="danger" shape="square">
        Main
      </Status>
    );
  if (network === 'test')
    return (
      <Status tone="info" shape="dot">
        Test
      </Status>
    );
  return (
    <Status tone="quiet" shape="ring">
      Local
    </Status>
  );
}

/** Whether changes arrive, and how old the last one is. */
function Live({ lastMs }: { lastMs: number | null }) {
  const state = useLinkState();
  const now = useNow();
  const age = lastMs === null ? 'no event yet' : `last event ${spanText(Math.max(0, now - lastMs))} ago`;
  const word = state === 'open' ? 'live' : state === 'lost' ? 'not connected' : 'connecting';
  return (
    <span className={css['live']} title={`${word}, ${age}`}>
      <i className={css['dot']} data-state={state} aria-hidden="true" />
      <span>
        {word}
        <span className={css['wide']}>, {lastMs === null ? age : `${spanText(Math.max(0, now - lastMs))} ago`}</span>
      </span>
    </span>
  );
}

function ZoneSwitch() {
  const zone = useZone();
  return (
    <Button
      size="small"
      title="Times are shown in this zone"
      aria-label={`Times in ${zone === 'utc' ? 'UTC' : 'local time'}, switch`}
      onClick={() => setZone(zone === 'utc' ? 'local' : 'utc')}
    >
      {zone === 'utc' ? 'UTC' : 'Local'}
    </Button>
  );
}

const THEMES: Readonly<Record<Theme, { icon: IconName; next: Theme; label: string }>> = {
  system: { icon: 'screen', next: 'light', label: 'Theme of the system' },
  light: { icon: 'sun', next: 'dark', label: 'Light theme' },
  dark: { icon: 'moon', next: 'system', label: 'Dark theme' },
};

function ThemeSwitch() {
  const { icon, next, label } = THEMES[useTheme()];
  return (
    <Button size="small" title={label} aria-label={`${label}, switch`} onClick={() => setTheme(next)}>
      <Icon name={icon} size={14} />
    </Button>
  );
}

function OperatorMenu({ onKeys }: { onKeys: () => void }) {
  const session = useSession();
  const queries = useQueryClient();
  const lock = useMutation(
    orpc.session.lock.mutationOptions({
      onSuccess: (next) => queries.setQueryData(orpc.session.get.queryKey({ input: {} }), next),
    }),
  );
  if (!session?.operator) return null;
  const { name, role } = session.operator;
  return (
    <MenuButton
      label={`${name}, ${role}`}
      trigger={
        <>
          <span>
            {name}
            <span className={css['wide']}> · {role}</span>
          </span>
          <Icon name="down" size={12} />
        </>
      }
    >
      <MenuGroup label={`Signed in as ${name}, ${role}`}>
        <MenuItem onSelect={() => lock.mutate({})}>
          <Icon name="lock" size={14} />
          Lock
        </MenuItem>
        <MenuItem onSelect={onKeys}>
          Keyboard<Kbd>?</Kbd>
        </MenuItem>
      </MenuGroup>
    </MenuButton>
  );
}
