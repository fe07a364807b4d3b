/** Webhooks and mail: make secrets, keep them beside the journal, show deliveries. */
import { createHash, randomBytes } from 'node:crypto';
import { isAddress, isLoopback, isPublicAddress } from '#core/domain/address.ts';
import { MAIL_CHANNEL, rotated, secretsInForce } from '#core/domain/notice.ts';
import type { MailRecord, SecretRef, WebhookRecord } from '#core/domain/notice.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { SetRecord } from '#core/ledger/port.ts';
import { commitOne, os } from './base.ts';
import type { Core, RequestContext } from './core.ts';

/** As long as the key of the signature's hash; within the 24 to 64 bytes of Standard Webhooks. */
const SECRET_BYTES = 32;

type Kept<T> = Readonly<{ record: T; tx: number }>;
type Secrets = NonNullable<SetRecord['secrets']>;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function newSecret(core: Core, value = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`) {
  const id = core.newId('sec');
  const ref: SecretRef = { id, sha256: sha256(value), untilMs: null };
  return { value, ref, kept: { id, value } };
}

/** Refuses an address that no notice may be posted to; what its name leads to is checked at every connection. */
function checkUrl(core: Core, text: string): string {
  const fix = 'Give an https address of a public host, without name and password in it.';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) return refuse({ code: 'INPUT_INVALID', detail: 'This is no address.', fix });
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isHere = host === 'localhost' || isLoopback(host);
  if (isHere && core.snapshot().settings.noticesToLoopback) return url.href;
  if (url.username !== '' || url.password !== '') {
    refuse({ code: 'INPUT_INVALID', detail: 'The address has a name or password in it.', fix });
  }
  if (url.protocol !== 'https:') refuse({ code: 'INPUT_INVALID', detail: 'The address is not https.', fix });
  if (isHere || (isAddress(host) && !isPublicAddress(host))) {
    refuse({ code: 'INPUT_INVALID', detail: `${host} is no public address.`, fix });
  }
  return url.href;
}

function view({ id, name, url, isOn, createdMs, secrets }: WebhookRecord, nowMs: number) {
  const inForce = secretsInForce({ secrets }, nowMs);
  return { id, name, url, isOn, createdMs, secrets: inForce.map((one) => ({ id: one.id, untilMs: one.untilMs })) };
}

async function requireWebhook(core: Core, id: string): Promise<Kept<WebhookRecord>> {
  const row = await core.reader.read('record', { kind: 'webhook', id });
  if (!row) return refuse({ code: 'NOT_FOUND', detail: `There is no webhook ${id}.`, fix: 'List the webhooks.' });
  return { record: row.body as WebhookRecord, tx: row.tx };
}

async function requireLive(core: Core, id: string): Promise<Kept<WebhookRecord>> {
  const found = await requireWebhook(core, id);
  if (found.record.removedMs === null) return found;
  return refuse({ code: 'NOT_FOUND', detail: `The webhook ${id} was removed.`, fix: 'Create it anew.' });
}

const NONE: Secrets = { keep: [], forget: [] };

async function write(
  { core, principal }: RequestContext,
  { record, tx }: Kept<WebhookRecord | MailRecord>,
  secrets: Secrets = NONE,
): Promise<void> {
  const kind = record.id === MAIL_CHANNEL ? 'mail' : 'webhook';
  const { actor } = principal();
  await commitOne(core, {
    type: 'record.set',
    kind,
    id: record.id,
    body: record,
    names: [],
    expect: tx,
    actor,
    secrets,
  });
}

const idsOf = ({ secrets }: Pick<WebhookRecord, 'secrets'>): string[] => secrets.map(({ id }) => id);

async function resend({ core, principal }: RequestContext, id: string) {
  await commitOne(core, { type: 'notice.resend', actor: principal().actor, notice: id });
  return core.reader.read('delivery', { id }) as never;
}

async function tryChannel({ core, principal }: RequestContext, channel: string) {
  const { id } = await commitOne<{ id: string }>(core, { type: 'notice.test', actor: principal().actor, channel });
  return core.reader.read('delivery', { id }) as never;
}

export const webhooks = {
  list: os.webhooks.list.handler(async ({ context: { core } }) => {
    const rows = await core.reader.read('records', { kind: 'webhook' });
    const records = rows.map(({ body }) => body as WebhookRecord).filter(({ removedMs }) => removedMs === null);
    return { items: records.map((record) => view(record, core.now())) };
  }),
  create: os.webhooks.create.handler(async ({ input, context }) => {
    const { core } = context;
    const secret = newSecret(core);
    const record: WebhookRecord = {
      id: core.newId('whk'),
      name: input.name,
      url: checkUrl(core, input.url),
      createdMs: core.now(),
      isOn: true,
      removedMs: null,
      secrets: [secret.ref],
    };
    await write(context, { record, tx: 0 }, { keep: [secret.kept], forget: [] });
    return { webhook: view(record, core.now()), secret: secret.value };
  }),
  change: os.webhooks.change.handler(async ({ input, context }) => {
    const { core } = context;
    const { record: before, tx } = await requireLive(core, input.webhook);
    const record: WebhookRecord = {
      ...before,
      name: input.name ?? before.name,
      url: input.url === undefined ? before.url : checkUrl(core, input.url),
      isOn: input.isOn ?? before.isOn,
    };
    const isSame = record.name === before.name && record.url === before.url && record.isOn === before.isOn;
    if (!isSame) await write(context, { record, tx });
    return view(record, core.now());
  }),
  rotate: os.webhooks.rotate.handler(async ({ input, context }) => {
    const { core } = context;
    const { record: before, tx } = await requireLive(core, input.webhook);
    const secret = newSecret(core);
    const { kept, dropped } = rotated(before, secret.ref, { atMs: core.now(), overlapMs: input.overlapMs });
    const record = { ...before, secrets: kept };
    await write(context, { record, tx }, { keep: [secret.kept], forget: dropped });
    return { webhook: view(record, core.now()), secret: secret.value };
  }),
  delete: os.webhooks.delete.handler(async ({ input, context }) => {
    const { core } = context;
    const { record: before, tx } = await requireWebhook(core, input.webhook);
    if (before.removedMs === null) {
      const record = { ...before, isOn: false, removedMs: core.now(), secrets: [] };
      await write(context, { record, tx }, { keep: [], forget: idsOf(before) });
    }
    return { ok: true as const };
  }),
  deliveries: os.webhooks.deliveries.handler(
    ({ input, context: { core } }) => core.reader.read('deliveries', { ...input, isMail: false }) as never,
  ),
  resend: os.webhooks.resend.handler(({ input, context }) => resend(context, input.delivery)),
  test: os.webhooks.test.handler(({ input, context }) => tryChannel(context, input.webhook)),
};

async function keptMail(core: Core): Promise<Kept<MailRecord> | null> {
  const row = await core.reader.read('record', { kind: 'mail', id: MAIL_CHANNEL });
  return row === null ? null : { record: row.body as MailRecord, tx: row.tx };
}

const mailView = ({ host, port, security, user, from, to, isOn, secrets }: MailRecord) => ({
  host,
  port,
  security,
  user,
  hasPassword: secrets.length > 0,
  from,
  to: [...to],
  isOn,
});

/** Without TLS a password and what notices say would be read by whoever is on the way. */
function checkMail(core: Core, { security, host }: Pick<MailRecord, 'security' | 'host'>): void {
  const isHere = host === 'localhost' || isLoopback(host);
  if (security === 'none' && !(isHere && core.snapshot().settings.noticesToLoopback)) {
    refuse({
      code: 'INPUT_INVALID',
      detail: 'Mail without TLS goes to this machine only, and only where the settings allow that.',
      fix: 'Choose tls or starttls, or set noticesToLoopback for a trial.',
    });
  }
}

export const mail = {
  get: os.mail.get.handler(async ({ context: { core } }) => {
    const kept = await keptMail(core);
    return { mail: kept === null || kept.record.removedMs !== null ? null : mailView(kept.record) };
  }),
  set: os.mail.set.handler(async ({ input, context }) => {
    const { core } = context;
    const { password, ...given } = input;
    checkMail(core, given);
    const before = await keptMail(core);
    const [old = []] = [before?.record.secrets];
    const secret = typeof password === 'string' ? newSecret(core, password) : null;
    const secrets = password === undefined ? old : secret === null ? [] : [secret.ref];
    const record: MailRecord = { ...given, id: MAIL_CHANNEL, removedMs: null, secrets };
    const forget = password === undefined ? [] : old.map(({ id }) => id);
    await write(context, { record, tx: before?.tx ?? 0 }, { keep: secret === null ? [] : [secret.kept], forget });
    return { mail: mailView(record) };
  }),
  delete: os.mail.delete.handler(async ({ context }) => {
    const before = await keptMail(context.core);
    if (before !== null && before.record.removedMs === null) {
      const record = { ...before.record, isOn: false, removedMs: context.core.now(), secrets: [] };
      await write(context, { record, tx: before.tx }, { keep: [], forget: idsOf(before.record) });
    }
    return { ok: true as const };
  }),
  deliveries: os.mail.deliveries.handler(
    ({ input, context: { core } }) => core.reader.read('deliveries', { ...input, isMail: true }) as never,
  ),
  resend: os.mail.resend.handler(({ input, context }) => resend(context, input.delivery)),
  test: os.mail.test.handler(({ context }) => tryChannel(context, MAIL_CHANNEL)),
};
