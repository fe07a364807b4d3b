// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Accounts} from "./Accounts.sol";
import {Signatures} from "./Signatures.sol";

/// @title Settlement of vouchers that are signed one by one: the path that existing clients use
/// @dev A voucher costs one storage word in the usual case: the account. Vouchers of one provider that stand together
///      share what is read of it, and its earnings are written once.
abstract contract Vouchers is Accounts {
    /// @dev What a run of vouchers with one provider shares. `acknowledged` is what an account must hold to be bound to
    ///      the version in force; a closed service has none that matches. `slot` is where its accounts start.
    struct Run {
        address provider;
        bool mayCollect;
        address signer;
        uint256 acknowledged;
        bytes32 slot;
        uint256 earned;
    }

    /// @dev An account's word and where it is kept. Layout as in `Account`.
    struct Opened {
        bytes32 slot;
        uint256 word;
    }

    uint256 private constant NO_VERSION = type(uint256).max;
    uint256 private constant FLAGS_MASK = type(uint64).max;

    /// @notice Settles vouchers, each on its own: one that fails changes nothing and leaves the others alone. Only the
    ///         provider or its signer may collect, else the status is PROVIDER_MISMATCH.
    function settleFeesWithTEE(SandboxVoucher[] calldata vouchers)
        external
        returns (SettlementStatus[] memory statuses)
    {
        statuses = new SettlementStatus[](vouchers.length);
        bytes32 separator = Signatures.domainSeparator();
        Run memory run;
        for (uint256 i = 0; i < vouchers.length; ++i) {
            SandboxVoucher calldata voucher = vouchers[i];
            if (voucher.provider != run.provider) {
                _closeRun(run);
                run = _openRun(voucher.provider);
                run.mayCollect = run.mayCollect && (msg.sender == voucher.provider || msg.sender == run.signer);
            }
            statuses[i] = _settle(voucher, run, separator);
        }
        _closeRun(run);
    }

    /// @notice What each voucher would come to if it were settled first and alone, whoever asks.
    function previewSettlementResults(SandboxVoucher[] calldata vouchers)
        external
        view
        returns (SettlementStatus[] memory statuses)
    {
        statuses = new SettlementStatus[](vouchers.length);
        bytes32 separator = Signatures.domainSeparator();
        for (uint256 i = 0; i < vouchers.length; ++i) {
            SandboxVoucher calldata voucher = vouchers[i];
            (SettlementStatus status,) = _judge(voucher, _openRun(voucher.provider), separator);
            bool isCovered = voucher.totalFee <= _collectible(voucher.provider, voucher.user);
            if (status == SettlementStatus.SUCCESS && !isCovered) status = SettlementStatus.INSUFFICIENT_BALANCE;
            statuses[i] = status;
        }
    }

    /// @notice The EIP-712 domain of this contract on this chain.
    function domainSeparator() external view returns (bytes32) {
        return Signatures.domainSeparator();
    }

    function _openRun(address provider) private view returns (Run memory run) {
        Provider memory service = _providers[provider];
        mapping(address => Account) storage accounts = _accounts[provider];
        bytes32 slot;
        assembly ("memory-safe") {
            slot := accounts.slot
        }
        run.provider = provider;
        run.mayCollect = service.signer != address(0);
        run.signer = service.signer;
        run.acknowledged = service.isOpen ? uint256(service.version) + 1 : NO_VERSION;
        run.slot = slot;
    }

    function _closeRun(Run memory run) private {
        if (run.earned != 0) _earnings[run.provider].amount += uint192(run.earned);
    }

    function _settle(SandboxVoucher calldata voucher, Run memory run, bytes32 separator)
        private
        returns (SettlementStatus status)
    {
        Opened memory opened;
        (status, opened) = _judge(voucher, run, separator);
        if (status != SettlementStatus.SUCCESS) return status;
        uint256 fee = voucher.totalFee;
        uint256 nonce = voucher.nonce;
        uint256 word = opened.word;
        if (word & FLAGS_MASK == 0 && fee <= word >> 160) {
            bytes32 slot = opened.slot;
            assembly ("memory-safe") {
                // The last nonce gives way to this one, and the fee leaves the balance above it.
                let kept := and(word, not(shl(96, 0xffffffffffffffff)))
                sstore(slot, sub(or(kept, shl(96, nonce)), shl(160, fee)))
            }
            run.earned += fee;
        } else {
            uint256 paid;
            (status, paid) = _collect(run.provider, voucher.user, fee, nonce);
            run.earned += paid;
        }
        emit VoucherSettled(voucher.user, run.provider, fee, voucher.usageHash, nonce, status);
    }

    /// @dev Everything but the money, in the order clients know: provider, acknowledgement, nonce, signature.
    function _judge(SandboxVoucher calldata voucher, Run memory run, bytes32 separator)
        private
        view
        returns (SettlementStatus, Opened memory opened)
    {
        if (!run.mayCollect) return (SettlementStatus.PROVIDER_MISMATCH, opened);
        address user = voucher.user;
        _open(opened, user, run.slot);
        uint256 acknowledged = uint32(opened.word >> 64);
        bool isInForce = acknowledged == run.acknowledged;
        if (!isInForce) {
            (bool isBound,) = _boundVersions(run.provider, user, acknowledged, address(0));
            if (!isBound) return (SettlementStatus.NOT_ACKNOWLEDGED, opened);
        }
        if (!_follows(voucher.nonce, uint64(opened.word >> 96))) return (SettlementStatus.INVALID_NONCE, opened);
        address signer = Signatures.recover(_digest(voucher, separator), voucher.signature);
        if (!isInForce || signer != run.signer) {
            (, bool isSigner) = _boundVersions(run.provider, user, acknowledged, signer);
            if (!isSigner) return (SettlementStatus.INVALID_SIGNATURE, opened);
        }
        return (SettlementStatus.SUCCESS, opened);
    }

    /// @dev Reads the account of a user; `base` is where the provider's accounts start.
    function _open(Opened memory opened, address user, bytes32 base) private view {
        assembly ("memory-safe") {
            mstore(0, user)
            mstore(32, base)
            let slot := keccak256(0, 64)
            mstore(opened, slot)
            mstore(add(opened, 32), sload(slot))
        }
    }

    /// @dev Whether a nonce may follow another: above it, but not so far that few are left, and within 64 bits.
    function _follows(uint256 nonce, uint256 last) internal pure returns (bool) {
        return nonce > last && nonce - last <= MAX_STEP && nonce <= type(uint64).max;
    }

    function _digest(SandboxVoucher calldata voucher, bytes32 separator) private pure returns (bytes32 digest) {
        bytes32 typeHash = Signatures.VOUCHER_TYPEHASH;
        assembly ("memory-safe") {
            // In calldata: user, provider, totalFee, usageHash, nonce. The type orders them otherwise.
            let at := mload(0x40)
            mstore(at, typeHash)
            calldatacopy(add(at, 32), voucher, 64)
            calldatacopy(add(at, 96), add(voucher, 96), 64)
            calldatacopy(add(at, 160), add(voucher, 64), 32)
            let structHash := keccak256(at, 192)
            mstore(at, shl(240, 0x1901))
            mstore(add(at, 2), separator)
            mstore(add(at, 34), structHash)
            digest := keccak256(at, 66)
        }
    }
}
