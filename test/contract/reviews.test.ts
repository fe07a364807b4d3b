/** Reviews over two machines: a bundle out, proven and answered elsewhere, the answer back and counted once. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RefusalError } from '#core/domain/refusal.ts';
import { answerTo, makeAnswer, proveBundle } from '#core/services/review-bundle.ts';
import { newReviewerKey, openReviewerKey } from '#core/services/reviewer-key.ts';
import { here } from '../support/cli.ts';
import { invoiceOf, openDesk } from '../support/review-desks.ts';
import type { Desk } from '../support/review-desks.ts';
import { contentOf } from '../support/review-world.ts';
import { PASSPHRASE, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
let ours: Desk;
let theirs: Desk;
beforeAll(async () => {
  ours = await openDesk(folder, 'ours', { operators: [{ name: 'vic', role: 'viewer' }] });
  theirs = await openDesk(folder, 'theirs');
}, 60_000);
afterAll(async () => {
  await ours.close();
  await theirs.close();
  dispose();
});

let count = 0;
/** A new invoice and its bundle. */
async function exported() {
  count += 1;
  const invoice = await invoiceOf(ours, `c${count}`);
  return { invoice, ...(await ours.client.reviews.export({ invoice, passphrase: PASSPHRASE })) };
}

/** The key of the other workspace's admin, as its operators show it. */
async function keyOf({ client }: Desk): Promise<string> {
  const { items } = await client.operators.list({});
  return Buffer.from(items[0]?.publicKey ?? '', 'base64')
    .subarray(12)
    .toString('hex');
}

async function known(): Promise<void> {
  await ours.client.reviews.addReviewer({ name: 'Ada elsewhere', key: await keyOf(theirs) });
}

async function stranger() {
  const { text } = await newReviewerKey('Stan', PASSPHRASE);
  return openReviewerKey(text, PASSPHRASE);
}

describe('a review over two machines', () => {
  test('goes out as one file, is proven and answered elsewhere, and its answer comes back', async () => {
    const { bundle, review, invoice, fileName } = await exported();
    expect(review).toMatchObject({ invoice, state: 'waiting', events: 3, eventsShown: 3, by: { name: 'ada' } });
    expect(fileName).toBe(`${review.number}.tollbundle`);

    const opened = await theirs.client.reviews.open({ bundle });
    expect(opened).toMatchObject({ agrees: true, complaints: [], ours: false, sha256: review.bundleSha256 });
    expect(opened.lines.flatMap(({ checks }) => checks.map(({ ok }) => ok)).every((ok) => ok === true)).toBe(true);
    expect(await ours.client.reviews.open({ bundle })).toMatchObject({ ours: true, agrees: true });

    const line = opened.lines[0]?.line.id ?? '';
    const lines = [{ line, note: 'Agreed with the contract of May.' }];
    const decision = { bundle, verdict: 'approved' as const, note: 'Fine.', lines, passphrase: PASSPHRASE };
    const decided = await theirs.client.reviews.decide(decision);
    expect(decided.fileName).toBe(`${review.number}-approved.tollanswer`);
    await known();
    const back = await ours.client.reviews.import({ answer: decided.answer });
    expect(back).toMatchObject({ id: review.id, state: 'approved' });
    expect(back.answers).toMatchObject([
      {
        verdict: 'approved',
        note: 'Fine.',
        lines,
        verified: true,
        reviewer: { kind: 'reviewer', name: 'Ada elsewhere' },
      },
    ]);
    expect((await ours.client.reviews.list({ invoice })).items).toEqual([back]);
  });

  test('keeps what it knew at an instant', async () => {
    const { invoice, bundle } = await exported();
    const before = ours.core.now();
    await known();
    const { answer } = await theirs.client.reviews.decide({ bundle, verdict: 'rejected', passphrase: PASSPHRASE });
    while (ours.core.now() <= before) await new Promise((resolve) => setImmediate(resolve));
    await ours.client.reviews.import({ answer });
    const states = async (knownAtMs?: number) =>
      (await ours.client.reviews.list({ invoice, ...(knownAtMs === undefined ? {} : { knownAtMs }) })).items.map(
        ({ state }) => state,
      );
    expect([await states(before), await states()]).toEqual([['waiting'], ['rejected']]);
  });

  test('leaves books that prove', async () => {
    let last: { ok: boolean | null; problem: unknown } | undefined;
    for await (const { ok, problem } of await ours.client.ledger.verify({})) last = { ok, problem };
    expect(last).toEqual({ ok: true, problem: null });
  });
});

