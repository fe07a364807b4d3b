// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Signatures} from "./Signatures.sol";
import {Vouchers} from "./Vouchers.sol";

/// @title Settlement of many fees under one signature
/// @dev An entry is 40 bytes, big-endian: user 20, nonce 8, fee in wei 12. Entries use the nonces of the vouchers,
///      so that a fee is never taken by both paths. `usageRoot` is the root over the usage records that the fees stand
///      for; nothing here reads it, but who was charged can ask for the proof.
abstract contract Batches is Vouchers {
    uint256 private constant ENTRY_BYTES = 40;
    uint256 private constant NEVER = type(uint256).max;

    /// @dev What the entries of a batch share. `acknowledged` is what an account must hold to be settled without a
    ///      closer look; `signer` is who signed the batch.
    struct Batch {
        address provider;
        address signer;
        uint256 acknowledged;
        bytes32 usageRoot;
        uint256 settled;
        uint256 paid;
    }

    /// @notice Settles entries under one signature `SettleBatch(address provider,uint256 epoch,bytes32 usageRoot,
    ///         bytes32 entriesHash)`. The epoch only grows. An entry that cannot be settled is skipped and told; it
    ///         never takes the others with it.
    function settleBatch(
        address provider,
        uint256 epoch,
        bytes32 usageRoot,
        bytes calldata entries,
        bytes calldata signature
    ) external returns (uint256 settled, uint256 skipped) {
        _checkSubmission(provider, epoch, entries);
        bytes32 digest = Signatures.batchDigest(provider, epoch, usageRoot, keccak256(entries));
        Batch memory batch = _openBatch(provider, usageRoot, Signatures.recover(digest, signature));
        _settleEntries(entries, batch);
        settled = batch.settled;
        skipped = entries.length / ENTRY_BYTES - settled;
        Earnings storage earnings = _earnings[provider];
        (earnings.amount, earnings.epoch) = (earnings.amount + uint192(batch.paid), uint64(epoch));
        emit BatchSettled(provider, epoch, usageRoot, settled, skipped, batch.paid, entries);
    }

    /// @notice The epoch of a provider's last batch.
    function lastEpoch(address provider) external view returns (uint256) {
        return _earnings[provider].epoch;
    }

    function _checkSubmission(address provider, uint256 epoch, bytes calldata entries) private view {
        address signer = _providers[provider].signer;
        if (signer == address(0) || (msg.sender != provider && msg.sender != signer)) revert NotProvider(msg.sender);
        if (entries.length == 0 || entries.length % ENTRY_BYTES != 0) revert InvalidEntries(entries.length);
        uint256 last = _earnings[provider].epoch;
        if (!_follows(epoch, last)) revert InvalidEpoch(epoch, last);
    }

    function _openBatch(address provider, bytes32 usageRoot, address signer) private view returns (Batch memory batch) {
        if (signer == address(0) || !_signsForAnyVersion(provider, signer)) revert InvalidBatchSignature();
        Provider storage service = _providers[provider];
        bool isInForce = service.isOpen && signer == service.signer;
        batch.provider = provider;
        batch.signer = signer;
        batch.acknowledged = isInForce ? uint256(service.version) + 1 : NEVER;
        batch.usageRoot = usageRoot;
    }

    function _settleEntries(bytes calldata entries, Batch memory batch) private {
        mapping(address => Account) storage accounts = _accounts[batch.provider];
        uint256 at;
        uint256 end;
        assembly ("memory-safe") {
            at := entries.offset
            end := add(at, entries.length)
        }
        // What `_settlePlain` leaves is either the end or an entry that needs a closer look.
        while ((at = _settlePlain(accounts, at, end, batch)) < end) {
            uint256 head;
            uint256 fee;
            assembly ("memory-safe") {
                head := calldataload(at)
                fee := or(shl(64, and(head, 0xffffffff)), shr(192, calldataload(add(at, 32))))
            }
            _settleEntry(batch, address(uint160(head >> 96)), uint64(head >> 32), fee);
            at += ENTRY_BYTES;
        }
    }

    /// @dev Settles entries as long as they are plain: nothing waits to be refunded, the version in force is
    ///      acknowledged, the nonce follows and the balance covers the fee. Gives where it stopped.
    function _settlePlain(mapping(address => Account) storage accounts, uint256 at, uint256 end, Batch memory batch)
        private
        returns (uint256 stoppedAt)
    {
        // The account's lower 96 bits as they must be: no flags, and the acknowledgement.
        uint256 wanted = batch.acknowledged << 64;
        uint256 maxStep = MAX_STEP;
        uint256 paid;
        assembly ("memory-safe") {
            let start := at
            mstore(32, accounts.slot)
            for {} lt(at, end) { at := add(at, 40) } {
                let head := calldataload(at)
                mstore(0, shr(96, head))
                let slot := keccak256(0, 64)
                let word := sload(slot)
                if iszero(eq(and(word, 0xffffffffffffffffffffffff), wanted)) { break }
                let fee := or(shl(64, and(head, 0xffffffff)), shr(192, calldataload(add(at, 32))))
                if gt(fee, shr(160, word)) { break }
                // The step to the new nonce; one that is not above the last wraps and is far too large.
                let step := sub(and(shr(32, head), 0xffffffffffffffff), and(shr(96, word), 0xffffffffffffffff))
                if iszero(lt(sub(step, 1), maxStep)) { break }
                sstore(slot, sub(add(word, shl(96, step)), shl(160, fee)))
                paid := add(paid, fee)
            }
            stoppedAt := at
            // Fields of `Batch`: settled is the fifth, paid the sixth.
            let field := add(batch, 128)
            mstore(field, add(mload(field), div(sub(at, start), 40)))
            field := add(batch, 160)
            mstore(field, add(mload(field), paid))
        }
    }

    /// @dev An entry that needs a closer look: a refund waits, the money is short, the version is not the one in force,
    ///      or something is wrong with it.
    function _settleEntry(Batch memory batch, address user, uint256 nonce, uint256 fee) private {
        Account memory account = _accounts[batch.provider][user];
        (bool isBound, bool isSigner) = _boundVersions(batch.provider, user, account.acknowledged, batch.signer);
        SettlementStatus status = SettlementStatus.SUCCESS;
        if (!isBound) status = SettlementStatus.NOT_ACKNOWLEDGED;
        else if (!_follows(nonce, account.lastNonce)) status = SettlementStatus.INVALID_NONCE;
        else if (!isSigner) status = SettlementStatus.INVALID_SIGNATURE;
        if (status != SettlementStatus.SUCCESS) {
            emit EntrySkipped(user, batch.provider, nonce, status);
            return;
        }
        uint256 paid;
        (status, paid) = _collect(batch.provider, user, fee, nonce);
        if (status != SettlementStatus.SUCCESS) {
            emit VoucherSettled(user, batch.provider, fee, batch.usageRoot, nonce, status);
        }
        batch.settled += 1;
        batch.paid += paid;
    }
}
