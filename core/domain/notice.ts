/** Who is told beside the screen: outgoing webhooks and mail, as their records say, and what a notice says. */

/** A secret by the SHA-256 of its text (hex); it signs until `untilMs`, for ever when null. */
export type SecretRef = Readonly<{ id: string; sha256: string; untilMs: number | null }>;

type Channel = Readonly<{ id: string; isOn: boolean; removedMs: number | null; secrets: readonly SecretRef[] }>;
export type WebhookRecord = Channel & Readonly<{ name: string; url: string; createdMs: number }>;

/** How a connection to a mail server is kept private: from the first byte, by STARTTLS, or not at all (loopback). */
export const MAIL_SECURITY = ['tls', 'starttls', 'none'] as const;
export type MailRecord = Channel &
  Readonly<{
    host: string;
    port: number;
    security: (typeof MAIL_SECURITY)[number];
    user: string | null;
    from: string;
    to: readonly string[];
  }>;

/** Mail is one channel of the workspace; webhooks have ids of their own. */
export const MAIL_CHANNEL = 'mail';

export const NOTICE_STATES = ['waiting', 'sent', 'failed'] as const;
export type NoticeState = (typeof NOTICE_STATES)[number];
export const NOTICE_EVENTS = ['alert.fired', 'alert.cleared', 'notice.test'] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** What an alert says of itself; fixed when it fires, so that every try of a delivery sends the same bytes. */
export type AlertFacts = Readonly<{
  name: string;
  kind: string;
  unit: string;
  value: string;
  threshold: string;
  title: string;
  detail: string;
  customer: string | null;
  asset: string | null;
  meter: string | null;
}>;

/** The secrets of a channel that count at an instant, the newest first. */
export const secretsInForce = (channel: Pick<Channel, 'secrets'>, atMs: number): readonly SecretRef[] =>
  channel.secrets.filter(({ untilMs }) => untilMs === null || atMs < untilMs).toReversed();

/** The secrets of a channel after a new one: those before it go on for the overlap, those that are over are dropped. */
export function rotated(
  channel: Pick<Channel, 'secrets'>,
  fresh: Pick<SecretRef, 'id' | 'sha256'>,
  { atMs, overlapMs }: Readonly<{ atMs: number; overlapMs: number }>,
): Readonly<{ kept: readonly SecretRef[]; dropped: readonly string[] }> {
  const inForce = channel.secrets
    .map((one) => ({ ...one, untilMs: Math.min(one.untilMs ?? Infinity, atMs + overlapMs) }))
    .filter(({ untilMs }) => atMs < untilMs);
  const kept = new Set(inForce.map(({ id }) => id));
  return {
    kept: [...inForce, { ...fresh, untilMs: null }],
    dropped: channel.secrets.map(({ id }) => id).filter((id) => !kept.has(id)),
  };
}
