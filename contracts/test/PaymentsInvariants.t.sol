// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";
import {Vm} from "forge-std/Vm.sol";
import {Payments} from "../src/Payments.sol";
import {CallingToken, LyingToken, PlainToken, SilentToken, TaxedToken} from "./PaymentsTokens.sol";
import {PaymentsWorld} from "./PaymentsWorld.sol";

interface Mintable {
    function mint(address to, uint256 amount) external;
    function approve(address spender, uint256 amount) external;
    function transfer(address to, uint256 amount) external;
}

/// Pays, deposits, withdraws and meddles at random, and adds up what the events say was taken in and sent out.
contract PaymentsHandler is PaymentsWorld {
    uint256 private constant INVOICES = 6;
    uint256 private constant OTHER_KEY = 0x0dd;

    /// The coin first, then tokens of every temper.
    address[] public assets;
    mapping(address => uint256) public takenIn;
    mapping(address => uint256) public sentOut;
    /// Sent to the contract past it, which it owes to nobody.
    mapping(address => uint256) public gifts;
    mapping(bytes32 => uint256) public paidBefore;
    string public broken;

    constructor() {
        payments = new Payments(owner, vm.addr(ISSUER_KEY));
        assets.push(address(0));
        assets.push(address(new PlainToken()));
        assets.push(address(new TaxedToken()));
        assets.push(address(new SilentToken()));
        assets.push(address(new CallingToken()));
        assets.push(address(new LyingToken(true)));
        assets.push(address(new LyingToken(false)));
        for (uint256 i = 1; i < 5; ++i) {
            Mintable(assets[i]).mint(payer, 1e24);
            vm.prank(payer);
            Mintable(assets[i]).approve(address(payments), type(uint256).max);
        }
    }

    function invoiceOf(uint256 index) public view returns (Payments.Invoice memory) {
        uint256 which = index % INVOICES;
        address asset = assets[which % assets.length];
        return Payments.Invoice(keccak256(abi.encode(which)), keccak256("account"), asset, 100 + which * 1000);
    }

    /// What the contract has of an asset; a liar's word counts for nothing.
    function held(address asset) public view returns (uint256) {
        if (asset == address(0)) return address(payments).balance;
        if (asset == assets[5] || asset == assets[6]) return 0;
        return IERC20(asset).balanceOf(address(payments));
    }

    /// Asks as somebody, and adds up the events of it; they must say what moved, to the unit.
    function attempt(address who, uint256 value, bytes memory call, address asset) private {
        uint256 before = held(asset);
        int256 net = int256(takenIn[asset]) - int256(sentOut[asset]);
        vm.deal(who, value);
        vm.recordLogs();
        vm.prank(who);
        (bool isTaken,) = address(payments).call{value: value}(call);
        vm.deal(who, 0);
        addUp(vm.getRecordedLogs());
        int256 moved = int256(held(asset)) - int256(before);
        if (moved != int256(takenIn[asset]) - int256(sentOut[asset]) - net) broken = "events and money differ";
        if (!isTaken && moved != 0) broken = "a refused call moved money";
    }

    function addUp(Vm.Log[] memory logs) private {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(payments)) continue;
            bytes32 topic = logs[i].topics[0];
            if (topic == Payments.InvoicePaid.selector) {
                (address token, uint256 amount, uint256 total, uint256 asked) =
                    abi.decode(logs[i].data, (address, uint256, uint256, uint256));
                takenIn[token] += amount;
                bytes32 id = logs[i].topics[1];
                if (total != paidBefore[id] + amount) broken = "a payment does not follow the one before";
                if (total > asked) broken = "an invoice took more than its amount";
                paidBefore[id] = total;
            } else if (topic == Payments.CreditDeposited.selector) {
                (address token, uint256 amount) = abi.decode(logs[i].data, (address, uint256));
                if (amount == 0) broken = "a credit of nothing";
                takenIn[token] += amount;
            } else if (topic == Payments.Withdrawn.selector) {
                sentOut[address(uint160(uint256(logs[i].topics[1])))] += abi.decode(logs[i].data, (uint256));
            }
        }
    }

    /// Pays an invoice, now and then with a stranger's signature, other terms or another value than said.
    function pay(uint256 index, uint256 amount, uint8 twist) external {
        Payments.Invoice memory invoice = invoiceOf(index);
        if (twist % 8 == 1) invoice.amount += 1;
        bytes memory signature = sign(invoice, twist % 8 == 2 ? OTHER_KEY : ISSUER_KEY);
        amount = bound(amount, 0, 3000);
        uint256 value = invoice.token == address(0) ? amount : 0;
        if (twist % 8 == 3) value += 1;
        attempt(payer, value, abi.encodeCall(payments.payInvoice, (invoice, signature, amount)), invoice.token);
    }

    function deposit(uint256 which, uint256 amount, uint8 twist) external {
        address asset = assets[which % assets.length];
        amount = bound(amount, 0, 3000);
        uint256 value = asset == address(0) ? amount : 0;
        if (twist % 8 == 3) value += 1;
        attempt(payer, value, abi.encodeCall(payments.depositCredit, (keccak256("b"), asset, amount)), asset);
    }

    function withdraw(uint256 which, uint256 amount, bool isOwner) external {
        address asset = assets[which % 5];
        bytes memory call = abi.encodeCall(payments.withdraw, (asset, makeAddr("treasury"), bound(amount, 0, 5000)));
        attempt(isOwner ? owner : payer, 0, call, asset);
    }

    /// A token that calls back into the contract while it moves: for another payment, or for the money.
    function arm(uint256 index, uint8 how) external {
        CallingToken token = CallingToken(assets[4]);
        Payments.Invoice memory invoice = invoiceOf(index);
        bytes memory call = how % 3 == 0
            ? abi.encodeCall(payments.payInvoice, (invoice, sign(invoice, ISSUER_KEY), uint256(1)))
            : how % 3 == 1
                ? abi.encodeCall(payments.depositCredit, (keccak256("b"), address(token), uint256(1)))
                : abi.encodeCall(payments.withdraw, (address(0), address(token), uint256(1)));
        token.prepare(how % 4 == 3 ? address(0) : address(payments), call);
    }

    /// Money that comes in past the contract: nobody asked for it and nobody is credited.
    function give(uint256 which, uint256 amount) external {
        address asset = assets[1 + which % 4];
        uint256 before = held(asset);
        vm.prank(payer);
        Mintable(asset).transfer(address(payments), bound(amount, 0, 100));
        gifts[asset] += held(asset) - before;
    }

    function pauseOrNot(uint8 chance) external {
        bool isPaused = payments.paused();
        if (!isPaused && chance % 4 != 0) return;
        vm.prank(owner);
        if (isPaused) payments.unpause();
        else payments.pause();
    }
}

