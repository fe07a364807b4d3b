/** The licence of one package, in its own words. */
import { getRouteApi } from '@tanstack/react-router';
import { Pill } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import css from './settings.module.css';
import { useLicences } from './use-licences.ts';

const route = getRouteApi('/settings');

export function LicenceDrawer({ wanted }: { wanted: string }) {
  const navigate = route.useNavigate();
  const licences = useLicences();
  const found = licences.data?.packages.find(({ name, version }) => `${name}@${version}` === wanted);
  const text = found?.text === null || found === undefined ? undefined : licences.data?.texts[found.text];
  return (
    <Drawer
      key={wanted}
      name="licence"
      title={found?.name ?? 'Licence'}
      beside={
        found && (
          <>
            <Pill>{found.version}</Pill>
            <Pill>{found.licence}</Pill>
          </>
        )
      }
      onClose={() => void navigate({ to: '.', search: (all) => ({ ...all, package: undefined }) })}
    >
      {licences.isPending && <Loading label="Reading the licence" />}
      {licences.error && !licences.data && <ErrorBox error={licences.error} money="This only reads." />}
      {licences.data && !found && <Empty title="This package is not shipped">It may be of another version.</Empty>}
      {found && text === undefined && (
        <Empty title="The package brings no text">It states the licence {found.licence}, and nothing else.</Empty>
      )}
      {text !== undefined && <pre className={css['text']}>{text}</pre>}
    </Drawer>
  );
}
