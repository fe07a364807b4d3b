// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {SandboxServing} from "../src/SandboxServing.sol";
import {BeaconProxy} from "../src/proxy/BeaconProxy.sol";
import {UpgradeableBeacon} from "../src/proxy/UpgradeableBeacon.sol";
import {World} from "./World.sol";

/// The second release of a test: more state after the old, and a function that reads both.
contract SandboxServingNext is SandboxServing {
    uint256 public added;

    function initializeNext(uint256 value) external reinitializer(2) {
        added = value;
    }
}

/// What clients of the public contract rely on, and what an upgrade must leave alone.
contract InterfaceTest is World {
    bytes32 private constant BEACON_SLOT = bytes32(uint256(keccak256("eip1967.proxy.beacon")) - 1);

    function test_selectors_are_those_clients_call() public view {
        assertEq(serving.initialize.selector, bytes4(0xfe4b84df));
        assertEq(serving.settleFeesWithTEE.selector, bytes4(0x8be74119));
        assertEq(serving.previewSettlementResults.selector, bytes4(0x28b60476));
        assertEq(serving.deposit.selector, bytes4(0xf9609f08));
        assertEq(serving.requestRefund.selector, bytes4(0x99652de7));
        assertEq(serving.withdrawRefund.selector, bytes4(0xa16c86f7));
        assertEq(serving.withdrawEarnings.selector, bytes4(0xb73c6ce9));
        assertEq(serving.addOrUpdateService.selector, bytes4(0x95b67a7b));
        assertEq(serving.acknowledgeTEESigner.selector, bytes4(0x7ff6fc1c));
        assertEq(serving.setProviderStake.selector, bytes4(0x5d5c2422));
        assertEq(serving.transferOwnership.selector, bytes4(0xf2fde38b));
        assertEq(serving.getBalance.selector, bytes4(0xd4fac45d));
        assertEq(serving.balanceOfBatch.selector, bytes4(0x8a921690));
        assertEq(serving.getLastNonce.selector, bytes4(0xe3d8bcaf));
        assertEq(serving.getProviderEarnings.selector, bytes4(0x1625290f));
        assertEq(serving.providerEarnings.selector, bytes4(0x159a6594));
        assertEq(serving.providerStakes.selector, bytes4(0x0d6b4c9f));
        assertEq(serving.providerStake.selector, bytes4(0x324f2dce));
        assertEq(serving.serviceExists.selector, bytes4(0x0a2a8f88));
        assertEq(serving.services.selector, bytes4(0x6d966d01));
        assertEq(serving.isTEEAcknowledged.selector, bytes4(0xec4e8f2b));
        assertEq(serving.domainSeparator.selector, bytes4(0xf698da25));
        assertEq(serving.LOCK_TIME.selector, bytes4(0x413d9c3a));
        assertEq(serving.owner.selector, bytes4(0x8da5cb5b));
        assertEq(serving.LOCK_TIME(), 7200);
    }

    /// The vector that clients of the public contract sign, on the 0G testnet's chain id.
    function test_domain_and_digest_are_those_clients_sign() public {
        address place = address(0xdEaD);
        vm.etch(place, beacon.implementation().code);
        serving = SandboxServing(place);
        vm.chainId(16602);
        assertEq(serving.domainSeparator(), 0x5ec9eb587157e674375f15ebc9208c649005e5e0b9e6ddfd36e3e4e34fa81767);
    }

    function test_the_beacon_stands_in_its_slot() public view {
        assertEq(address(uint160(uint256(vm.load(address(serving), BEACON_SLOT)))), address(beacon));
    }

    function test_an_upgrade_keeps_all_state_and_moves_every_proxy() public {
        join(user, 1000);
        requestRefund(user, 500);
        settle(user, 400, 1);
        SandboxServing other = deployProxy();
        address next = address(new SandboxServingNext());
        vm.prank(owner);
        beacon.upgradeTo(next);

        assertMoney(user, 100, 100, 400, 400);
        assertEq(serving.getLastNonce(user, provider), 1);
        assertEq(serving.owner(), owner);
        assertEq(serving.providerStakes(provider), STAKE);
        assertTrue(serving.isTEEAcknowledged(user, provider));
        assertEq(settle(user, 100, 2), 0);

        SandboxServingNext(address(serving)).initializeNext(7);
        assertEq(SandboxServingNext(address(serving)).added(), 7);
        assertEq(SandboxServingNext(address(other)).added(), 0);
        vm.expectRevert();
        SandboxServingNext(address(serving)).initializeNext(8);
    }

    function test_only_the_owner_of_the_beacon_upgrades_and_only_to_a_contract() public {
        address next = address(new SandboxServingNext());
        vm.expectRevert();
        beacon.upgradeTo(next);
        vm.prank(owner);
        vm.expectRevert();
        beacon.upgradeTo(user);
    }

    function test_a_proxy_is_not_made_without_its_owner() public {
        bytes memory data = abi.encodeCall(SandboxServing.initialize, (STAKE));
        UpgradeableBeacon another = new UpgradeableBeacon(beacon.implementation(), owner);
        vm.prank(user);
        SandboxServing made = SandboxServing(address(new BeaconProxy(address(another), data)));
        assertEq(made.owner(), user);
    }
}