contract PaymentsInvariants is Test {
    PaymentsHandler private handler;

    function setUp() public {
        handler = new PaymentsHandler();
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](6);
        selectors[0] = handler.pay.selector;
        selectors[1] = handler.deposit.selector;
        selectors[2] = handler.withdraw.selector;
        selectors[3] = handler.arm.selector;
        selectors[4] = handler.give.selector;
        selectors[5] = handler.pauseOrNot.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
    }

    /// One property of several parts: each would walk through the same calls anew. What came in counts the gifts, which
    /// are withdrawn like everything else.
    /// forge-config: default.invariant.runs = 32
    function invariant_money_is_what_the_events_say_and_an_invoice_takes_no_more_than_it_asks() public view {
        assertEq(handler.broken(), "");
        for (uint256 i = 0; i < 7; ++i) {
            address asset = handler.assets(i);
            uint256 came = handler.takenIn(asset) + handler.gifts(asset);
            assertEq(handler.held(asset), came - handler.sentOut(asset), "what came in and did not go out is there");
        }
        for (uint256 i = 0; i < 6; ++i) {
            Payments.Invoice memory invoice = handler.invoiceOf(i);
            uint256 paid = handler.payments().paidOf(invoice.id);
            // One more where it was first paid under the other terms.
            assertLe(paid, invoice.amount + 1, "an invoice takes its amount and no more");
            assertEq(paid, handler.paidBefore(invoice.id), "what is booked was told");
        }
        assertEq(handler.takenIn(handler.assets(5)) + handler.takenIn(handler.assets(6)), 0, "liars pay nothing");
    }
}
