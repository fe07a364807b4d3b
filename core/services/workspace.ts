/** The workspace: what it is, its settings, its backup, its changes as they happen; and the proof of its books. */
import { refuse } from '#core/domain/refusal.ts';
import { shellWord } from '#core/domain/shell-word.ts';
import type { SettingsRecord } from '#core/ledger/catalog.ts';
import { noteRun } from './backups.ts';
import { asError, commitOne, os } from './base.ts';
import type { Core } from './core.ts';
import { clockOf } from './instant.ts';

/** Changes read at once; a listener that is behind gets the next page at once. */
const CHANGES_A_READ = 500;

function settingsView(settings: SettingsRecord) {
  const { unknownUsage, outage, issuer, dueDays, idleLockMs, maxFutureMs, maxRateAgeMs, noticesToLoopback } = settings;
  const usage = { unknownUsage, outage: { ...outage }, maxFutureMs, maxRateAgeMs };
  return { ...usage, issuer, dueDays, idleLockMs, noticesToLoopback };
}

async function info(core: Core) {
  const stats = await core.reader.read('stats', {});
  const { sequence: _sequence, recordedMs: _recorded, settings, ...rest } = stats;
  return {
    ...rest,
    name: settings.name,
    file: core.file,
    sample: settings.sample,
    network: 'local' as const,
    version: core.version,
    readOnly: core.readOnly,
    gatewayUrl: core.facts.gatewayUrl,
    liveTraffic: core.facts.liveTraffic?.isOn() ?? false,
    curve: core.curve,
    settings: settingsView(settings),
  };
}

/** Why a stream of changes ends by itself: who locked a session, or was signed out of it, hears nothing more. */
const SESSION_ENDED = {
  code: 'LOCKED',
  detail: 'This session is locked.',
  fix: 'Give your passphrase to go on.',
} as const;

/** Resolves at the next movement of the books, or when the listener leaves. */
function nextHead(core: Core, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    let isDone = false;
    const done = (): void => {
      if (isDone) return;
      isDone = true;
      unsubscribe();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribe = core.onMove(done);
    signal?.addEventListener('abort', done);
  });
}

export const workspace = {
  info: os.workspace.info.handler(({ context: { core } }) => info(core)),
  overview: os.workspace.overview.handler(
    ({ input, context: { core } }) => core.reader.read('overview', { ...input, nowMs: clockOf(core, input) }) as never,
  ),
  find: os.workspace.find.handler(async ({ input, context: { core } }) => ({
    items: [...(await core.reader.read('find', { ...input, text: input.text.trim() }))],
  })),
  set: os.workspace.set.handler(async ({ input, context }) => {
    const { core } = context;
    const defined = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const body = { ...core.snapshot().settings, ...defined } as SettingsRecord;
    await commitOne(core, {
      type: 'record.set',
      kind: 'settings',
      id: 'workspace',
      body,
      names: [],
      actor: context.principal().actor,
    });
    await core.refresh();
    return settingsView(body);
  }),
  backup: os.workspace.backup.handler(async ({ input, context: { core } }) => {
    const done = await core.backup(input.file);
    const { block, verified, bytes } = done;
    const of = { file: input.file, bytes, tookMs: Math.round(done.tookMs), problem: null };
    await noteRun(core, { kind: 'backup', ok: verified, block, of });
    return {
      file: input.file,
      bytes: String(bytes),
      block: String(block),
      verified,
      tookMs: Math.round(done.tookMs),
    };
  }),
  create: os.workspace.create.handler(async ({ input, context }) => {
    const file = await context.core.createWorkspace(input);
    context.core.log.info('workspace made', { file, by: context.principal().actor });
    return { file, command: `npm start -- --workspace ${shellWord(file)}` };
  }),
  setLiveTraffic: os.workspace.setLiveTraffic.handler(({ input, context: { core } }) => {
    const traffic = core.facts.liveTraffic;
    if (!traffic) {
      return refuse({
        code: 'STATE_FORBIDS',
        detail: 'Only the sample workspace has simulated customers.',
        fix: 'Send real usage to the gateway.',
      });
    }
    traffic.set(input.on);
    return { on: traffic.isOn() };
  }),
  changes: os.workspace.changes.handler(async function* changes({ input, context: { core, session }, signal }) {
    let after = input.after === undefined ? core.book.head().sequence : Number(input.after);
    const ended = new AbortController();
    const forget = session?.onEnd(() => ended.abort());
    const stop = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
    try {
      while (!stop.aborted) {
        const moved = nextHead(core, stop);
        const page = await core.reader.read('changes', { after, limit: CHANGES_A_READ });
        for (const change of page) {
          // A page may have been on its way when the session locked.
          if (stop.aborted) break;
          after = Number(change.sequence);
          yield change;
        }
        if (page.length < CHANGES_A_READ) await moved;
      }
    } finally {
      forget?.();
    }
    // Thrown out of a stream, no middleware would make a typed error of a refusal.
    if (ended.signal.aborted) throw asError(SESSION_ENDED);
  }),
};

export const ledger = {
  entries: os.ledger.entries.handler(({ input, context: { core } }) => core.reader.read('entries', input)),
  transaction: os.ledger.transaction.handler(({ input, context: { core } }) => core.reader.read('transaction', input)),
  accounts: os.ledger.accounts.handler(({ input, context: { core } }) => core.reader.read('accounts', input)),
  diff: os.ledger.diff.handler(({ input, context: { core } }) => {
    const { oldAsOfMs, oldKnownAtMs, newAsOfMs, newKnownAtMs, ...of } = input;
    const old = { asOfMs: oldAsOfMs, knownAtMs: oldKnownAtMs };
    return core.reader.read('diff', { ...of, old, new: { asOfMs: newAsOfMs, knownAtMs: newKnownAtMs } }) as never;
  }),
  verify: os.ledger.verify.handler(async function* verify({ context: { core }, signal }) {
    for await (const progress of core.verify(signal)) {
      if (progress.done && !core.readOnly) {
        const detail = progress.problem ? `${progress.problem.table}: ${progress.problem.detail}` : '';
        await core.book.commit([
          {
            type: 'run.record',
            actor: 'verify',
            kind: 'verify',
            ok: progress.ok === true,
            block: Number(progress.block),
            detail,
          },
        ]);
      }
      // Member by member: the last step knows more than the contract says, which a strict carrier would refuse.
      const { done, check, checked, total, ok, problem, block } = progress;
      yield { done, check, checked, total, ok, problem, block, finishedMs: done ? core.now() : null };
    }
  }),
};
