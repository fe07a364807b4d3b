// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {SandboxServing} from "../src/SandboxServing.sol";
import {ServingStore} from "../src/serving/ServingStore.sol";
import {World} from "./World.sol";

/// Does at random what users, providers and signers may do, and keeps what must hold after each.
contract ServingHandler is World {
    address[] public users;
    address[] public providers;
    uint256[2] private keys = [SIGNER_KEY, NEXT_KEY];

    uint256 public totalIn;
    uint256 public totalOut;
    /// The highest nonce seen of a pair and the highest epoch of a provider: neither ever falls.
    mapping(address => mapping(address => uint256)) public nonceSeen;
    mapping(address => uint256) public epochSeen;
    string public broken;

    constructor(SandboxServing target, address knownProvider) {
        serving = target;
        providers.push(knownProvider);
        providers.push(makeAddr("second provider"));
        for (uint256 i = 0; i < 3; ++i) {
            users.push(makeAddr(string(abi.encodePacked("user ", bytes1(uint8(65 + i))))));
        }
        totalIn = address(serving).balance;
    }

    function setUp() public override {}

    modifier as_(uint256 who, uint256 where) {
        user = users[who % users.length];
        provider = providers[where % providers.length];
        _;
        uint256 nonce = serving.getLastNonce(user, provider);
        if (nonce < nonceSeen[user][provider]) broken = "a nonce fell";
        nonceSeen[user][provider] = nonce;
        uint256 epoch = serving.lastEpoch(provider);
        if (epoch < epochSeen[provider]) broken = "an epoch fell";
        epochSeen[provider] = epoch;
    }

    function attempt(address who, uint256 value, bytes memory call) private returns (bool isTaken) {
        vm.deal(who, value);
        uint256 before = address(serving).balance;
        vm.prank(who);
        (isTaken,) = address(serving).call{value: value}(call);
        uint256 afterwards = address(serving).balance;
        if (afterwards > before) totalIn += afterwards - before;
        else totalOut += before - afterwards;
        vm.deal(who, 0);
    }

    function deposit(uint256 who, uint256 where, uint96 amount) external as_(who, where) {
        uint256 value = bound(amount, 1, 1 ether);
        attempt(user, value, abi.encodeCall(serving.deposit, (user, provider)));
    }

    function acknowledgeOrNot(uint256 who, uint256 where, uint8 isAcknowledged) external as_(who, where) {
        attempt(user, 0, abi.encodeCall(serving.acknowledgeTEESigner, (provider, isAcknowledged % 4 != 0)));
    }

    function refund(uint256 who, uint256 where, uint96 amount) external as_(who, where) {
        (uint256 balance, uint256 pending,) = serving.getBalance(user, provider);
        if (balance + pending == 0) return;
        attempt(user, 0, abi.encodeCall(serving.requestRefund, (provider, bound(amount, 1, balance + pending))));
    }

    /// A refund leaves at or after its time, never before.
    function withdraw(uint256 who, uint256 where) external as_(who, where) {
        (,, uint256 unlockAt) = serving.getBalance(user, provider);
        bool isOut = attempt(user, 0, abi.encodeCall(serving.withdrawRefund, (provider)));
        if (isOut && block.timestamp < unlockAt) broken = "a refund left before its time";
    }

    function withdrawCancelled(uint256 who, uint256 where) external as_(who, where) {
        (, uint256 unlockAt) = serving.cancelledRefundOf(user, provider);
        bool isOut = attempt(user, 0, abi.encodeCall(serving.withdrawCancelledRefund, (provider)));
        if (isOut && block.timestamp < unlockAt) broken = "a cancelled refund left before its time";
    }

    function withdrawEarnings(uint256 where) external as_(0, where) {
        attempt(provider, 0, abi.encodeCall(serving.withdrawEarnings, ()));
    }

    function update(uint256 where, uint8 key, uint8 price) external as_(0, where) {
        bytes memory call = abi.encodeCall(
            serving.addOrUpdateService, ("url", vm.addr(keys[key % 2]), uint256(price % 3), uint256(0), uint256(0))
        );
        attempt(provider, serving.serviceExists(provider) ? 0 : STAKE, call);
    }

    function requestExit(uint256 where, uint8 chance) external as_(0, where) {
        if (chance % 4 == 0) attempt(provider, 0, abi.encodeCall(serving.requestStakeExit, ()));
    }

    function withdrawStake(uint256 where) external as_(0, where) {
        uint256 unlockAt = serving.stakeUnlockAt(provider);
        bool isOut = attempt(provider, 0, abi.encodeCall(serving.withdrawStake, ()));
        if (isOut && block.timestamp < unlockAt) broken = "a stake left before its time";
    }

    function settleOne(uint256 who, uint256 where, uint96 fee, uint8 step, uint8 key) external as_(who, where) {
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](1);
        uint256 nonce = serving.getLastNonce(user, provider) + step % 4;
        list[0] = sign(unsigned(user, bound(fee, 0, 2 ether), nonce), keys[key % 2]);
        uint256 held = moneyOf(user, provider);
        uint256 earned = serving.getProviderEarnings(provider);
        attempt(provider, 0, abi.encodeCall(serving.settleFeesWithTEE, (list)));
        uint256 gained = serving.getProviderEarnings(provider) - earned;
        if (gained != held - moneyOf(user, provider)) broken = "a settlement lost or made money";
        if (gained > list[0].totalFee) broken = "a settlement took more than the fee";
    }

    function settleMany(uint256 where, uint96[3] memory fees, uint8 step, uint8 key) external as_(0, where) {
        bytes memory entries;
        for (uint256 i = 0; i < users.length; ++i) {
            uint256 nonce = serving.getLastNonce(users[i], provider) + step % 4;
            entries = abi.encodePacked(entries, entry(users[i], bound(fees[i], 0, 2 ether), nonce));
        }
        uint256 epoch = serving.lastEpoch(provider) + step % 3;
        bytes memory signature = signBatch(epoch, 0, entries, keys[key % 2]);
        attempt(provider, 0, abi.encodeCall(serving.settleBatch, (provider, epoch, bytes32(0), entries, signature)));
    }

    function wait(uint16 time) external {
        skip(time % 3 hours);
    }

    function moneyOf(address who, address where) public view returns (uint256) {
        (uint256 balance, uint256 pending,) = serving.getBalance(who, where);
        (uint256 cancelled,) = serving.cancelledRefundOf(who, where);
        return balance + pending + cancelled;
    }

    /// All that the contract owes anyone.
    function liabilities() external view returns (uint256 sum) {
        for (uint256 p = 0; p < providers.length; ++p) {
            sum += serving.getProviderEarnings(providers[p]) + serving.providerStakes(providers[p]);
            for (uint256 u = 0; u < users.length; ++u) {
                sum += moneyOf(users[u], providers[p]);
            }
        }
    }
}

contract ServingInvariants is World {
    ServingHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new ServingHandler(serving, provider);
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = handler.deposit.selector;
        selectors[1] = handler.acknowledgeOrNot.selector;
        selectors[2] = handler.refund.selector;
        selectors[3] = handler.withdraw.selector;
        selectors[4] = handler.withdrawCancelled.selector;
        selectors[5] = handler.withdrawEarnings.selector;
        selectors[6] = handler.update.selector;
        selectors[7] = handler.requestExit.selector;
        selectors[8] = handler.withdrawStake.selector;
        selectors[9] = handler.settleOne.selector;
        selectors[10] = handler.settleMany.selector;
        selectors[11] = handler.wait.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    function invariant_the_contract_holds_what_it_owes_to_the_wei() public view {
        assertEq(address(serving).balance, handler.liabilities());
    }

    function invariant_no_wei_is_made_or_lost() public view {
        assertEq(handler.totalIn() - handler.totalOut(), address(serving).balance);
    }

    function invariant_nonces_and_epochs_only_grow_and_nothing_leaves_early() public view {
        assertEq(handler.broken(), "");
    }
}
