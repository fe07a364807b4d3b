// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {SandboxServing} from "../src/SandboxServing.sol";
import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// Comes back into the contract while it is being paid, with the call it was told to make.
contract HostileReceiver {
    SandboxServing private immutable serving;
    bytes private again;
    bool public wasTaken;
    bool public isDeaf;

    constructor(SandboxServing target) {
        serving = target;
    }

    function prepare(bytes memory call) external {
        again = call;
    }

    function refuseMoney() external {
        isDeaf = true;
    }

    function act(bytes memory call, uint256 value) external payable {
        (bool isTaken, bytes memory answer) = address(serving).call{value: value}(call);
        if (!isTaken) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    receive() external payable {
        require(!isDeaf, "no money here");
        (bool isTaken,) = address(serving).call(again);
        wasTaken = wasTaken || isTaken;
    }
}

contract ReentrancyTest is World {
    HostileReceiver private hostile;

    function setUp() public override {
        super.setUp();
        hostile = new HostileReceiver(serving);
        join(address(hostile), 1000);
        vm.deal(address(serving), address(serving).balance + 10_000);
    }

    function act(bytes memory call) private {
        hostile.act(call, 0);
    }

    /// Four ways out, and each tried again from within every one of them.
    function waysOut() private view returns (bytes[4] memory) {
        return [
            abi.encodeCall(serving.withdrawRefund, (provider)),
            abi.encodeCall(serving.withdrawCancelledRefund, (provider)),
            abi.encodeCall(serving.withdrawEarnings, ()),
            abi.encodeCall(serving.withdrawStake, ())
        ];
    }

    /// Gives the hostile receiver something to take by every way: refund 300, cancelled 200, earnings 100, stake.
    function fill() private {
        vm.deal(address(hostile), STAKE);
        bytes memory registration =
            abi.encodeCall(serving.addOrUpdateService, ("", vm.addr(NEXT_KEY), uint256(1), uint256(1), uint256(1)));
        hostile.act(registration, STAKE);
        requestRefundOfHostile(500);
        settle(address(hostile), 200, 1);
        vm.prank(user);
        serving.acknowledgeTEESigner(address(hostile), true);
        vm.deal(user, 100);
        vm.prank(user);
        serving.deposit{value: 100}(user, address(hostile));
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](1);
        list[0] = unsigned(user, 100, 1);
        list[0].provider = address(hostile);
        list[0] = sign(list[0], NEXT_KEY);
        vm.prank(vm.addr(NEXT_KEY));
        serving.settleFeesWithTEE(list);
        act(abi.encodeCall(serving.requestStakeExit, ()));
        skip(LOCK);
    }

    function requestRefundOfHostile(uint256 amount) private {
        act(abi.encodeCall(serving.requestRefund, (provider, amount)));
    }

    function test_no_way_out_can_be_entered_from_another() public {
        fill();
        bytes[4] memory ways = waysOut();
        uint256 start = vm.snapshotState();
        for (uint256 outer = 0; outer < 4; ++outer) {
            for (uint256 inner = 0; inner < 4; ++inner) {
                vm.revertToState(start);
                start = vm.snapshotState();
                uint256 before = address(hostile).balance;
                hostile.prepare(ways[inner]);
                act(ways[outer]);
                assertFalse(hostile.wasTaken(), "came in again");
                assertEq(address(hostile).balance - before, [uint256(300), 200, 100, STAKE][outer]);
            }
        }
    }

    function test_money_that_is_refused_stays_where_it_was() public {
        fill();
        hostile.refuseMoney();
        bytes[4] memory ways = waysOut();
        uint256 held = address(serving).balance;
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ServingStore.TransferFailed.selector, address(hostile)));
            act(ways[i]);
        }
        assertEq(address(serving).balance, held);
        assertEq(serving.getProviderEarnings(address(hostile)), 100);
        assertEq(serving.providerStakes(address(hostile)), STAKE);
        (, uint256 pending,) = serving.getBalance(address(hostile), provider);
        (uint256 cancelled,) = serving.cancelledRefundOf(address(hostile), provider);
        assertEq(pending, 300);
        assertEq(cancelled, 200);
    }

    function test_what_may_be_done_meanwhile_finds_the_books_closed() public {
        fill();
        hostile.prepare(abi.encodeCall(serving.requestRefund, (provider, 300)));
        act(waysOut()[0]);
        // The refund was out before it was paid, so only the balance could be asked for.
        assertTrue(hostile.wasTaken());
        (uint256 balance, uint256 pending,) = serving.getBalance(address(hostile), provider);
        assertEq(balance, 0);
        assertEq(pending, 300);
    }
}
