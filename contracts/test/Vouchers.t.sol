// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// The compatible settlement path: statuses in their order, money, signatures, nonces, and replay.
contract VouchersTest is World {
    uint8 private constant SUCCESS = 0;
    uint8 private constant INSUFFICIENT_BALANCE = 1;
    uint8 private constant PROVIDER_MISMATCH = 2;
    uint8 private constant NOT_ACKNOWLEDGED = 3;
    uint8 private constant INVALID_NONCE = 4;
    uint8 private constant INVALID_SIGNATURE = 5;

    function test_a_voucher_moves_its_fee_to_the_provider() public {
        join(user, 1000);
        ServingStore.SandboxVoucher memory v = voucher(user, 400, 1);
        vm.expectEmit(address(serving));
        emit ServingStore.VoucherSettled(user, provider, 400, v.usageHash, 1, ServingStore.SettlementStatus.SUCCESS);
        assertEq(settle(v), SUCCESS);
        assertMoney(user, 600, 0, 0, 400);
        assertEq(serving.getLastNonce(user, provider), 1);
    }

    function test_a_fee_above_the_money_takes_all_there_is() public {
        join(user, 100);
        assertEq(settle(user, 1000, 1), INSUFFICIENT_BALANCE);
        assertMoney(user, 0, 0, 0, 100);
    }

    function test_the_signer_may_submit_and_nobody_else() public {
        join(user, 1000);
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](1);
        list[0] = voucher(user, 10, 1);
        vm.prank(user);
        assertEq(uint8(serving.settleFeesWithTEE(list)[0]), PROVIDER_MISMATCH);
        assertMoney(user, 1000, 0, 0, 0);
        vm.prank(signer);
        assertEq(uint8(serving.settleFeesWithTEE(list)[0]), SUCCESS);
    }

    function test_an_unknown_provider_is_a_mismatch_whoever_asks() public {
        ServingStore.SandboxVoucher memory v = unsigned(user, 10, 1);
        v.provider = makeAddr("nobody");
        assertEq(settle(v), PROVIDER_MISMATCH);
        assertEq(preview(v), PROVIDER_MISMATCH);
        v.provider = address(0);
        assertEq(preview(v), PROVIDER_MISMATCH);
    }

    function test_statuses_come_in_the_order_clients_know() public {
        ServingStore.SandboxVoucher memory v = unsigned(user, 10, 0);
        assertEq(settle(v), NOT_ACKNOWLEDGED);
        join(user, 1000);
        assertEq(settle(v), INVALID_NONCE);
        v.nonce = 1;
        assertEq(settle(v), INVALID_SIGNATURE);
        assertEq(settle(sign(v, SIGNER_KEY)), SUCCESS);
    }

    function test_a_refused_voucher_changes_nothing_and_says_nothing() public {
        join(user, 1000);
        vm.recordLogs();
        settle(user, 10, 0);
        settle(unsigned(user, 10, 1));
        assertEq(vm.getRecordedLogs().length, 0);
        assertEq(serving.getLastNonce(user, provider), 0);
        assertMoney(user, 1000, 0, 0, 0);
    }

    function test_preview_tells_each_voucher_alone_and_does_not_look_at_the_sender() public {
        join(user, 100);
        vm.prank(address(0));
        assertEq(preview(voucher(user, 100, 1)), SUCCESS);
        assertEq(preview(voucher(user, 101, 1)), INSUFFICIENT_BALANCE);
        assertEq(preview(voucher(user, 1, 0)), INVALID_NONCE);
        assertEq(preview(unsigned(user, 1, 1)), INVALID_SIGNATURE);
        assertEq(preview(voucher(makeAddr("stranger"), 1, 1)), NOT_ACKNOWLEDGED);
    }

    function test_a_list_of_several_providers_is_settled_for_each_that_sends_it() public {
        address other = makeAddr("other provider");
        register(other, signer);
        join(user, 100);
        vm.prank(user);
        serving.acknowledgeTEESigner(other, true);
        vm.deal(user, 100);
        vm.prank(user);
        serving.deposit{value: 100}(user, other);
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](3);
        list[0] = voucher(user, 10, 1);
        list[1] = unsigned(user, 20, 1);
        list[1].provider = other;
        list[1] = sign(list[1], SIGNER_KEY);
        list[2] = voucher(user, 30, 2);
        // Both providers share their signer, so it may submit for both.
        vm.prank(signer);
        ServingStore.SettlementStatus[] memory statuses = serving.settleFeesWithTEE(list);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(uint8(statuses[i]), SUCCESS);
        }
        assertEq(serving.getProviderEarnings(provider), 40);
        assertEq(serving.providerEarnings(other), 20);
    }

    // What the public contract got wrong.

    function test_a_high_s_twin_of_a_signature_is_refused() public {
        join(user, 1000);
        ServingStore.SandboxVoucher memory v = unsigned(user, 10, 1);
        (uint8 parity, bytes32 r, bytes32 s) = vm.sign(SIGNER_KEY, digestOf(v));
        v.signature = abi.encodePacked(r, bytes32(N - uint256(s)), parity == 27 ? 28 : 27);
        assertEq(settle(v), INVALID_SIGNATURE);
    }

    function test_v_may_be_0_or_1_and_nothing_odd() public {
        join(user, 1000);
        ServingStore.SandboxVoucher memory v = unsigned(user, 10, 1);
        (uint8 parity, bytes32 r, bytes32 s) = vm.sign(SIGNER_KEY, digestOf(v));
        v.signature = abi.encodePacked(r, s, uint8(29));
        assertEq(settle(v), INVALID_SIGNATURE);
        v.signature = abi.encodePacked(r, s);
        assertEq(settle(v), INVALID_SIGNATURE);
        v.signature = abi.encodePacked(r, s, parity, uint8(0));
        assertEq(settle(v), INVALID_SIGNATURE);
        v.signature = abi.encodePacked(r, s, parity - 27);
        assertEq(settle(v), SUCCESS);
    }

    function test_the_greatest_nonce_does_not_lock_the_pair() public {
        join(user, 1000);
        assertEq(settle(user, 10, type(uint256).max), INVALID_NONCE);
        assertEq(settle(user, 10, 2 ** 48 + 1), INVALID_NONCE);
        assertEq(settle(user, 10, 2 ** 48), SUCCESS);
        assertEq(settle(user, 10, 2 ** 48 + 1), SUCCESS);
    }

    function test_a_nonce_stays_within_64_bits() public {
        join(user, 1000);
        // Each step is the longest there is; the last would leave what an account can hold.
        bytes32 outer = keccak256(abi.encode(provider, accountsSlot()));
        bytes32 slot = keccak256(abi.encode(user, outer));
        uint256 word = uint256(vm.load(address(serving), slot));
        vm.store(address(serving), slot, bytes32(word | (uint256(type(uint64).max - 5) << 96)));
        assertEq(serving.getLastNonce(user, provider), type(uint64).max - 5);
        assertEq(settle(user, 10, uint256(type(uint64).max) + 1), INVALID_NONCE);
        assertEq(settle(user, 10, type(uint64).max), SUCCESS);
    }

    function test_a_fork_with_another_chain_id_has_another_domain() public {
        join(user, 1000);
        ServingStore.SandboxVoucher memory v = voucher(user, 10, 1);
        bytes32 here = serving.domainSeparator();
        vm.chainId(4242);
        assertNotEq(serving.domainSeparator(), here);
        assertEq(settle(v), INVALID_SIGNATURE);
    }

    function test_a_voucher_of_one_proxy_is_none_of_another() public {
        join(user, 1000);
        ServingStore.SandboxVoucher memory v = voucher(user, 10, 1);
        serving = deployProxy();
        register(provider, signer);
        join(user, 1000);
        assertEq(settle(v), INVALID_SIGNATURE);
    }

    function testFuzz_a_voucher_is_settled_once_however_often_it_is_sent(uint8 times, uint96 fee) public {
        fee = uint96(bound(fee, 0, 1000));
        join(user, 1000);
        ServingStore.SandboxVoucher memory v = voucher(user, fee, 1);
        assertEq(settle(v), SUCCESS);
        for (uint256 i = 0; i < times % 8; ++i) {
            assertEq(settle(v), INVALID_NONCE);
        }
        assertMoney(user, 1000 - fee, 0, 0, fee);
    }

    function testFuzz_no_other_field_passes_under_a_signature(uint256 fee, uint256 nonce, bytes32 usage) public {
        join(user, 1000);
        ServingStore.SandboxVoucher memory v = voucher(user, 10, 1);
        vm.assume(fee != v.totalFee || nonce != v.nonce || usage != v.usageHash);
        (v.totalFee, v.nonce, v.usageHash) = (fee, nonce, usage);
        uint8 status = settle(v);
        assertTrue(status == INVALID_SIGNATURE || status == INVALID_NONCE);
    }

    function testFuzz_a_fee_is_paid_from_all_that_waits_and_no_wei_is_lost(
        uint96 deposited,
        uint96 refund,
        uint96 firstFee,
        uint96 secondFee
    ) public {
        deposited = uint96(bound(deposited, 1, 1e24));
        refund = uint96(bound(refund, 1, deposited));
        join(user, deposited);
        requestRefund(user, refund);
        uint256 due = uint256(firstFee) + secondFee;
        settle(user, firstFee, 1);
        settle(user, secondFee, 2);
        (uint256 balance, uint256 pending,) = serving.getBalance(user, provider);
        (uint256 cancelled,) = serving.cancelledRefundOf(user, provider);
        uint256 earned = serving.getProviderEarnings(provider);
        assertEq(balance + pending + cancelled + earned, deposited);
        assertEq(earned, due < deposited ? due : deposited);
        assertLe(pending, balance);
    }

    /// Where `_accounts` starts; the committed storage layout says the same.
    function accountsSlot() private pure returns (uint256) {
        return 3;
    }
}
