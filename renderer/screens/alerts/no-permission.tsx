/** What stands where a role does not see where notices go. */
import type { ReactNode } from 'react';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import css from './alerts.module.css';

export function AdminsOnly({ chips, what }: { chips: ReactNode; what: string }) {
  return (
    <Panel label={what}>
      <div className={css['tools']}>{chips}</div>
      <Empty title={`Only admins see ${what}`}>
        Addresses and mail servers are part of the workspace’s settings. Ask an admin to look, or to give you the role.
      </Empty>
    </Panel>
  );
}
