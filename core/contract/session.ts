/** Who is asking: signing in and out of a workspace, and the operators who may. */
import { z } from 'zod';
import { command } from './command.ts';
import { AnyTime, Done, Empty, Millis, Name, OperatorId, Passphrase } from './shapes.ts';
import { PERMISSIONS, ROLES } from './permissions.ts';

export const Operator = z.strictObject({
  id: OperatorId,
  name: Name,
  role: z.enum(ROLES),
  publicKey: z.string(),
  createdMs: Millis,
  /** The last command of an operator since the core was started; null where there was none. */
  lastSeenMs: Millis.nullable(),
  disabled: z.boolean(),
});

export const Session = z.strictObject({
  operator: Operator.nullable(),
  locked: z.boolean(),
  permissions: z.array(z.enum(PERMISSIONS)),
  workspaceName: z.string(),
  sample: z.boolean(),
  /** After this long without a command the session locks. */
  idleLockMs: z.int(),
  /** Names that may sign in, for the sign-in screen. */
  operatorNames: z.array(z.string()),
});

export const session = {
  get: command({
    permission: 'anyone',
    idempotent: 'read',
    doc: 'Who this session belongs to and what it may do.',
    noPast: 'Of this session, so of now.',
    input: Empty,
    output: Session,
  }),
  signIn: command({
    permission: 'anyone',
    idempotent: 'no',
    doc: 'Sign in, or unlock, with a name and passphrase. Five wrong ones in a minute make the next wait.',
    input: z.strictObject({ name: Name, passphrase: z.string().min(1).max(200) }),
    output: Session,
    errors: ['RATE_LIMITED'],
  }),
  lock: command({
    permission: 'anyone',
    idempotent: 'by nature',
    doc: 'Lock this session; the passphrase opens it again.',
    input: Empty,
    output: Session,
  }),
};

export const operators = {
  list: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'Everyone who may sign in to this workspace.',
    input: AnyTime,
    output: z.strictObject({ items: z.array(Operator) }),
  }),
  sessions: command({
    permission: 'books:read',
    idempotent: 'read',
    doc: 'Who is signed in now, how long nothing was asked, and whether the session is locked.',
    noPast: 'Of open connections, so of now.',
    input: Empty,
    output: z.strictObject({
      items: z.array(
        z.strictObject({
          operator: z.string(),
          name: z.string(),
          locked: z.boolean(),
          sinceMs: Millis,
          lastSeenMs: Millis,
          /** Whether it is the one that asks. */
          own: z.boolean(),
        }),
      ),
    }),
  }),
  create: command({
    permission: 'operators:write',
    idempotent: 'no',
    doc: 'Add an operator with a role and a first passphrase. An Ed25519 key is made and sealed by the passphrase.',
    input: z.strictObject({ name: Name, role: z.enum(ROLES), passphrase: Passphrase }),
    output: Operator,
    errors: ['CONFLICT'],
  }),
  setRole: command({
    permission: 'operators:write',
    idempotent: 'by nature',
    doc: 'Give an operator another role, or disable it. The last admin stays admin.',
    input: z.strictObject({ id: OperatorId, role: z.enum(ROLES), disabled: z.boolean() }),
    output: Operator,
    errors: ['NOT_FOUND', 'STATE_FORBIDS'],
  }),
  changePassphrase: command({
    permission: 'anyone',
    idempotent: 'no',
    doc: 'Change your own passphrase; the sealed key is sealed again.',
    input: z.strictObject({ current: z.string().min(1).max(200), next: Passphrase }),
    output: Done,
    errors: ['STATE_FORBIDS'],
  }),
};
