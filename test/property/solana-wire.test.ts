import { fc, test } from '@fast-check/vitest';
import {
  AddressLookupTableAccount,
  PublicKey,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import { describe, expect } from 'vitest';
import { base58 } from '#core/chain/local/solana/base58.ts';
import { isWritableKey, parseTransaction } from '#core/chain/local/solana/wire.ts';

const arbKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new PublicKey(bytes));

/** Instructions over a few keys, which repeat with other rights, as they do in life. */
const arbMessage = fc
  .record({ payer: arbKey, keys: fc.array(arbKey, { minLength: 2, maxLength: 12 }), hash: arbKey })
  .chain(({ payer, keys, hash }) => {
    const arbMeta = fc.record({ pubkey: fc.constantFrom(...keys), isSigner: fc.boolean(), isWritable: fc.boolean() });
    const arbInstruction = fc.record({
      programId: fc.constantFrom(...keys),
      keys: fc.array(arbMeta, { maxLength: 6 }),
      data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    });
    const instructions = fc.array(arbInstruction, { minLength: 1, maxLength: 4 });
    const table = fc.record({ key: arbKey, addresses: fc.subarray(keys) });
    return fc.record({
      payer: fc.constant(payer),
      hash: fc.constant(hash),
      instructions,
      table,
      isLegacy: fc.boolean(),
    });
  });

describe('a transaction as web3.js writes it', () => {
  test.prop([arbMessage], { numRuns: 400 })(
    'is read as web3.js means it',
    ({ payer, hash, instructions, table, isLegacy }) => {
      const built = new TransactionMessage({
        payerKey: payer,
        recentBlockhash: hash.toBase58(),
        instructions: instructions.map((each) => new TransactionInstruction(each)),
      });
      const state = {
        deactivationSlot: 2n ** 64n - 1n,
        lastExtendedSlot: 0,
        lastExtendedSlotStartIndex: 0,
        addresses: table.addresses,
      };
      const tables = [new AddressLookupTableAccount({ key: table.key, state })];
      const message = isLegacy ? built.compileToLegacyMessage() : built.compileToV0Message(tables);
      const transaction = new VersionedTransaction(message);
      const parsed = parseTransaction(Buffer.from(transaction.serialize()));
      expect(parsed.message).toMatchObject({
        version: transaction.version,
        header: message.header,
        keys: message.staticAccountKeys.map((key) => key.toBase58()),
        recentBlockhash: message.recentBlockhash,
      });
      expect(parsed.signatures).toHaveLength(message.header.numRequiredSignatures);
      const read = parsed.message.instructions.map(({ program, accounts, data }) => ({
        programIdIndex: program,
        accountKeyIndexes: [...accounts],
        data: base58(data),
      }));
      const meant = message.compiledInstructions.map(({ programIdIndex, accountKeyIndexes, data }) => ({
        programIdIndex,
        accountKeyIndexes: [...accountKeyIndexes],
        data: base58(data),
      }));
      expect(read).toEqual(meant);
      message.staticAccountKeys.forEach((_, index) => {
        expect(isWritableKey(parsed.message, index)).toBe(message.isAccountWritable(index));
      });
      expect(
        parsed.message.lookups.map(({ table: key, writable, readonly }) => [key, [...writable], [...readonly]]),
      ).toEqual(
        message.addressTableLookups.map((each) => [
          each.accountKey.toBase58(),
          [...each.writableIndexes],
          [...each.readonlyIndexes],
        ]),
      );
    },
  );
});
