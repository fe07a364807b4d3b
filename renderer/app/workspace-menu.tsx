/** The name of the open workspace, and what can be done about workspaces as a whole. */
import { useState } from 'react';
import { useMay, useSession } from '../lib/session.tsx';
import type { Info } from '../lib/shapes.ts';
import { MenuButton, MenuGroup, MenuItem } from '../ui/controls.tsx';
import { Icon } from '../ui/icon.tsx';
import css from './app.module.css';
import { NewWorkspace } from './new-workspace.tsx';

export function WorkspaceMenu({ info }: { info: Info | undefined }) {
  const session = useSession();
  const mayMake = useMay('workspace:write');
  const [isMaking, setMaking] = useState(false);
  const name = info?.name ?? session?.workspaceName ?? '';
  const named = (
    <span className={css['workspace']} title={info?.file}>
      {name}
    </span>
  );
  // A menu without an item says nothing.
  if (info === undefined || info.readOnly || !mayMake) return named;
  return (
    <>
      <MenuButton
        label={`${name}, workspace`}
        align="start"
        trigger={
          <>
            {named}
            <Icon name="down" size={12} />
          </>
        }
      >
        <MenuGroup label={info.file}>
          <MenuItem onSelect={() => setMaking(true)}>New workspace…</MenuItem>
        </MenuGroup>
      </MenuButton>
      <NewWorkspace open={isMaking} own={info.file} onClose={() => setMaking(false)} />
    </>
  );
}
