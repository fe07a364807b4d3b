/** Is the money safe, and what needs me? */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useNow } from '../../lib/now.ts';
import { useZone } from '../../lib/preferences.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Info, Overview } from '../../lib/shapes.ts';
import { headerTime } from '../../lib/time.ts';
import { Toggle } from '../../ui/controls.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Verify } from '../../ui/verify.tsx';
import { Held } from './held.tsx';
import { Needs } from './needs.tsx';
import css from './overview.module.css';
import { Recent, RunsOut } from './lists.tsx';
import { Today } from './today.tsx';

export function OverviewScreen() {
  const overview = useQuery(orpc.workspace.overview.queryOptions({ input: {} }));
  const info = useQuery(orpc.workspace.info.queryOptions({ input: {} }));
  const now = useNow();
  const zone = useZone();
  return (
    <>
      <Page
        title="Overview"
        scrolls
        sub={`${headerTime(now, zone)}${info.data?.sample ? ' · sample data' : ''}`}
        actions={
          <>
            {info.data?.sample && <LiveTraffic info={info.data} />}
            {info.data && <Verify info={info.data} />}
          </>
        }
      >
        {overview.data && <Figures overview={overview.data} />}
        {!overview.data && overview.error && (
          <ErrorBox
            error={overview.error}
            money="The overview only reads: nothing was charged or changed."
            retry={() => void overview.refetch()}
          />
        )}
        {!overview.data && !overview.error && (
          <Panel title="Needs you">
            <Loading label="Reading the overview" rows={8} />
          </Panel>
        )}
      </Page>
      <Outlet />
    </>
  );
}

function Figures({ overview }: { overview: Overview }) {
  return (
    <>
      <div className={css['top']}>
        <Needs needs={overview.needsYou} />
        <div className={css['side']}>
          <Held held={overview.held} />
          <Recent rows={overview.recent} />
        </div>
      </div>
      <Today overview={overview} />
      <RunsOut rows={overview.runsOut} />
    </>
  );
}

/** The sample's customers call the real gateway; this starts and stops them. */
function LiveTraffic({ info }: { info: Info }) {
  const may = useMay('workspace:write');
  const set = useMutation(orpc.workspace.setLiveTraffic.mutationOptions());
  const on = set.isPending ? set.variables.on : (set.data?.on ?? info.liveTraffic);
  return (
    <Toggle
      label="Live traffic"
      on={on}
      disabled={!may || set.isPending}
      onChange={(next) => set.mutate({ on: next })}
    />
  );
}
