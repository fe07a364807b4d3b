/** How is it kept safe? */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { orpc } from '../../lib/rpc.ts';
import type { Info } from '../../lib/shapes.ts';
import { TabBar } from '../../ui/controls.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Page } from '../../ui/surface.tsx';
import { BackupPart } from './backup.tsx';
import { GatewayPart } from './gateway.tsx';
import { KeysPart } from './keys.tsx';
import { LicenceDrawer } from './licence.tsx';
import { LicencesPart } from './licences.tsx';
import { NetworkPart } from './network.tsx';
import { OperatorsPart } from './operators.tsx';
import { PART_TITLES, SETTINGS_PARTS } from './parts.ts';
import type { SettingsPart } from './parts.ts';
import css from './settings.module.css';
import { WorkspacePart } from './workspace.tsx';

const route = getRouteApi('/settings');
const TABS = ['workspace', ...SETTINGS_PARTS] as const;

export function SettingsScreen() {
  const { section: part, package: licence } = route.useSearch();
  const navigate = route.useNavigate();
  const info = useQuery(orpc.workspace.info.queryOptions({ input: {} }));
  return (
    <>
      <Page title="Settings" sub="How is it kept safe?">
        <TabBar<(typeof TABS)[number]>
          label="Settings"
          panelId="settings-part"
          current={part ?? 'workspace'}
          tabs={TABS.map((id) => ({ id, title: PART_TITLES[id] }))}
          onChange={(next) =>
            void navigate({
              to: '/settings',
              search: { section: next === 'workspace' ? undefined : next },
              replace: true,
            })
          }
        />
        <div
          id="settings-part"
          role="tabpanel"
          aria-label={PART_TITLES[part ?? 'workspace']}
          className={css['part']}
          tabIndex={-1}
        >
          {info.error && !info.data && (
            <ErrorBox
              error={info.error}
              money="This only reads: nothing was changed."
              retry={() => void info.refetch()}
            />
          )}
          {info.isPending && <Loading label="Reading the workspace" />}
          {info.data && <Part part={part} info={info.data} />}
        </div>
      </Page>
      {part === 'licences' && licence !== undefined && <LicenceDrawer wanted={licence} />}
    </>
  );
}

function Part({ part, info }: { part: SettingsPart | undefined; info: Info }) {
  switch (part) {
    case 'backup':
      return <BackupPart info={info} />;
    case 'keys':
      return <KeysPart />;
    case 'operators':
      return <OperatorsPart />;
    case 'gateway':
      return <GatewayPart info={info} />;
    case 'network':
      return <NetworkPart info={info} />;
    case 'licences':
      return <LicencesPart />;
    case undefined:
      return <WorkspacePart info={info} />;
  }
}
