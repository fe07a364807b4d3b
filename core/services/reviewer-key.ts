/** The key file of a reviewer without a workspace: an Ed25519 key that a passphrase seals, as an operator's is. */
import { refuse } from '#core/domain/refusal.ts';
import { rawKey } from './review-bundle.ts';
import { newKeyPair, seal, unseal } from './sealed-key.ts';
import type { Credential } from './sealed-key.ts';

const SCHEMA = 'tollkeeper/reviewer-key/1';
const PASSPHRASE_MIN = 10;

type KeyFile = Credential & Readonly<{ schema: typeof SCHEMA; name: string; publicKey: string }>;
const TEXTS = ['name', 'publicKey', 'salt', 'verifier', 'sealed', 'sealNonce', 'sealTag'] as const;

/** A new key: the text of its file, and the raw public key in hex that an admin registers. */
export async function newReviewerKey(name: string, passphrase: string): Promise<{ text: string; key: string }> {
  if (passphrase.length < PASSPHRASE_MIN) {
    refuse({
      code: 'INPUT_INVALID',
      detail: `A passphrase has at least ${PASSPHRASE_MIN} characters.`,
      fix: 'Choose a longer one.',
    });
  }
  const { publicKey, privateKey } = newKeyPair();
  const file: KeyFile = { schema: SCHEMA, name, publicKey, ...(await seal(passphrase, privateKey)) };
  return { text: `${JSON.stringify(file, null, 2)}\n`, key: rawKey(publicKey) };
}

function readKeyFile(text: string): KeyFile | null {
  try {
    const file = JSON.parse(text) as Partial<KeyFile> | null;
    const isOne = file?.schema === SCHEMA && TEXTS.every((name) => typeof file[name] === 'string');
    return isOne ? (file as KeyFile) : null;
  } catch {
    return null; // Refused below, as any other text that is no key file.
  }
}

/** Opens a key file with its passphrase. */
export async function openReviewerKey(
  text: string,
  passphrase: string,
): Promise<{ by: { name: string; key: string }; privateKey: Buffer }> {
  const file = readKeyFile(text);
  if (!file) {
    return refuse({
      code: 'INPUT_INVALID',
      detail: 'This is no key file of a reviewer.',
      fix: 'Make one with: tollkeeper review key FILE --name NAME.',
    });
  }
  const privateKey = await unseal(file, passphrase);
  if (!privateKey) {
    return refuse({ code: 'STATE_FORBIDS', detail: 'The passphrase is not right.', fix: 'Try again.' });
  }
  return { by: { name: file.name, key: rawKey(file.publicKey) }, privateKey };
}
