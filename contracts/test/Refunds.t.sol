// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// Deposits, refunds and what a settlement does to them.
contract RefundsTest is World {
    function withdrawRefund(address who) private {
        vm.prank(who);
        serving.withdrawRefund(provider);
    }

    function withdrawCancelled(address who) private {
        vm.prank(who);
        serving.withdrawCancelledRefund(provider);
    }

    /// Locked to the last second before its time; the clock stands at its time afterwards.
    function assertLockedUntilItsTime(function(address) take) private {
        skip(LOCK - 1);
        vm.expectRevert("refund locked");
        take(user);
        skip(1);
    }

    function test_anyone_deposits_for_anyone() public {
        vm.deal(address(this), 10);
        vm.expectEmit(address(serving));
        emit ServingStore.Deposited(user, provider, address(this), 10);
        serving.deposit{value: 10}(user, provider);
        assertMoney(user, 10, 0, 0, 0);
    }

    function test_a_deposit_of_nothing_is_refused() public {
        vm.expectRevert(ServingStore.ZeroAmount.selector);
        serving.deposit(user, provider);
    }

    function test_an_account_holds_no_more_than_96_bits_with_what_waits() public {
        fund(user, type(uint96).max);
        vm.deal(address(this), 1);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.AmountTooLarge.selector, 1));
        serving.deposit{value: 1}(user, provider);
        requestRefund(user, 7);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.AmountTooLarge.selector, 1));
        serving.deposit{value: 1}(user, provider);
    }

    function test_a_plain_transfer_is_refused() public {
        vm.deal(address(this), 1);
        (bool isTaken,) = address(serving).call{value: 1}("");
        assertFalse(isTaken);
    }

    function test_a_refund_opens_after_its_time_to_the_second() public {
        fund(user, 1000);
        vm.expectEmit(address(serving));
        emit ServingStore.RefundRequested(user, provider, 400, block.timestamp + LOCK);
        requestRefund(user, 400);
        assertMoney(user, 600, 400, 0, 0);
        assertLockedUntilItsTime(withdrawRefund);
        vm.expectEmit(address(serving));
        emit ServingStore.RefundWithdrawn(user, provider, 400);
        withdrawRefund(user);
        assertEq(user.balance, 400);
        assertMoney(user, 600, 0, 0, 0);
        vm.expectRevert(ServingStore.NothingToWithdraw.selector);
        withdrawRefund(user);
    }

    function test_a_new_request_takes_the_old_one_back_first() public {
        fund(user, 1000);
        requestRefund(user, 900);
        skip(LOCK);
        requestRefund(user, 1000);
        assertMoney(user, 0, 1000, 0, 0);
        vm.expectRevert("refund locked");
        withdrawRefund(user);
    }

    function test_a_refund_is_of_money_that_is_there() public {
        fund(user, 1000);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.InsufficientBalance.selector, 1000, 1001));
        requestRefund(user, 1001);
        vm.expectRevert(ServingStore.ZeroAmount.selector);
        requestRefund(user, 0);
    }

    // What the public contract got wrong.

    function test_a_settlement_that_clips_a_refund_strands_nothing() public {
        join(user, 1000);
        requestRefund(user, 500);
        uint256 unlockAt = block.timestamp + LOCK;
        vm.expectEmit(address(serving));
        emit ServingStore.RefundCancelled(user, provider, 400, unlockAt);
        assertEq(settle(user, 400, 1), 0);
        assertMoney(user, 100, 100, 400, 400);

        assertLockedUntilItsTime(withdrawCancelled);
        vm.expectEmit(address(serving));
        emit ServingStore.CancelledRefundWithdrawn(user, provider, 400);
        withdrawCancelled(user);
        withdrawRefund(user);
        assertEq(user.balance, 500);
        assertMoney(user, 100, 0, 0, 400);
        vm.expectRevert(ServingStore.NothingToWithdraw.selector);
        withdrawCancelled(user);
    }

    function test_a_fee_just_above_the_balance_takes_the_fee_and_not_the_refund() public {
        join(user, 1000);
        requestRefund(user, 900);
        assertEq(settle(user, 101, 1), 0);
        assertMoney(user, 0, 0, 899, 101);
    }

    function test_a_fee_is_taken_from_balance_then_cancelled_then_pending() public {
        join(user, 1000);
        requestRefund(user, 500);
        settle(user, 400, 1);
        assertMoney(user, 100, 100, 400, 400);
        settle(user, 150, 2);
        // 100 of the balance, 50 of the cancelled; the pending 100 then exceeds the balance and follows it.
        assertMoney(user, 0, 0, 450, 550);
        // To the last wei, and paid in full.
        assertEq(settle(user, 450, 3), 0);
        assertMoney(user, 0, 0, 0, 1000);
    }

    function test_a_second_clip_keeps_the_later_time() public {
        join(user, 1000);
        requestRefund(user, 500);
        settle(user, 400, 1);
        skip(1 hours);
        fund(user, 200);
        requestRefund(user, 300);
        uint256 later = block.timestamp + LOCK;
        settle(user, 50, 2);
        (uint256 amount, uint256 unlockAt) = serving.cancelledRefundOf(user, provider);
        assertEq(amount, 400 + 250);
        assertEq(unlockAt, later);
    }

    function test_an_earlier_clip_does_not_bring_a_time_forward() public {
        join(user, 1000);
        requestRefund(user, 400);
        settle(user, 450, 1);
        (, uint256 first) = serving.cancelledRefundOf(user, provider);
        assertMoney(user, 150, 150, 250, 450);
        settle(user, 100, 2);
        (uint256 amount, uint256 unlockAt) = serving.cancelledRefundOf(user, provider);
        assertEq(amount, 350);
        assertEq(unlockAt, first);
    }

    function test_a_refund_as_large_as_the_balance_is_not_touched() public {
        join(user, 1000);
        requestRefund(user, 400);
        vm.recordLogs();
        settle(user, 200, 1);
        assertEq(vm.getRecordedLogs().length, 1, "settled, and nothing cancelled");
        assertMoney(user, 400, 400, 0, 200);
    }

    /// The flags of an account, which send a settlement the longer way while something waits.
    function flagsOf(address who) private view returns (uint64) {
        bytes32 outer = keccak256(abi.encode(provider, uint256(3)));
        return uint64(uint256(vm.load(address(serving), keccak256(abi.encode(who, outer)))));
    }

    function test_an_account_with_nothing_waiting_is_plain_again() public {
        join(user, 1000);
        requestRefund(user, 500);
        assertEq(flagsOf(user), 1);
        settle(user, 400, 1);
        assertEq(flagsOf(user), 3);
        skip(LOCK);
        withdrawRefund(user);
        assertEq(flagsOf(user), 2);
        withdrawCancelled(user);
        assertEq(flagsOf(user), 0);
        requestRefund(user, 60);
        settle(user, 100, 2);
        assertEq(flagsOf(user), 0);
    }

    function test_a_request_does_not_take_the_cancelled_back() public {
        join(user, 1000);
        requestRefund(user, 500);
        settle(user, 400, 1);
        requestRefund(user, 200);
        assertMoney(user, 0, 200, 400, 400);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.InsufficientBalance.selector, 200, 201));
        requestRefund(user, 201);
    }

    function test_preview_counts_what_waits() public {
        join(user, 1000);
        requestRefund(user, 900);
        assertEq(preview(voucher(user, 1000, 1)), 0);
        assertEq(preview(voucher(user, 1001, 1)), 1);
    }

    function test_earnings_are_paid_once() public {
        join(user, 1000);
        settle(user, 300, 1);
        vm.expectEmit(address(serving));
        emit ServingStore.EarningsWithdrawn(provider, 300);
        vm.startPrank(provider);
        serving.withdrawEarnings();
        assertEq(provider.balance, 300);
        vm.expectRevert(ServingStore.NothingToWithdraw.selector);
        serving.withdrawEarnings();
    }

    function test_earnings_add_up_over_both_paths() public {
        join(user, 1000);
        settle(user, 300, 1);
        settleBatch(1, entry(user, 200, 2));
        settle(user, 100, 3);
        assertMoney(user, 400, 0, 0, 600);
    }

    function test_balances_of_many() public {
        fund(user, 3);
        address[] memory users = new address[](2);
        users[0] = user;
        users[1] = makeAddr("nobody");
        uint256[] memory balances = serving.balanceOfBatch(users, provider);
        assertEq(balances[0], 3);
        assertEq(balances[1], 0);
    }
}
