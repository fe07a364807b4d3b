/** What a notice says: the bytes of a webhook and the words of a mail. The same notice says the same at each try. */
import { canonicalJson } from '#core/domain/canonical.ts';
import type { ReadOutput } from '#core/ledger/reads/index.ts';

export type ToSend = NonNullable<ReadOutput<'noticeToSend'>>;

/** When what it tells of happened. */
function happenedMs({ event, alert, queuedMs }: ToSend): number {
  if (alert === null) return queuedMs;
  return event === 'alert.cleared' ? (alert.clearedMs ?? queuedMs) : alert.firedMs;
}

/** The body of a webhook: `type`, `timestamp` and `data`, as Standard Webhooks recommends. */
export function webhookBody(notice: ToSend): string {
  const timestamp = new Date(happenedMs(notice)).toISOString();
  const { alert } = notice;
  if (alert === null) return canonicalJson({ type: notice.event, timestamp, data: { text: 'A try of this webhook.' } });
  const { id, rule, subject, severity, name, kind, unit, value, threshold, title, detail } = alert;
  const { customer, asset, meter, firedMs } = alert;
  const facts = { id, rule, subject, severity, name, kind, unit, value, threshold, title, detail };
  const about = { customer, asset, meter, firedAt: new Date(firedMs).toISOString() };
  return canonicalJson({ type: notice.event, timestamp, data: { ...facts, ...about } });
}

/** Subject and text of a mail. */
export function mailText(notice: ToSend): Readonly<{ subject: string; text: string }> {
  const { alert, event } = notice;
  const at = new Date(happenedMs(notice)).toISOString();
  if (alert === null) return { subject: 'Tollkeeper: a try of this address', text: `Sent at ${at}.\n` };
  const what = event === 'alert.cleared' ? 'over' : alert.severity;
  const lines = [
    alert.title,
    alert.detail,
    '',
    `Rule: ${alert.name} (${alert.kind})`,
    `Seen: ${alert.value} ${alert.unit}, threshold ${alert.threshold}`,
    `${event === 'alert.cleared' ? 'Over' : 'Since'}: ${at}`,
    `Alert: ${alert.id}`,
  ];
  return { subject: `Tollkeeper, ${what}: ${alert.title}`, text: `${lines.join('\n')}\n` };
}
