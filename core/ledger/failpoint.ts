/**
 * Named points at durable writes where a test can make the process die, as a power cut would at that instant. Off in
 * normal use.
 */

/** Every point, in the order a commit passes them. */
export const FAILPOINTS = [
  'commit.begun',
  'commit.applied',
  'commit.flushed',
  'commit.sealed',
  'commit.written',
  'commit.durable',
  'commit.answered',
  'post.rated',
  'post.chunk',
  'invoice.fee',
  'invoice.frozen',
  'migrate.statement',
  'migrate.recorded',
  'backup.copied',
  'backup.renamed',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** `name` or `name:3` for the third time it is passed. */
const [wanted, count] = (process.env.TOLLKEEPER_FAILPOINT ?? '').split(':');
let left = Math.max(1, Math.trunc(+(count ?? '1')) || 1);

/** Kills the process at once when the environment asks for this point. */
export function failpoint(name: Failpoint): void {
  if (name !== wanted) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}
