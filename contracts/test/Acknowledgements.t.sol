// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// Versions of a service, who is bound to which, and the time in which work already begun is still paid.
contract AcknowledgementsTest is World {
    uint8 private constant SUCCESS = 0;
    uint8 private constant NOT_ACKNOWLEDGED = 3;
    uint8 private constant INVALID_SIGNATURE = 5;

    function versionOf() private view returns (uint256 version) {
        (,,,, version,) = serving.services(provider);
    }

    function announce(string memory url, address by, uint256 cpu, uint256 create, uint256 mem) private {
        vm.prank(provider);
        serving.addOrUpdateService(url, by, cpu, create, mem);
    }

    function test_the_first_version_is_0_and_each_change_but_of_the_url_starts_the_next() public {
        assertEq(versionOf(), 0);
        announce("https://moved.example", signer, 10, 20, 30);
        assertEq(versionOf(), 0);
        announce("https://moved.example", signer, 11, 20, 30);
        assertEq(versionOf(), 1);
        announce("https://moved.example", signer, 11, 21, 30);
        assertEq(versionOf(), 2);
        announce("https://moved.example", signer, 11, 21, 31);
        assertEq(versionOf(), 3);
        vm.expectEmit(address(serving));
        emit ServingStore.ServiceUpdated(provider, "https://moved.example", vm.addr(NEXT_KEY), 4);
        announce("https://moved.example", vm.addr(NEXT_KEY), 11, 21, 31);
        (string memory url, address by, uint256 cpu, uint256 create, uint256 version, uint256 mem) =
            serving.services(provider);
        assertEq(url, "https://moved.example");
        assertEq(by, vm.addr(NEXT_KEY));
        assertEq(cpu, 11);
        assertEq(create, 21);
        assertEq(version, 4);
        assertEq(mem, 31);
    }

    function test_a_service_has_a_signer() public {
        vm.prank(provider);
        vm.expectRevert(ServingStore.ZeroAddress.selector);
        serving.addOrUpdateService("", address(0), 10, 20, 30);
    }

    function test_an_acknowledgement_is_of_the_version_in_force() public {
        vm.expectEmit(address(serving));
        emit ServingStore.TEESignerAcknowledged(user, provider, true);
        acknowledge(user, true);
        assertTrue(serving.isTEEAcknowledged(user, provider));
        rotate(NEXT_KEY);
        assertFalse(serving.isTEEAcknowledged(user, provider));
        acknowledge(user, true);
        assertTrue(serving.isTEEAcknowledged(user, provider));
        acknowledge(user, false);
        assertFalse(serving.isTEEAcknowledged(user, provider));
    }

    function test_an_unknown_provider_cannot_be_acknowledged() public {
        vm.expectRevert(abi.encodeWithSelector(ServingStore.ServiceUnknown.selector, user));
        serving.acknowledgeTEESigner(user, true);
        assertFalse(serving.isTEEAcknowledged(address(this), user));
    }

    // Work under way is paid, which the public contract got wrong.

    function test_a_change_leaves_work_begun_before_it_payable_until_its_time_is_over() public {
        join(user, 1000);
        ServingStore.SandboxVoucher memory first = voucher(user, 10, 1);
        ServingStore.SandboxVoucher memory second = voucher(user, 10, 2);
        rotate(NEXT_KEY);
        skip(LOCK - 1);
        assertEq(settle(first), SUCCESS);
        skip(1);
        assertEq(settle(second), NOT_ACKNOWLEDGED);
        assertEq(preview(second), NOT_ACKNOWLEDGED);
    }

    function test_a_user_that_never_acknowledged_is_not_bound_by_a_change() public {
        fund(user, 1000);
        rotate(NEXT_KEY);
        assertEq(settle(user, 10, 1), NOT_ACKNOWLEDGED);
    }

    function test_the_new_signer_does_not_sign_for_the_old_version() public {
        join(user, 1000);
        rotate(NEXT_KEY);
        assertEq(settle(sign(unsigned(user, 10, 1), NEXT_KEY)), INVALID_SIGNATURE);
        acknowledge(user, true);
        assertEq(settle(sign(unsigned(user, 10, 1), NEXT_KEY)), SUCCESS);
    }

    function test_acknowledging_the_new_version_does_not_let_the_old_work_go() public {
        join(user, 1000);
        rotate(NEXT_KEY);
        acknowledge(user, true);
        skip(LOCK - 1);
        assertEq(settle(user, 10, 1), SUCCESS);
        skip(1);
        assertEq(settle(user, 10, 2), INVALID_SIGNATURE);
    }

    function test_a_user_cannot_leave_with_unpaid_usage_by_taking_the_acknowledgement_back() public {
        join(user, 1000);
        acknowledge(user, false);
        requestRefund(user, 1000);
        skip(LOCK - 1);
        assertEq(settle(user, 300, 1), SUCCESS);
        vm.prank(user);
        vm.expectRevert(ServingStore.NothingToWithdraw.selector);
        serving.withdrawRefund(provider);
        skip(1);
        assertEq(settle(user, 300, 2), NOT_ACKNOWLEDGED);
        vm.prank(user);
        serving.withdrawCancelledRefund(provider);
        assertEq(user.balance, 700);
    }

    function test_taking_back_twice_does_not_move_the_time() public {
        join(user, 1000);
        acknowledge(user, false);
        skip(1 hours);
        acknowledge(user, false);
        skip(1 hours);
        assertEq(settle(user, 10, 1), NOT_ACKNOWLEDGED);
    }

    function test_taking_back_after_a_change_does_not_prolong_it() public {
        join(user, 1000);
        rotate(NEXT_KEY);
        skip(1 hours);
        acknowledge(user, false);
        skip(1 hours - 1);
        assertEq(settle(user, 10, 1), SUCCESS);
        skip(1);
        assertEq(settle(user, 10, 2), NOT_ACKNOWLEDGED);
    }

    function test_acknowledging_again_what_is_in_force_changes_nothing() public {
        join(user, 1000);
        acknowledge(user, true);
        assertEq(settle(user, 10, 1), SUCCESS);
        acknowledge(user, false);
        acknowledge(user, true);
        skip(10 days);
        assertEq(settle(user, 10, 2), SUCCESS);
    }

    function test_several_changes_in_a_row_leave_each_its_own_time() public {
        join(user, 1000);
        rotate(NEXT_KEY);
        acknowledge(user, true);
        skip(1 hours);
        rotate(0xABC);
        skip(1 hours - 1);
        assertEq(settle(voucher(user, 10, 1)), SUCCESS, "first version");
        assertEq(settle(sign(unsigned(user, 10, 2), NEXT_KEY)), SUCCESS, "second version");
        skip(1);
        assertEq(settle(voucher(user, 10, 3)), INVALID_SIGNATURE, "first version is over");
        assertEq(settle(sign(unsigned(user, 10, 3), NEXT_KEY)), SUCCESS, "second is not");
        skip(1 hours);
        assertEq(settle(sign(unsigned(user, 10, 4), NEXT_KEY)), NOT_ACKNOWLEDGED);
    }

    function test_the_walk_back_is_bounded() public {
        join(user, 1000);
        for (uint256 i = 0; i < 16; ++i) {
            rotate(0x1000 + i);
        }
        assertEq(settle(user, 10, 1), NOT_ACKNOWLEDGED);
    }

    function test_a_zero_signature_is_nobodys() public {
        join(user, 1000);
        rotate(NEXT_KEY);
        assertEq(settle(unsigned(user, 10, 1)), INVALID_SIGNATURE);
    }

    function testFuzz_a_refund_never_opens_while_vouchers_may_be_settled(uint32 wait, bool isChange) public {
        join(user, 1000);
        if (isChange) rotate(NEXT_KEY);
        else acknowledge(user, false);
        requestRefund(user, 1000);
        skip(bound(wait, 0, 3 hours));
        bool isTaken = preview(voucher(user, 1, 1)) == SUCCESS;
        vm.prank(user);
        (bool isOut,) = address(serving).call(abi.encodeCall(serving.withdrawRefund, (provider)));
        assertNotEq(isTaken, isOut);
    }
}
