/** Sends a notice by mail over SMTP. */
import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import type { MailRecord } from '#core/domain/notice.ts';
import { mailText } from './payload.ts';
import type { ToSend } from './payload.ts';
import type { Went } from './post.ts';

/** From the first packet to the last. */
const TIMEOUT_MS = 30_000;
const GREETING_MS = 15_000;

type Opened = (error: Error | null, socket: object | false) => void;

/**
 * Tries to mail a notice once. What went wrong is in the answer, without the password; rejects only when the signal
 * ended it, because then nobody knows.
 */
export async function mailNotice(notice: ToSend, mail: MailRecord, stop: AbortSignal): Promise<Went> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(TIMEOUT_MS)]);
  // A connection of ours, so that it can be ended: the library's own would keep a closing console waiting.
  const open = (_options: object, opened: Opened): void => {
    const socket = connect({ host: mail.host, port: mail.port, signal });
    socket.once('error', (error) => opened(error, false));
    socket.once('connect', () => opened(null, { connection: socket }));
  };
  const [password] = notice.secrets;
  if (mail.security === 'none' && !notice.mayLoopBack) {
    const detail = 'Mail without TLS goes to this machine only, and that is off in the settings.';
    return { ok: false, status: null, detail, isGone: false };
  }
  const transport = createTransport({
    host: mail.host,
    port: mail.port,
    secure: mail.security === 'tls',
    requireTLS: mail.security === 'starttls',
    ignoreTLS: mail.security === 'none',
    ...(mail.user === null || password === undefined ? {} : { auth: { user: mail.user, pass: password } }),
    getSocket: open,
    greetingTimeout: GREETING_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    // The id of the notice is the id of the message: a server that was reached twice can tell.
    const messageId = `<${notice.id}@tollkeeper.invalid>`;
    const sent = await transport.sendMail({ from: mail.from, to: [...mail.to], messageId, ...mailText(notice) });
    const refused = sent.rejected.length;
    if (refused > 0) return went(null, `${refused} of ${mail.to.length} addresses were refused.`, sent.accepted.length);
    return { ok: true, status: 250, detail: 'It was taken.', isGone: false };
  } catch (error) {
    stop.throwIfAborted();
    const code = (error as { responseCode?: number }).responseCode ?? null;
    const words = error instanceof Error ? error.message : String(error);
    return went(code, password === undefined ? words : words.replaceAll(password, '…'), 0);
  } finally {
    transport.close();
  }
}

/** A message that some took is not sent again: they would have it twice. */
const went = (status: number | null, detail: string, accepted: number): Went => ({
  ok: accepted > 0,
  status,
  detail: detail.slice(0, 300),
  isGone: false,
});
