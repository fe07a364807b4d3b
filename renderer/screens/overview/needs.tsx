/** What waits for a person, most pressing first, each with the place to act. */
import { useRouter } from '@tanstack/react-router';
import type { NeedsYou } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { buttonClass } from '../../ui/controls.tsx';
import { Status } from '../../ui/marks.tsx';
import type { Shape } from '../../ui/marks.tsx';
import { Panel } from '../../ui/surface.tsx';
import css from './overview.module.css';

const WORDS: Readonly<Record<NeedsYou['kind'], string>> = {
  unrated: 'Unrated',
  'low-balance': 'Low balance',
  refused: 'Refused',
  draft: 'Draft',
  conflict: 'Conflict',
  verify: 'Verify',
  'stuck-hold': 'Stuck',
  alert: 'Alert',
};
const SHAPES: Readonly<Record<NeedsYou['severity'], Shape>> = { danger: 'square', attention: 'triangle', info: 'dot' };

export function Needs({ needs }: { needs: readonly NeedsYou[] }) {
  return (
    <Panel
      title="Needs you"
      aside={needs.length > 0 ? <span className={css['caption']}>{needs.length}</span> : undefined}
    >
      {needs.length === 0 && (
        <p className={css['calm']}>Nothing waits for you. What needs a person appears here first.</p>
      )}
      <ul>
        {needs.map((need) => (
          <Need key={`${need.kind} ${need.href} ${need.title}`} need={need} />
        ))}
      </ul>
    </Panel>
  );
}

function Need({ need }: { need: NeedsYou }) {
  const router = useRouter();
  return (
    <li className={css['need']}>
      <span>
        <Status tone={need.severity} shape={SHAPES[need.severity]}>
          {WORDS[need.kind]}
        </Status>
      </span>
      <div className={css['what']}>
        <b>{need.title}</b> <span>{need.detail}</span>
      </div>
      {need.asset !== null && need.amountMinor !== null ? (
        <Amount minor={need.amountMinor} asset={need.asset} precision="trimmed" />
      ) : (
        <span />
      )}
      <a
        className={buttonClass(undefined, 'small')}
        href={need.href}
        aria-label={`${need.action}: ${need.title}`}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          router.history.push(need.href);
        }}
      >
        {need.action}
      </a>
    </li>
  );
}
