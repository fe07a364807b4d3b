// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Vm} from "forge-std/Vm.sol";
import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// The batch path: one signature for many entries, bad ones left out, and nothing taken twice.
contract BatchesTest is World {
    address private second = makeAddr("second user");

    function test_a_batch_settles_its_entries_and_says_so_once() public {
        join(user, 1000);
        join(second, 1000);
        bytes memory entries = abi.encodePacked(entry(user, 100, 1), entry(second, 200, 1));
        bytes memory signature = signBatch(1, bytes32("root"), entries, SIGNER_KEY);
        vm.expectEmit(address(serving));
        emit ServingStore.BatchSettled(provider, 1, bytes32("root"), 2, 0, 300, entries);
        vm.prank(signer);
        (uint256 settled, uint256 skipped) = serving.settleBatch(provider, 1, bytes32("root"), entries, signature);
        assertEq(settled, 2);
        assertEq(skipped, 0);
        assertMoney(user, 900, 0, 0, 300);
        assertMoney(second, 800, 0, 0, 300);
        assertEq(serving.getLastNonce(second, provider), 1);
        assertEq(serving.lastEpoch(provider), 1);
    }

    /// Both ways come to the same money; that the short one is taken where it can be only shows in what it costs.
    function test_plain_accounts_take_the_short_way_on_both_paths() public {
        bytes memory entries;
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](8);
        for (uint256 i = 0; i < list.length; ++i) {
            address who = address(uint160(0xACC0 + i));
            join(who, 1 ether);
            settle(who, 1, 1);
            entries = abi.encodePacked(entries, entry(who, 1e17, 2));
            list[i] = voucher(who, 1e16, 2);
        }
        bytes memory signature = signBatch(1, 0, entries, SIGNER_KEY);
        bytes memory batch = abi.encodeCall(serving.settleBatch, (provider, 1, bytes32(0), entries, signature));
        bytes memory vouchers = abi.encodeCall(serving.settleFeesWithTEE, (list));
        (uint256 shortBatch, uint256 shortVouchers) = (costOf(batch), costOf(vouchers));
        for (uint256 i = 0; i < list.length; ++i) {
            requestRefund(address(uint160(0xACC0 + i)), 1);
        }
        assertLt(shortBatch * 3, costOf(batch) * 2, "batch");
        assertLt(shortVouchers * 4, costOf(vouchers) * 3, "vouchers");
    }

    /// The gas of a call by the provider, which is then undone.
    function costOf(bytes memory call) private returns (uint256 used) {
        uint256 start = vm.snapshotState();
        vm.prank(provider);
        (bool isTaken,) = address(serving).call(call);
        used = vm.lastCallGas().gasTotalUsed;
        assertTrue(isTaken);
        vm.revertToState(start);
    }

    function test_what_stands_behind_the_entries_is_not_read() public {
        join(user, 1000);
        vm.recordLogs();
        settleBatch(1, entry(user, 100, 1));
        assertEq(vm.getRecordedLogs().length, 1, "the batch, and nothing skipped");
    }

    function test_an_entry_carries_a_fee_of_all_its_96_bits() public {
        uint256 fee = type(uint96).max - 7;
        join(user, type(uint96).max);
        settleBatch(1, entry(user, fee, 1));
        assertMoney(user, 7, 0, 0, fee);
    }

    function test_a_bad_entry_is_skipped_and_takes_no_other_with_it() public {
        join(user, 1000);
        fund(second, 1000);
        settle(user, 1, 5);
        bytes memory entries = abi.encodePacked(
            entry(second, 10, 1), entry(user, 20, 5), entry(user, 30, 6), entry(user, 30, 6), entry(user, 40, 7)
        );
        vm.expectEmit(address(serving));
        emit ServingStore.EntrySkipped(second, provider, 1, ServingStore.SettlementStatus.NOT_ACKNOWLEDGED);
        vm.expectEmit(address(serving));
        emit ServingStore.EntrySkipped(user, provider, 5, ServingStore.SettlementStatus.INVALID_NONCE);
        vm.expectEmit(address(serving));
        emit ServingStore.EntrySkipped(user, provider, 6, ServingStore.SettlementStatus.INVALID_NONCE);
        (uint256 settled, uint256 skipped) = settleBatch(1, entries);
        assertEq(settled, 2);
        assertEq(skipped, 3);
        assertMoney(user, 1000 - 1 - 30 - 40, 0, 0, 71);
    }

    function test_an_entry_short_of_money_takes_what_there_is_and_is_told() public {
        join(user, 50);
        vm.expectEmit(address(serving));
        emit ServingStore.VoucherSettled(
            user, provider, 80, bytes32("root"), 1, ServingStore.SettlementStatus.INSUFFICIENT_BALANCE
        );
        (uint256 settled,) = settleBatch(1, entry(user, 80, 1));
        assertEq(settled, 1);
        assertMoney(user, 0, 0, 0, 50);
    }

    function test_an_entry_collects_from_a_refund_that_waits() public {
        join(user, 1000);
        requestRefund(user, 900);
        (uint256 settled,) = settleBatch(1, entry(user, 101, 1));
        assertEq(settled, 1);
        assertMoney(user, 0, 0, 899, 101);
    }

    function test_nonces_are_shared_with_the_other_path() public {
        join(user, 1000);
        settleBatch(1, entry(user, 10, 3));
        assertEq(settle(user, 10, 3), 4);
        assertEq(settle(user, 10, 4), 0);
        (uint256 settled, uint256 skipped) = settleBatch(2, entry(user, 10, 4));
        assertEq(settled + skipped * 10, 10);
    }

    function test_a_nonce_may_not_move_too_far() public {
        join(user, 1000);
        (uint256 settled,) = settleBatch(1, entry(user, 10, 2 ** 48 + 1));
        assertEq(settled, 0);
        (settled,) = settleBatch(2, entry(user, 10, 2 ** 48));
        assertEq(settled, 1);
    }

    function test_an_epoch_only_grows_and_not_too_far() public {
        join(user, 1000);
        settleBatch(7, entry(user, 10, 1));
        checkRefused(7, abi.encodeWithSelector(ServingStore.InvalidEpoch.selector, 7, 7));
        checkRefused(6, abi.encodeWithSelector(ServingStore.InvalidEpoch.selector, 6, 7));
        checkRefused(8 + 2 ** 48, abi.encodeWithSelector(ServingStore.InvalidEpoch.selector, 8 + 2 ** 48, 7));
        settleBatch(7 + 2 ** 48, entry(user, 10, 2));
    }

    function checkRefused(uint256 epoch, bytes memory reason) private {
        bytes memory entries = entry(user, 10, 9);
        bytes memory signature = signBatch(epoch, bytes32("root"), entries, SIGNER_KEY);
        vm.prank(provider);
        vm.expectRevert(reason);
        serving.settleBatch(provider, epoch, bytes32("root"), entries, signature);
    }

    function test_only_the_provider_or_its_signer_submits() public {
        vm.expectRevert(abi.encodeWithSelector(ServingStore.NotProvider.selector, address(this)));
        serving.settleBatch(provider, 1, 0, entry(user, 1, 1), "");
        address nobody = makeAddr("nobody");
        vm.prank(nobody);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.NotProvider.selector, nobody));
        serving.settleBatch(nobody, 1, 0, entry(user, 1, 1), "");
    }

    function test_entries_are_whole() public {
        bytes[3] memory wrong = [bytes(""), hex"00", abi.encodePacked(entry(user, 1, 1), hex"00")];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.prank(provider);
            vm.expectRevert(abi.encodeWithSelector(ServingStore.InvalidEntries.selector, wrong[i].length));
            serving.settleBatch(provider, 1, 0, wrong[i], "");
        }
    }

    function test_a_signature_covers_every_part() public {
        join(user, 1000);
        bytes memory entries = entry(user, 10, 1);
        bytes memory signature = signBatch(1, bytes32("root"), entries, SIGNER_KEY);
        vm.startPrank(provider);
        vm.expectRevert(ServingStore.InvalidBatchSignature.selector);
        serving.settleBatch(provider, 2, bytes32("root"), entries, signature);
        vm.expectRevert(ServingStore.InvalidBatchSignature.selector);
        serving.settleBatch(provider, 1, bytes32("other"), entries, signature);
        vm.expectRevert(ServingStore.InvalidBatchSignature.selector);
        serving.settleBatch(provider, 1, bytes32("root"), entry(user, 11, 1), signature);
        vm.expectRevert(ServingStore.InvalidBatchSignature.selector);
        serving.settleBatch(provider, 1, bytes32("root"), entries, "");
        vm.chainId(4242);
        vm.expectRevert(ServingStore.InvalidBatchSignature.selector);
        serving.settleBatch(provider, 1, bytes32("root"), entries, signature);
    }

    function test_a_batch_of_a_replaced_signer_is_taken_within_its_time_for_those_it_binds() public {
        join(user, 1000);
        settle(user, 1, 1);
        rotate(NEXT_KEY);
        join(second, 1000);
        bytes memory entries = abi.encodePacked(entry(user, 10, 2), entry(second, 10, 1));
        skip(LOCK - 1);
        vm.expectEmit(address(serving));
        emit ServingStore.EntrySkipped(second, provider, 1, ServingStore.SettlementStatus.INVALID_SIGNATURE);
        (uint256 settled,) = settleBatch(1, entries);
        assertEq(settled, 1);
        skip(1);
        checkRefused(2, abi.encodeWithSelector(ServingStore.InvalidBatchSignature.selector));
    }

    function test_the_new_signer_does_not_settle_entries_of_the_old_version() public {
        join(user, 1000);
        rotate(NEXT_KEY);
        bytes memory entries = entry(user, 10, 1);
        bytes memory signature = signBatch(1, 0, entries, NEXT_KEY);
        vm.prank(provider);
        (uint256 settled, uint256 skipped) = serving.settleBatch(provider, 1, 0, entries, signature);
        assertEq(settled, 0);
        assertEq(skipped, 1);
    }

    function test_a_signer_of_long_ago_is_not_looked_for_for_ever() public {
        join(user, 1000);
        for (uint256 i = 0; i < 17; ++i) {
            rotate(0x1000 + i);
        }
        checkRefused(1, abi.encodeWithSelector(ServingStore.InvalidBatchSignature.selector));
    }

    /// Both paths come to the same money for the same fees, whatever waits or is short.
    function testFuzz_both_paths_come_to_the_same(uint96[6] memory fees, uint96 deposited, uint96 refund) public {
        deposited = uint96(bound(deposited, 1, 1e24));
        refund = uint96(bound(refund, 0, deposited));
        join(user, deposited);
        if (refund > 0) requestRefund(user, refund);
        uint256 start = vm.snapshotState();

        bytes memory entries;
        for (uint256 i = 0; i < fees.length; ++i) {
            fees[i] = uint96(bound(fees[i], 0, uint256(deposited) / 3));
            entries = abi.encodePacked(entries, entry(user, fees[i], i + 1));
        }
        settleBatch(1, entries);
        bytes32 byBatch = stateOf(user);
        vm.revertToState(start);
        for (uint256 i = 0; i < fees.length; ++i) {
            settle(user, fees[i], i + 1);
        }
        assertEq(stateOf(user), byBatch);
    }

    function stateOf(address who) private view returns (bytes32) {
        (uint256 balance, uint256 pending, uint256 unlockAt) = serving.getBalance(who, provider);
        (uint256 cancelled, uint256 cancelledUnlockAt) = serving.cancelledRefundOf(who, provider);
        uint256 earned = serving.getProviderEarnings(provider);
        uint256 nonce = serving.getLastNonce(who, provider);
        return keccak256(abi.encode(balance, pending, unlockAt, cancelled, cancelledUnlockAt, earned, nonce));
    }

    /// Garbage for entries is skipped or settled, but never takes the batch down.
    function testFuzz_no_entries_revert_a_batch(bytes memory garbage) public {
        join(user, 1000);
        bytes memory entries = entry(user, 10, 1);
        for (uint256 i = 0; i + 40 <= garbage.length && i < 400; i += 40) {
            bytes memory one = new bytes(40);
            for (uint256 at = 0; at < 40; ++at) {
                one[at] = garbage[i + at];
            }
            entries = abi.encodePacked(entries, one);
        }
        (uint256 settled, uint256 skipped) = settleBatch(1, entries);
        assertEq(settled, 1);
        assertEq(settled + skipped, entries.length / 40);
    }
}
