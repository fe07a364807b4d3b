/** Outgoing webhooks and mail: where notices go, and how each delivery went. Secrets are shown once, when made. */
import { z } from 'zod';
import { MAIL_SECURITY, NOTICE_EVENTS, NOTICE_STATES } from '#core/domain/notice.ts';
import { command } from './command.ts';
import { AlertId, ChannelId, Done, Empty, Millis, Name, NoticeId, PageInput, WebhookId, page } from './shapes.ts';

const Url = z
  .string()
  .max(2000)
  .regex(/^https?:\/\/[^\s]+$/, 'an address that begins with https://');
const Address = z
  .string()
  .max(254)
  .regex(/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/, 'a mail address');

export const WebhookView = z.strictObject({
  id: WebhookId,
  name: Name,
  url: z.string(),
  isOn: z.boolean(),
  createdMs: Millis,
  /** Secrets that sign, by id; during a rotation there are two, and the older one ends. */
  secrets: z.array(z.strictObject({ id: z.string(), untilMs: Millis.nullable() })),
});

export const DeliveryView = z.strictObject({
  /** Also the `webhook-id` or the message's id, the same at every try. */
  id: NoticeId,
  channel: z.string(),
  event: z.enum(NOTICE_EVENTS),
  alert: AlertId.nullable(),
  state: z.enum(NOTICE_STATES),
  /** When it is tried next. */
  dueMs: Millis.nullable(),
  attempts: z.array(
    z.strictObject({
      no: z.int(),
      atMs: Millis,
      ok: z.boolean(),
      /** As HTTP or SMTP has it; null when there was no answer. */
      status: z.int().nullable(),
      detail: z.string(),
    }),
  ),
});

export const webhooks = {
  list: command({
    permission: 'workspace:write',
    idempotent: 'read',
    doc: 'Where notices are posted to.',
    noPast: 'What is watched and told is of now; the journal has every crossing.',
    input: Empty,
    output: z.strictObject({ items: z.array(WebhookView) }),
  }),
  create: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Post notices to an address, signed as Standard Webhooks has it. The secret is shown now and never again.',
    input: z.strictObject({ name: Name, url: Url }),
    output: z.strictObject({ webhook: WebhookView, secret: z.string() }),
  }),
  change: command({
    permission: 'workspace:write',
    idempotent: 'by nature',
    doc: 'Change name or address of a webhook, or switch it off: what waits for it then fails.',
    input: z.strictObject({
      webhook: WebhookId,
      name: Name.optional(),
      url: Url.optional(),
      isOn: z.boolean().optional(),
    }),
    output: WebhookView,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  rotate: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Make a new secret. Until the overlap is over notices are signed with both.',
    input: z.strictObject({
      webhook: WebhookId,
      overlapMs: z
        .int()
        .min(0)
        .max(30 * 86_400_000)
        .default(86_400_000),
    }),
    output: z.strictObject({ webhook: WebhookView, secret: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  delete: command({
    permission: 'workspace:write',
    idempotent: 'by nature',
    doc: 'Remove a webhook and forget its secrets. Its deliveries stay in the log.',
    input: z.strictObject({ webhook: WebhookId }),
    output: Done,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  deliveries: command({
    permission: 'workspace:write',
    idempotent: 'read',
    doc: 'What was posted, the newest first, with every try.',
    noPast: 'What is watched and told is of now; the journal has every crossing.',
    input: z.strictObject({ ...PageInput, channel: ChannelId.optional(), alert: AlertId.optional() }),
    output: page(DeliveryView),
  }),
  resend: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Send a notice again now, under its own id; tries begin anew after 1 minute and end after 16 hours.',
    input: z.strictObject({ delivery: NoticeId }),
    output: DeliveryView,
    errors: ['NOT_FOUND'],
  }),
  test: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Post a notice that only tries the webhook; see how it went among the deliveries.',
    input: z.strictObject({ webhook: WebhookId }),
    output: DeliveryView,
    errors: ['NOT_FOUND'],
  }),
};

export const MailView = z.strictObject({
  host: z.string(),
  port: z.int(),
  security: z.enum(MAIL_SECURITY),
  user: z.string().nullable(),
  hasPassword: z.boolean(),
  from: z.string(),
  to: z.array(z.string()),
  isOn: z.boolean(),
});

export const mail = {
  get: command({
    permission: 'workspace:write',
    idempotent: 'read',
    doc: 'The mail server that notices go out by; null when there is none.',
    noPast: 'What is watched and told is of now; the journal has every crossing.',
    input: Empty,
    output: z.strictObject({ mail: MailView.nullable() }),
  }),
  set: command({
    permission: 'workspace:write',
    idempotent: 'by nature',
    doc: 'Send notices by mail over SMTP. A password that is not given stays as it was; null forgets it.',
    input: z.strictObject({
      host: z
        .string()
        .max(253)
        .regex(/^[A-Za-z0-9.:-]+$/, 'a host name or address'),
      port: z.int().min(1).max(65_535),
      /** TLS from the first byte (usually port 465), by STARTTLS (587), or none at all, on this machine only. */
      security: z.enum(MAIL_SECURITY),
      user: z.string().min(1).max(200).nullable().default(null),
      password: z.string().min(1).max(1000).nullable().optional(),
      from: Address,
      to: z.array(Address).min(1).max(20),
      isOn: z.boolean().default(true),
    }),
    output: z.strictObject({ mail: MailView }),
    errors: ['CONFLICT'],
  }),
  deliveries: command({
    permission: 'workspace:write',
    idempotent: 'read',
    doc: 'What was mailed, the newest first, with every try.',
    noPast: 'What is watched and told is of now; the journal has every crossing.',
    input: z.strictObject({ ...PageInput, alert: AlertId.optional() }),
    output: page(DeliveryView),
  }),
  resend: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Mail a notice again now.',
    input: z.strictObject({ delivery: NoticeId }),
    output: DeliveryView,
    errors: ['NOT_FOUND'],
  }),
  test: command({
    permission: 'workspace:write',
    idempotent: 'no',
    doc: 'Mail a notice that only tries the server; see how it went among the deliveries.',
    input: Empty,
    output: DeliveryView,
    errors: ['NOT_FOUND'],
  }),
  delete: command({
    permission: 'workspace:write',
    idempotent: 'by nature',
    doc: 'Send no more mail, and forget the password.',
    input: Empty,
    output: Done,
    errors: ['CONFLICT'],
  }),
};
