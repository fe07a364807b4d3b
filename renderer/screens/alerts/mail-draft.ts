/** The mail server as it is typed, and what the contract takes of it. */
import type { Inputs } from '../../lib/rpc.ts';
import type { Mail } from './words.ts';

export type MailDraft = Readonly<{
  host: string;
  port: string;
  security: string;
  user: string;
  password: string;
  from: string;
  to: string;
  isOn: boolean;
}>;

export function startOfMail(kept: Mail | null): MailDraft {
  return {
    host: kept?.host ?? '',
    port: String(kept?.port ?? 587),
    security: kept?.security ?? 'starttls',
    user: kept?.user ?? '',
    password: '',
    from: kept?.from ?? '',
    to: kept?.to.join(', ') ?? '',
    isOn: kept?.isOn ?? true,
  };
}

type Field = 'host' | 'port' | 'from' | 'to';
type Order = Inputs['mail']['set'];

const isAddress = (text: string): boolean => /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(text);
const securityOf = (text: string): Order['security'] => (text === 'tls' || text === 'none' ? text : 'starttls');

/** Problems are told of what was typed; an empty field only keeps the order from being one. */
export function readMail(
  draft: MailDraft,
  kept: Mail | null,
): Readonly<{ order: Order | null; problems: Readonly<Partial<Record<Field, string>>> }> {
  const [host, from, user] = [draft.host.trim(), draft.from.trim(), draft.user.trim()];
  const to = draft.to.split(/[\s,;]+/).filter((one) => one !== '');
  const port = /^\d{1,5}$/.test(draft.port) ? Number(draft.port) : 0;
  const problems: Partial<Record<Field, string>> = {};
  if (host !== '' && !/^[A-Za-z0-9.:-]+$/.test(host)) problems.host = 'A host name or address, without https://.';
  if (port < 1 || port > 65_535) problems.port = 'A number from 1 to 65535.';
  if (from !== '' && !isAddress(from)) problems.from = 'A mail address, as bills@example.com.';
  const bad = to.find((one) => !isAddress(one));
  if (bad !== undefined) problems.to = `${bad.slice(0, 60)} is no mail address.`;
  else if (to.length > 20) problems.to = 'At most 20 addresses.';
  const isWhole = host !== '' && from !== '' && to.length > 0 && Object.keys(problems).length === 0;
  if (!isWhole) return { order: null, problems };
  const order: Order = {
    host,
    port,
    security: securityOf(draft.security),
    user: user === '' ? null : user,
    from,
    to,
    isOn: draft.isOn,
    // Without a name there is nothing that a password goes with; otherwise one that is not typed stays.
    ...(user === '' ? { password: null } : draft.password === '' ? {} : { password: draft.password }),
  };
  return { order: kept === null && user !== '' && draft.password === '' ? null : order, problems };
}
