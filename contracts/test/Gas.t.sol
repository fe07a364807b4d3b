// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// What settlement costs: 50 distinct users that have settled before, through the proxy, each call a transaction of
/// its own (`isolate`). The public contract takes 31,381 gas a voucher for the same.
contract GasTest is World {
    uint256 private constant COUNT = 50;
    uint256 private constant MOST_PER_VOUCHER = 19_500;
    uint256 private constant MOST_PER_ENTRY = 7_300;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < COUNT; ++i) {
            join(userAt(i), 1 ether);
        }
        settleVouchers(1);
    }

    function userAt(uint256 i) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("user", i)))));
    }

    function settleVouchers(uint256 nonce) private {
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](COUNT);
        for (uint256 i = 0; i < COUNT; ++i) {
            list[i] = voucher(userAt(i), 1e15 + i, nonce);
        }
        vm.prank(provider);
        serving.settleFeesWithTEE(list);
    }

    function test_a_voucher_of_the_compatible_path_stays_below_its_ceiling() public {
        settleVouchers(2);
        uint256 used = vm.snapshotGasLastCall("settlement", "compatible path, 50 vouchers");
        assertLe(used / COUNT, MOST_PER_VOUCHER);
    }

    function test_an_entry_of_the_batch_path_stays_below_its_ceiling() public {
        settleBatch(1, entry(userAt(0), 1, 2));
        bytes memory entries;
        for (uint256 i = 0; i < COUNT; ++i) {
            entries = abi.encodePacked(entries, entry(userAt(i), 1e15 + i, 3));
        }
        (uint256 settled,) = settleBatch(2, entries);
        uint256 used = vm.snapshotGasLastCall("settlement", "batch path, 50 entries");
        assertEq(settled, COUNT);
        assertLe(used / COUNT, MOST_PER_ENTRY);
    }

    function test_runtime_code_fits() public view {
        assertLe(beacon.implementation().code.length, 20 * 1024);
    }
}
