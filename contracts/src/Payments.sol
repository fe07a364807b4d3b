// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title Payment of invoices and deposits of credit, in the chain's coin or an ERC-20
/// @notice What an invoice asks is signed by the issuer, so that the owner pays no gas to issue one and nobody can make
///         one up. An invoice takes no more than its amount, whatever is sent and by how many: the rest is credit of
///         the same account. The token's zero address stands for the chain's coin. Amounts are minor units.
contract Payments is Ownable2Step, Pausable, EIP712, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice What an invoice asks. `id` and `account` are the console's, hashed to 32 bytes.
    struct Invoice {
        bytes32 id;
        bytes32 account;
        address token;
        uint256 amount;
    }

    address public constant NATIVE = address(0);

    bytes32 private constant INVOICE_TYPEHASH =
        keccak256("Invoice(bytes32 id,bytes32 account,address token,uint256 amount)");

    /// @notice Whose signature makes an invoice one.
    address public issuer;

    /// @notice How much of an invoice was paid; never above its amount.
    mapping(bytes32 => uint256) public paidOf;

    /// @dev What an invoice asked when it was first paid: the same id never asks anything else after.
    mapping(bytes32 => bytes32) private _termsOf;

    /// @notice Part or all of an invoice was paid. `paidTotal` is what was paid of it so far, this included.
    event InvoicePaid(
        bytes32 indexed id,
        bytes32 indexed account,
        address indexed payer,
        address token,
        uint256 amount,
        uint256 paidTotal,
        uint256 invoiceAmount
    );
    /// @notice Money that no invoice asked for. `invoiceId` names the one it came beyond, or is zero.
    event CreditDeposited(
        bytes32 indexed account, address indexed payer, bytes32 indexed invoiceId, address token, uint256 amount
    );
    event Withdrawn(address indexed token, address indexed to, uint256 amount);
    event IssuerChanged(address indexed previousIssuer, address indexed newIssuer);

    error ZeroAddress();
    error ZeroAmount();
    /// @notice The invoice is not signed by the issuer.
    error InvalidInvoice(bytes32 id);
    /// @notice The invoice was paid before under other terms.
    error TermsChanged(bytes32 id);
    /// @notice The value sent is not the amount stated, or came with an ERC-20.
    error WrongValue(uint256 value, uint256 wanted);
    /// @notice The token took the call and moved nothing.
    error NothingReceived(address token);
    error TransferFailed(address receiver);

    constructor(address initialOwner, address initialIssuer) Ownable(initialOwner) EIP712("Tollkeeper Payments", "1") {
        _setIssuer(initialIssuer);
    }

    /// @notice Pays `amount` toward an invoice. What arrives beyond it becomes credit of the invoice's account.
    function payInvoice(Invoice calldata invoice, bytes calldata signature, uint256 amount)
        external
        payable
        nonReentrant
        whenNotPaused
    {
        _checkTerms(invoice, signature);
        uint256 received = _receive(invoice.token, amount);
        uint256 part = _applyToInvoice(invoice, received);
        if (received > part) {
            emit CreditDeposited(invoice.account, msg.sender, invoice.id, invoice.token, received - part);
        }
    }

    /// @notice Deposits credit for an account, with no invoice.
    function depositCredit(bytes32 account, address token, uint256 amount) external payable nonReentrant whenNotPaused {
        emit CreditDeposited(account, msg.sender, 0, token, _receive(token, amount));
    }

    /// @notice Sends money out; works while payments are paused.
    function withdraw(address token, address to, uint256 amount) external onlyOwner nonReentrant {
        if (to == address(0)) revert ZeroAddress();
        if (amount == 0) revert ZeroAmount();
        if (token == NATIVE) {
            (bool isSent,) = to.call{value: amount}("");
            if (!isSent) revert TransferFailed(to);
        } else {
            IERC20(token).safeTransfer(to, amount);
        }
        emit Withdrawn(token, to, amount);
    }

    /// @notice Changes whose signature makes an invoice one; those that the former issuer signed no longer do.
    function setIssuer(address newIssuer) external onlyOwner {
        _setIssuer(newIssuer);
    }

    /// @notice Stops payments and deposits.
    function pause() external onlyOwner {
        _pause();
    }

    /// @notice Takes them again.
    function unpause() external onlyOwner {
        _unpause();
    }

    /// @notice The EIP-712 domain that invoices are signed under.
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @dev An invoice is the issuer's, and asks what it asked when it was first paid.
    function _checkTerms(Invoice calldata invoice, bytes calldata signature) private {
        bytes32 terms =
            keccak256(abi.encode(INVOICE_TYPEHASH, invoice.id, invoice.account, invoice.token, invoice.amount));
        (address by,,) = ECDSA.tryRecover(_hashTypedDataV4(terms), signature);
        if (by != issuer) revert InvalidInvoice(invoice.id);
        bytes32 known = _termsOf[invoice.id];
        if (known == 0) _termsOf[invoice.id] = terms;
        else if (known != terms) revert TermsChanged(invoice.id);
    }

    /// @dev Books what an invoice still takes of `received`, and gives how much that was.
    function _applyToInvoice(Invoice calldata invoice, uint256 received) private returns (uint256 part) {
        uint256 paid = paidOf[invoice.id];
        uint256 due = invoice.amount - paid;
        part = received < due ? received : due;
        if (part == 0) return 0;
        paid += part;
        paidOf[invoice.id] = paid;
        emit InvoicePaid(invoice.id, invoice.account, msg.sender, invoice.token, part, paid, invoice.amount);
    }

    function _setIssuer(address newIssuer) private {
        if (newIssuer == address(0)) revert ZeroAddress();
        emit IssuerChanged(issuer, newIssuer);
        issuer = newIssuer;
    }

    /// @dev Takes money in and gives what came. A token may keep a part of what it moves, so what counts is the balance
    ///      after, not the amount asked for; OpenZeppelin's SafeERC20 refuses those that answer false or have no code.
    function _receive(address token, uint256 amount) private returns (uint256 received) {
        if (amount == 0) revert ZeroAmount();
        if (token == NATIVE) {
            if (msg.value != amount) revert WrongValue(msg.value, amount);
            return amount;
        }
        if (msg.value != 0) revert WrongValue(msg.value, 0);
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 afterwards = IERC20(token).balanceOf(address(this));
        if (afterwards <= before) revert NothingReceived(token);
        return afterwards - before;
    }
}
