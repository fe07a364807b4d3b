// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Payments} from "../src/Payments.sol";
import {CallingToken, LyingToken, PlainToken, SilentToken, TaxedToken} from "./PaymentsTokens.sol";
import {PaymentsWorld} from "./PaymentsWorld.sol";

/// Invoices and credit paid in the chain's coin and in tokens of every temper.
contract PaymentsTest is PaymentsWorld {
    bytes32 private constant ACCOUNT = keccak256("customer");

    PlainToken private token;

    function setUp() public {
        payments = new Payments(owner, vm.addr(ISSUER_KEY));
        token = new PlainToken();
        token.mint(payer, 10_000);
        vm.deal(payer, 10_000);
        vm.prank(payer);
        token.approve(address(payments), type(uint256).max);
    }

    function invoiceOf(address asset, uint256 amount) private pure returns (Payments.Invoice memory) {
        return Payments.Invoice(keccak256(abi.encode("invoice", asset)), ACCOUNT, asset, amount);
    }

    function pay(Payments.Invoice memory invoice, uint256 amount) private {
        bytes memory signature = sign(invoice, ISSUER_KEY);
        vm.prank(payer);
        payments.payInvoice{value: invoice.token == address(0) ? amount : 0}(invoice, signature, amount);
    }

    function test_an_invoice_is_paid_at_once_in_coin() public {
        Payments.Invoice memory invoice = invoiceOf(address(0), 1000);
        vm.expectEmit(address(payments));
        emit Payments.InvoicePaid(invoice.id, ACCOUNT, payer, address(0), 1000, 1000, 1000);
        vm.recordLogs();
        pay(invoice, 1000);
        assertEq(vm.getRecordedLogs().length, 1, "paid, and no credit");
        assertEq(payments.paidOf(invoice.id), 1000);
        assertEq(address(payments).balance, 1000);
    }

    function test_an_invoice_is_paid_in_parts_by_anyone_in_a_token() public {
        Payments.Invoice memory invoice = invoiceOf(address(token), 1000);
        pay(invoice, 400);
        address other = makeAddr("other payer");
        token.mint(other, 600);
        bytes memory signature = sign(invoice, ISSUER_KEY);
        vm.startPrank(other);
        token.approve(address(payments), 600);
        vm.expectEmit(address(payments));
        emit Payments.InvoicePaid(invoice.id, ACCOUNT, other, address(token), 600, 1000, 1000);
        vm.recordLogs();
        payments.payInvoice(invoice, signature, 600);
        assertEq(vm.getRecordedLogs().length, 2, "the token's transfer and the payment, no credit");
        assertEq(token.balanceOf(address(payments)), 1000);
    }

    function test_what_comes_beyond_the_amount_is_credit() public {
        Payments.Invoice memory invoice = invoiceOf(address(0), 1000);
        pay(invoice, 900);
        vm.expectEmit(address(payments));
        emit Payments.InvoicePaid(invoice.id, ACCOUNT, payer, address(0), 100, 1000, 1000);
        vm.expectEmit(address(payments));
        emit Payments.CreditDeposited(ACCOUNT, payer, invoice.id, address(0), 50);
        pay(invoice, 150);
        vm.recordLogs();
        pay(invoice, 7);
        assertEq(vm.getRecordedLogs().length, 1, "credit and no payment");
        assertEq(payments.paidOf(invoice.id), 1000);
    }

    function testFuzz_an_invoice_never_takes_more_than_its_amount(uint16 amount, uint16[5] memory parts) public {
        Payments.Invoice memory invoice = invoiceOf(address(0), amount);
        vm.deal(payer, 1 ether);
        uint256 sum;
        for (uint256 i = 0; i < parts.length; ++i) {
            if (parts[i] == 0) continue;
            pay(invoice, parts[i]);
            sum += parts[i];
        }
        assertEq(payments.paidOf(invoice.id), sum < amount ? sum : amount);
        assertEq(address(payments).balance, sum);
    }

    function test_nobody_makes_up_an_invoice() public {
        Payments.Invoice memory invoice = invoiceOf(address(0), 1000);
        bytes memory signature = sign(invoice, 0xBAD);
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(Payments.InvalidInvoice.selector, invoice.id));
        payments.payInvoice{value: 1}(invoice, signature, 1);
        vm.expectRevert(abi.encodeWithSelector(Payments.InvalidInvoice.selector, invoice.id));
        payments.payInvoice{value: 1}(invoice, "", 1);
    }

    function test_a_cheaper_copy_of_an_invoice_is_none() public {
        Payments.Invoice memory invoice = invoiceOf(address(0), 1000);
        bytes memory signature = sign(invoice, ISSUER_KEY);
        invoice.amount = 1;
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(Payments.InvalidInvoice.selector, invoice.id));
        payments.payInvoice{value: 1}(invoice, signature, 1);
    }

    function test_an_invoice_asks_what_it_asked_when_it_was_first_paid() public {
        Payments.Invoice memory invoice = invoiceOf(address(0), 1000);
        pay(invoice, 1);
        invoice.amount = 2000;
        bytes memory signature = sign(invoice, ISSUER_KEY);
        vm.prank(payer);
        vm.expectRevert(abi.encodeWithSelector(Payments.TermsChanged.selector, invoice.id));
        payments.payInvoice{value: 1}(invoice, signature, 1);
    }

    function test_an_invoice_of_another_contract_or_chain_is_none() public {
        Payments.Invoice memory invoice = invoiceOf(address(0), 1000);
        bytes memory signature = sign(invoice, ISSUER_KEY);
        Payments other = new Payments(owner, vm.addr(ISSUER_KEY));
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(Payments.InvalidInvoice.selector, invoice.id));
        other.payInvoice{value: 1}(invoice, signature, 1);
        vm.chainId(4242);
        vm.expectRevert(abi.encodeWithSelector(Payments.InvalidInvoice.selector, invoice.id));
        payments.payInvoice{value: 1}(invoice, signature, 1);
    }

    function test_the_value_is_the_amount_said() public {
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(Payments.WrongValue.selector, 2, 1));
        payments.depositCredit{value: 2}(ACCOUNT, address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(Payments.WrongValue.selector, 1, 0));
        payments.depositCredit{value: 1}(ACCOUNT, address(token), 1);
        vm.expectRevert(Payments.ZeroAmount.selector);
        payments.depositCredit(ACCOUNT, address(token), 0);
    }

    function test_credit_needs_no_invoice() public {
        vm.expectEmit(address(payments));
        emit Payments.CreditDeposited(ACCOUNT, payer, 0, address(token), 30);
        vm.prank(payer);
        payments.depositCredit(ACCOUNT, address(token), 30);
        vm.prank(payer);
        payments.depositCredit{value: 40}(ACCOUNT, address(0), 40);
        assertEq(address(payments).balance, 40);
    }

    // Tokens of every temper.

    function test_what_counts_of_a_taxed_token_is_what_arrives() public {
        TaxedToken taxed = new TaxedToken();
        taxed.mint(payer, 1000);
        vm.prank(payer);
        taxed.approve(address(payments), 1000);
        Payments.Invoice memory invoice = invoiceOf(address(taxed), 1000);
        pay(invoice, 1000);
        assertEq(payments.paidOf(invoice.id), 990);
        assertEq(taxed.balanceOf(address(payments)), 990);
    }

    function test_a_token_that_answers_nothing_is_taken() public {
        SilentToken silent = new SilentToken();
        silent.mint(payer, 1000);
        vm.prank(payer);
        silent.approve(address(payments), 1000);
        Payments.Invoice memory invoice = invoiceOf(address(silent), 1000);
        pay(invoice, 1000);
        assertEq(payments.paidOf(invoice.id), 1000);
        vm.prank(owner);
        payments.withdraw(address(silent), payer, 1000);
        assertEq(silent.balanceOf(payer), 1000);
    }

    function test_a_token_that_says_no_or_lies_pays_nothing() public {
        address refusing = address(new LyingToken(false));
        address lying = address(new LyingToken(true));
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, refusing));
        payments.depositCredit(ACCOUNT, refusing, 10);
        vm.expectRevert(abi.encodeWithSelector(Payments.NothingReceived.selector, lying));
        payments.depositCredit(ACCOUNT, lying, 10);
        vm.expectRevert();
        payments.depositCredit(ACCOUNT, makeAddr("no contract"), 10);
    }

    function test_a_token_that_calls_back_does_not_come_in_again() public {
        CallingToken calling = new CallingToken();
        calling.mint(payer, 1000);
        vm.prank(payer);
        calling.approve(address(payments), 1000);
        calling.prepare(
            address(payments), abi.encodeCall(payments.depositCredit, (ACCOUNT, address(calling), uint256(1)))
        );
        Payments.Invoice memory invoice = invoiceOf(address(calling), 1000);
        pay(invoice, 500);
        assertFalse(calling.wasTaken());
        assertEq(payments.paidOf(invoice.id), 500);
    }

    // The owner.

    function test_the_owner_withdraws_and_nobody_else() public {
        pay(invoiceOf(address(0), 1000), 1000);
        pay(invoiceOf(address(token), 1000), 1000);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        payments.withdraw(address(0), payer, 1);
        address treasury = makeAddr("treasury");
        vm.startPrank(owner);
        vm.expectEmit(address(payments));
        emit Payments.Withdrawn(address(0), treasury, 1000);
        payments.withdraw(address(0), treasury, 1000);
        payments.withdraw(address(token), treasury, 1000);
        assertEq(treasury.balance, 1000);
        assertEq(token.balanceOf(treasury), 1000);
        vm.expectRevert(Payments.ZeroAddress.selector);
        payments.withdraw(address(0), address(0), 1);
        vm.expectRevert(Payments.ZeroAmount.selector);
        payments.withdraw(address(0), treasury, 0);
        vm.expectRevert(abi.encodeWithSelector(Payments.TransferFailed.selector, treasury));
        payments.withdraw(address(0), treasury, 1);
    }

    function test_a_pause_stops_payments_and_not_withdrawals() public {
        Payments.Invoice memory invoice = invoiceOf(address(0), 1000);
        pay(invoice, 500);
        vm.prank(owner);
        payments.pause();
        bytes memory signature = sign(invoice, ISSUER_KEY);
        vm.startPrank(payer);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        payments.payInvoice{value: 1}(invoice, signature, 1);
        vm.expectRevert(Pausable.EnforcedPause.selector);
        payments.depositCredit{value: 1}(ACCOUNT, address(0), 1);
        vm.stopPrank();
        vm.startPrank(owner);
        payments.withdraw(address(0), owner, 500);
        payments.unpause();
        vm.stopPrank();
        pay(invoice, 500);
        vm.startPrank(payer);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, payer));
        payments.pause();
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, payer));
        payments.unpause();
    }

    function test_another_issuer_makes_other_invoices() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        payments.setIssuer(payer);
        vm.startPrank(owner);
        vm.expectRevert(Payments.ZeroAddress.selector);
        payments.setIssuer(address(0));
        vm.expectEmit(address(payments));
        emit Payments.IssuerChanged(vm.addr(ISSUER_KEY), vm.addr(0xABC));
        payments.setIssuer(vm.addr(0xABC));
        vm.stopPrank();
        Payments.Invoice memory invoice = invoiceOf(address(0), 1000);
        bytes memory signature = sign(invoice, 0xABC);
        vm.prank(payer);
        payments.payInvoice{value: 1000}(invoice, signature, 1000);
    }

    function test_ownership_moves_in_two_steps() public {
        vm.prank(owner);
        payments.transferOwnership(payer);
        assertEq(payments.owner(), owner);
        assertEq(payments.pendingOwner(), payer);
        vm.prank(payer);
        payments.acceptOwnership();
        assertEq(payments.owner(), payer);
    }
}