describe('an answer is refused', () => {
  test('when it was changed, or signed by another key than it names', async () => {
    const { bundle } = await exported();
    await known();
    const { answer } = await theirs.client.reviews.decide({ bundle, verdict: 'rejected', passphrase: PASSPHRASE });
    const turned = answer.replace('"verdict":"rejected"', '"verdict":"approved"');
    await expect(ours.client.reviews.import({ answer: turned })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      data: { detail: expect.stringContaining('not signed by the key it names') as unknown },
    });
    await expect(ours.client.reviews.import({ answer: `${answer}\n` })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await expect(ours.client.reviews.import({ answer: 'yes' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('when its key belongs to nobody here', async () => {
    const { bundle, invoice } = await exported();
    const { by, privateKey } = await stranger();
    const made = answerTo(bundle, { verdict: 'approved', note: '', lines: [], by, decidedMs: 1 });
    const answer = makeAnswer(made.answer, privateKey);
    await expect(ours.client.reviews.import({ answer })).rejects.toMatchObject({
      code: 'STATE_FORBIDS',
      data: { detail: expect.stringContaining('belongs to nobody') as unknown, values: { key: by.key } },
    });
    const { id } = await ours.client.reviews.addReviewer({ name: 'Stan', key: by.key });
    await ours.client.reviews.removeReviewer({ id });
    await expect(ours.client.reviews.import({ answer })).rejects.toMatchObject({ code: 'STATE_FORBIDS' });
    expect((await ours.client.reviews.list({ invoice })).items).toMatchObject([{ state: 'waiting', answers: [] }]);
  });

  test('when its operator may not decide about invoices', async () => {
    const { bundle } = await exported();
    await ours.signIn('vic');
    const { answer } = await ours.client.reviews.decide({ bundle, verdict: 'approved', passphrase: PASSPHRASE });
    await ours.signIn('ada');
    await expect(ours.client.reviews.import({ answer })).rejects.toMatchObject({
      code: 'STATE_FORBIDS',
      data: { detail: expect.stringContaining('vic may not decide') as unknown },
    });
  });

  test('when it is about a file that was not exported here', async () => {
    const invoice = await invoiceOf(theirs, 'elsewhere');
    const { bundle } = await theirs.client.reviews.export({ invoice, passphrase: PASSPHRASE });
    await known();
    const { answer } = await theirs.client.reviews.decide({ bundle, verdict: 'approved', passphrase: PASSPHRASE });
    await expect(ours.client.reviews.import({ answer })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('when it is about other bytes of the invoice than it has', async () => {
    const { bundle } = await exported();
    const { by, privateKey } = await stranger();
    await ours.client.reviews.addReviewer({ name: 'Stan', key: by.key });
    const { answer } = answerTo(bundle, { verdict: 'approved', note: '', lines: [], by, decidedMs: 1 });
    const others = [{ invoiceSha256: '00'.repeat(32) }, { invoice: 'inv_00000000' }, { review: 'rev_00000000' }];
    for (const other of others) {
      await expect(
        ours.client.reviews.import({ answer: makeAnswer({ ...answer, ...other }, privateKey) }),
      ).rejects.toMatchObject({
        code: 'STATE_FORBIDS',
        data: { detail: expect.stringContaining('as it stands now') as unknown },
      });
    }
  });

  test('when the reviewer answered before; the same file again changes nothing', async () => {
    const { bundle } = await exported();
    await known();
    const decide = (verdict: 'approved' | 'rejected') =>
      theirs.client.reviews.decide({ bundle, verdict, passphrase: PASSPHRASE });
    const [first, second] = [await decide('rejected'), await decide('approved')];
    const counted = await ours.client.reviews.import({ answer: first.answer });
    expect(await ours.client.reviews.import({ answer: first.answer })).toEqual(counted);
    await expect(ours.client.reviews.import({ answer: second.answer })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await ours.client.reviews.list({ invoice: counted.invoice })).items).toEqual([counted]);
  });
});

describe('a bundle is refused', () => {
  test('to whoever does not know the passphrase, and of a draft', async () => {
    const { bundle, invoice } = await exported();
    const wrong = { passphrase: 'wrong horse battery' };
    const refused = { code: 'STATE_FORBIDS', data: { detail: 'The passphrase is not right.' } };
    await expect(ours.client.reviews.export({ invoice, ...wrong })).rejects.toMatchObject(refused);
    await expect(ours.client.reviews.decide({ bundle, verdict: 'approved', ...wrong })).rejects.toMatchObject(refused);
    await expect(ours.client.reviews.export({ invoice: 'inv_00000000', passphrase: PASSPHRASE })).rejects.toMatchObject(
      { code: 'NOT_FOUND' },
    );
  });

  test('approval where it does not agree, and may then be rejected', async () => {
    const { bundle } = await exported();
    const broken = bundle.replace('"kind":"invoice"', '"kind": "invoice"');
    const changed = bundle.replace(/("exportedMs":\d+)/, '$11');
    const call = { passphrase: PASSPHRASE };
    await expect(theirs.client.reviews.decide({ bundle: changed, verdict: 'approved', ...call })).rejects.toMatchObject(
      {
        code: 'STATE_FORBIDS',
        data: { detail: expect.stringContaining('Line 1, the header') as unknown },
      },
    );
    await expect(theirs.client.reviews.decide({ bundle: broken, verdict: 'approved', ...call })).rejects.toMatchObject({
      code: 'STATE_FORBIDS',
    });
    const { answer } = await theirs.client.reviews.decide({ bundle: changed, verdict: 'rejected', ...call });
    expect(answer).toContain('"verdict":"rejected"');
  });

  test('a word about a line that it does not have', async () => {
    const { bundle } = await exported();
    const lines = [{ line: 'lin_00000000', note: 'What is this?' }];
    await expect(
      theirs.client.reviews.decide({ bundle, verdict: 'rejected', lines, passphrase: PASSPHRASE }),
    ).rejects.toMatchObject({ code: 'STATE_FORBIDS', data: { detail: 'The invoice has no line lin_00000000.' } });
  });
});

describe('a bundle of many events', () => {
  test('shows a sample beyond the stated limit, says so, and still proves', { timeout: 60_000 }, async () => {
    await ours.client.customers.create({ name: 'Many', externalId: 'many', plan: 'startup' });
    for (let batch = 0; batch < 11; batch += 1) {
      const events = Array.from({ length: 100 }, (_, at) => ({
        source: 't',
        id: `m${batch}-${at}`,
        customer: 'many',
        meter: 'api.requests',
        quantity: '1',
      }));
      await ours.client.usage.record({ events });
    }
    const { invoices } = await ours.client.invoices.close({ customer: 'many', early: true, finalize: true });
    const made = await ours.client.reviews.export({ invoice: invoices[0] ?? '', passphrase: PASSPHRASE });
    expect(made.review.events).toBe(1_100);
    expect(made.review.eventsShown).toBeLessThanOrEqual(1_000);
    const proof = proveBundle(made.bundle);
    expect(proof.complaints).toEqual([]);
    const [events] = proof.lines.find(({ line }) => line.kind === 'usage')?.checks ?? [];
    expect(events).toMatchObject({ ok: null, title: '1\u2009100 events' });
    expect(events?.text).toMatch(/^a sample of \d+.*the others are only counted$/);
  });
});

describe('the command line', () => {
  const path = (name: string): string => join(folder, name);

  test('exports, proves without a workspace, answers with a key file, and takes the answer back', async () => {
    const desk = await openDesk(folder, 'cli');
    const invoice = await invoiceOf(desk, 'acme');
    await desk.close();
    const at = ['--workspace', desk.file, '--operator', 'ada'];
    const out = await here(['review', 'export', invoice, '--out', path('a.tollbundle'), ...at]);
    expect([out.code, out.err]).toEqual([0, expect.stringContaining('Wrote')]);
    expect(statSync(path('a.tollbundle')).mode & 0o777).toBe(0o600);

    const nowhere = ['--workspace', path('none.toll')];
    const verified = await here(['review', 'verify', path('a.tollbundle'), '--viewer', path('a.html'), ...nowhere]);
    expect(verified).toMatchObject({ code: 0, json: { agrees: true, complaints: [] } });
    expect(readFileSync(path('a.html'), 'utf8')).toContain('application/octet-stream">ey');
    const told = await here(['review', 'verify', path('a.tollbundle'), '--output', 'table']);
    expect(told.out).toMatch(/Everything agrees\.\n$/);

    const key = await here(['review', 'key', path('rita.json'), '--name', 'Rita']);
    const { key: publicKey } = key.json as { key: string };
    const line = contentOf(readFileSync(path('a.tollbundle'), 'utf8'))
      .flatMap((one) => (one.kind === 'header' ? one.counts : []))
      .map((one) => one.line)[0];
    const answered = await here([
      ...['review', 'reject', path('a.tollbundle'), '--key', path('rita.json'), '--out', path('a.tollanswer')],
      ...['--note', 'Not yet.', '--line', `${line}=Too much.`, ...nowhere],
    ]);
    expect(answered.code).toBe(0);

    const refused = await here(['review', 'import', path('a.tollanswer'), ...at]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('belongs to nobody')]);
    await here(['reviews', 'addReviewer', '--name', 'Rita', '--key', publicKey, ...at]);
    const counted = await here(['review', 'import', path('a.tollanswer'), ...at]);
    expect(counted).toMatchObject({
      code: 0,
      json: {
        state: 'rejected',
        answers: [{ note: 'Not yet.', by: { name: 'Rita' }, lines: [{ note: 'Too much.' }] }],
      },
    });
  }, 60_000);

  test('names a changed byte and exits as refused', async () => {
    const { bundle } = await exported();
    const bytes = Buffer.from(bundle);
    bytes[bundle.indexOf('"kind":"event"') + 200] = 0x58;
    writeFileSync(path('bent.tollbundle'), bytes);
    const { code, json, out } = await here(['review', 'verify', path('bent.tollbundle')]);
    expect([code, (json as { agrees: boolean }).agrees, out]).toEqual([1, false, expect.stringContaining('event ')]);
    const approved = await here(['review', 'approve', path('bent.tollbundle'), '--key', path('rita.json')]);
    expect([approved.code, approved.err]).toEqual([1, expect.stringContaining('does not agree')]);
    const bom = path('bom.tollbundle');
    writeFileSync(bom, `\ufeff${bundle}`);
    expect((await here(['review', 'verify', bom])).code).toBe(1);
  });

  test.each([
    [['review', 'nothing', 'x'], 'review has no verb'],
    [['review', 'verify', '/nowhere.tollbundle'], 'There is no file'],
    [['review', 'verify'], 'review needs more words'],
    [['review', 'key', '/tmp'], 'needs --name'],
  ])('says what was wrong with %j', async (args, said) => {
    const { code, err } = await here(args);
    expect([code, err]).toEqual([64, expect.stringContaining(said)]);
  });

  test('opens no file that is larger than a bundle can be', async () => {
    writeFileSync(path('large.tollbundle'), Buffer.alloc(6 * 2 ** 20 + 1, 0x20));
    const { code, err } = await here(['review', 'verify', path('large.tollbundle')]);
    expect([code, err]).toEqual([1, expect.stringContaining('larger than 6 MiB')]);
    await expect(openReviewerKey('{}', PASSPHRASE)).rejects.toBeInstanceOf(RefusalError);
  });
});
