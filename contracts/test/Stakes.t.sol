// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// Registration, the stake, and its way out; ownership of the contract.
contract StakesTest is World {
    function requestExit() private {
        vm.prank(provider);
        serving.requestStakeExit();
    }

    function withdrawStake() private {
        vm.prank(provider);
        serving.withdrawStake();
    }

    function test_registering_takes_at_least_the_stake_and_keeps_all_of_it() public {
        address other = makeAddr("other provider");
        vm.deal(other, 2 ether);
        vm.startPrank(other);
        vm.expectRevert("insufficient stake");
        serving.addOrUpdateService{value: STAKE - 1}("", signer, 1, 2, 3);
        serving.addOrUpdateService{value: 1 ether}("", signer, 1, 2, 3);
        assertEq(serving.providerStakes(other), 1 ether);
        assertTrue(serving.serviceExists(other));
    }

    function test_the_exact_stake_suffices() public view {
        assertEq(serving.providerStakes(provider), STAKE);
    }

    // What the public contract got wrong.

    function test_value_with_an_update_is_refused_and_not_trapped() public {
        vm.deal(provider, 1 ether);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.ValueNotTaken.selector, 1 ether));
        serving.addOrUpdateService{value: 1 ether}("", signer, 10, 20, 30);
    }

    function test_the_stake_leaves_after_its_time_with_the_service_closed() public {
        uint256 unlockAt = block.timestamp + LOCK;
        vm.expectEmit(address(serving));
        emit ServingStore.StakeExitRequested(provider, STAKE, unlockAt);
        requestExit();
        assertFalse(serving.serviceExists(provider));
        assertEq(serving.stakeUnlockAt(provider), unlockAt);
        skip(LOCK - 1);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.StakeLocked.selector, unlockAt));
        withdrawStake();
        skip(1);
        vm.expectEmit(address(serving));
        emit ServingStore.StakeWithdrawn(provider, STAKE);
        withdrawStake();
        assertEq(provider.balance, STAKE);
        assertEq(serving.providerStakes(provider), 0);
        assertEq(serving.stakeUnlockAt(provider), 0);
        vm.expectRevert(ServingStore.NothingToWithdraw.selector);
        withdrawStake();
    }

    function test_a_service_leaves_once() public {
        requestExit();
        vm.expectRevert(abi.encodeWithSelector(ServingStore.ServiceUnknown.selector, provider));
        requestExit();
    }

    function test_work_done_before_the_exit_is_settled_and_none_is_begun_after() public {
        join(user, 1000);
        requestExit();
        assertFalse(serving.isTEEAcknowledged(user, provider));
        vm.expectRevert(abi.encodeWithSelector(ServingStore.ServiceUnknown.selector, provider));
        acknowledge(makeAddr("late"), true);
        skip(LOCK - 1);
        assertEq(settle(user, 10, 1), 0);
        (uint256 settled,) = settleBatch(1, entry(user, 10, 2));
        assertEq(settled, 1);
        skip(1);
        assertEq(settle(user, 10, 3), 3);
    }

    function test_a_user_may_take_an_acknowledgement_back_while_the_stake_leaves() public {
        join(user, 1000);
        requestExit();
        skip(1 hours);
        acknowledge(user, false);
        skip(1 hours - 1);
        assertEq(settle(user, 10, 1), 0);
        skip(1);
        assertEq(settle(user, 10, 2), 3);
    }

    function test_a_provider_returns_with_a_new_stake_and_a_version_nobody_acknowledged() public {
        join(user, 1000);
        requestExit();
        vm.deal(provider, STAKE);
        vm.prank(provider);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.StakeLeaving.selector, block.timestamp + LOCK));
        serving.addOrUpdateService{value: STAKE}("", signer, 10, 20, 30);
        skip(LOCK);
        withdrawStake();
        vm.prank(provider);
        vm.expectRevert("insufficient stake");
        serving.addOrUpdateService("", signer, 10, 20, 30);
        register(provider, signer);
        assertFalse(serving.isTEEAcknowledged(user, provider));
        assertEq(settle(user, 10, 1), 3);
        acknowledge(user, true);
        assertEq(settle(user, 10, 1), 0);
    }

    // Ownership.

    function test_the_maker_of_the_proxy_owns_it_and_it_is_set_up_once() public {
        assertEq(serving.owner(), owner);
        assertEq(serving.providerStake(), STAKE);
        vm.expectRevert();
        serving.initialize(1);
    }

    function test_the_implementation_cannot_be_set_up() public {
        address implementation = beacon.implementation();
        (bool isTaken,) = implementation.call(abi.encodeCall(serving.initialize, (1)));
        assertFalse(isTaken);
    }

    function test_only_the_owner_sets_the_stake() public {
        vm.expectRevert("not owner");
        serving.setProviderStake(1);
        vm.expectEmit(address(serving));
        emit ServingStore.ProviderStakeUpdated(STAKE, 1);
        vm.prank(owner);
        serving.setProviderStake(1);
        assertEq(serving.providerStake(), 1);
    }

    function test_ownership_moves_in_one_step() public {
        vm.expectRevert("not owner");
        serving.transferOwnership(user);
        vm.startPrank(owner);
        vm.expectRevert(ServingStore.ZeroAddress.selector);
        serving.transferOwnership(address(0));
        serving.proposeOwner(provider);
        vm.expectEmit(address(serving));
        emit ServingStore.OwnershipTransferred(owner, user);
        serving.transferOwnership(user);
        assertEq(serving.owner(), user);
        assertEq(serving.pendingOwner(), address(0), "an offer by the former owner is void");
    }

    function test_ownership_moves_in_two_steps() public {
        vm.expectRevert("not owner");
        serving.proposeOwner(user);
        vm.expectEmit(address(serving));
        emit ServingStore.OwnershipTransferStarted(owner, user);
        vm.prank(owner);
        serving.proposeOwner(user);
        assertEq(serving.owner(), owner);
        vm.expectRevert(abi.encodeWithSelector(ServingStore.NotPendingOwner.selector, address(this)));
        serving.acceptOwnership();
        vm.prank(user);
        serving.acceptOwnership();
        assertEq(serving.owner(), user);
        assertEq(serving.pendingOwner(), address(0));
    }
}
