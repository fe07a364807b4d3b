import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { createLog, redact } from './log.ts';

const secret = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `tk_live_${hex}`);

property.prop([secret, fc.string(), fc.string()])('no API key leaves in any text around it', (key, before, after) => {
  const text = JSON.stringify(redact({ note: `${before} ${key} ${after}`, deep: [{ note: key }] }));
  expect(text).not.toContain(key.slice(20));
});

property.prop([
  fc.constantFrom('passphrase', 'apiKey', 'Authorization', 'cookie', 'sessionToken'),
  fc.string({ minLength: 1 }),
])('a field with the name of a secret is taken out whatever is in it', (name, value) => {
  expect(redact({ [name]: value })).toEqual({ [name]: '[redacted]' });
});

test('a log writes one line of JSON from its level on', () => {
  const lines: string[] = [];
  const log = createLog('warn', (line) => lines.push(line));
  log.info('too quiet');
  log.error('writer died', { error: new Error('Bearer abcdef'), amount: 12n });
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', event: 'writer died', amount: '12' });
  expect(lines[0]).not.toContain('abcdef');
});
