// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// What settlement costs: distinct users that have settled before, through the proxy, each call a transaction of its
/// own (`isolate`). The public contract takes 31,381 gas a voucher for 50.
contract GasTest is World {
    uint256 private constant MOST_USERS = 200;
    uint256 private constant MOST_PER_VOUCHER = 19_500;
    uint256 private constant MOST_PER_ENTRY = 7_300;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < MOST_USERS; ++i) {
            join(userAt(i), 1 ether);
        }
    }

    function userAt(uint256 i) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("user", i)))));
    }

    function settleVouchers(uint256 count, uint256 nonce) private {
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = voucher(userAt(i), 1e15 + i, nonce);
        }
        vm.prank(provider);
        serving.settleFeesWithTEE(list);
    }

    function settleEntries(uint256 count, uint256 epoch, uint256 nonce) private {
        bytes memory entries;
        for (uint256 i = 0; i < count; ++i) {
            entries = abi.encodePacked(entries, entry(userAt(i), 1e15 + i, nonce));
        }
        (uint256 settled,) = settleBatch(epoch, entries);
        assertEq(settled, count);
    }

    function name(string memory path, uint256 count) private pure returns (string memory) {
        return string.concat(path, ", ", vm.toString(count));
    }

    function test_a_voucher_of_the_compatible_path_stays_below_its_ceiling() public {
        settleVouchers(MOST_USERS, 1);
        uint256[4] memory counts = [uint256(1), 10, 50, 200];
        for (uint256 i = 0; i < counts.length; ++i) {
            settleVouchers(counts[i], 2 + i);
            uint256 used = vm.snapshotGasLastCall("settlement", name("compatible path", counts[i]));
            if (counts[i] >= 50) assertLe(used / counts[i], MOST_PER_VOUCHER);
        }
    }

    function test_an_entry_of_the_batch_path_stays_below_its_ceiling() public {
        settleEntries(MOST_USERS, 1, 1);
        uint256[4] memory counts = [uint256(1), 10, 50, 200];
        for (uint256 i = 0; i < counts.length; ++i) {
            settleEntries(counts[i], 2 + i, 2 + i);
            uint256 used = vm.snapshotGasLastCall("settlement", name("batch path", counts[i]));
            if (counts[i] >= 50) assertLe(used / counts[i], MOST_PER_ENTRY);
        }
    }

    function test_first_settlements_and_what_users_do_are_known() public {
        settleVouchers(50, 1);
        vm.snapshotGasLastCall("settlement", "compatible path, 50 for the first time");
        address newcomer = makeAddr("newcomer");
        acknowledge(newcomer, true);
        vm.snapshotGasLastCall("settlement", "acknowledge");
        fund(newcomer, 1 ether);
        vm.snapshotGasLastCall("settlement", "deposit, first");
        fund(newcomer, 1 ether);
        vm.snapshotGasLastCall("settlement", "deposit, later");
    }

    function test_runtime_code_fits() public view {
        assertLe(beacon.implementation().code.length, 20 * 1024);
    }
}
