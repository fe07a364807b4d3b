// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Test} from "forge-std/Test.sol";
import {Payments} from "../src/Payments.sol";

/// What tests of payments share: the contract, its issuer's key and signed invoices.
abstract contract PaymentsWorld is Test {
    uint256 internal constant ISSUER_KEY = 0x1550;

    Payments public payments;
    address internal owner = makeAddr("owner");
    address internal payer = makeAddr("payer");

    function sign(Payments.Invoice memory invoice, uint256 key) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256("Invoice(bytes32 id,bytes32 account,address token,uint256 amount)");
        bytes32 terms = keccak256(abi.encode(typeHash, invoice.id, invoice.account, invoice.token, invoice.amount));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", payments.domainSeparator(), terms));
        (uint8 parity, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, parity);
    }
}
