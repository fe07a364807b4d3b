/** The next step of a finding, as a link that goes there. */
import { useRouter } from '@tanstack/react-router';
import type { Finding } from '../../lib/leak-job.ts';
import { buttonClass } from '../../ui/controls.tsx';
import { nextStep } from './words.ts';

export function StepLink({ finding, isMain }: { finding: Finding; isMain?: boolean }) {
  const router = useRouter();
  const { label, href } = nextStep(finding);
  return (
    <a
      className={isMain ? buttonClass('primary') : buttonClass(undefined, 'small')}
      href={href}
      aria-label={isMain ? undefined : `${label}: ${finding.title}`}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        router.history.push(href);
      }}
    >
      {label}
    </a>
  );
}
