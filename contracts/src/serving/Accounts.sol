// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Services} from "./Services.sol";

/// @title Users' money: deposits, refunds, and how a fee is taken
/// @dev Every wei is in exactly one of: a balance, a pending refund, a cancelled refund, earnings, a stake.
abstract contract Accounts is Services {
    uint64 internal constant HAS_PENDING = 1;
    uint64 internal constant HAS_CANCELLED = 2;

    /// @notice Adds the value to the recipient's balance with a provider; anyone may pay for anyone.
    function deposit(address recipient, address provider) external payable {
        if (msg.value == 0) revert ZeroAmount();
        Account storage account = _accounts[provider][recipient];
        // What waits counts too, so that no sum within an account can ever overflow.
        if (_collectible(provider, recipient) + msg.value > type(uint96).max) revert AmountTooLarge(msg.value);
        account.balance += uint96(msg.value);
        emit Deposited(recipient, provider, msg.sender, msg.value);
    }

    /// @notice Sets `amount` wei of the caller's balance apart, to be withdrawn after LOCK_TIME. A pending request goes
    ///         back to the balance first; vouchers may collect from what waits.
    function requestRefund(address provider, uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        Account storage account = _accounts[provider][msg.sender];
        Locked storage pending = _refunds[provider][msg.sender].pending;
        uint256 available = uint256(account.balance) + pending.amount;
        if (amount > available) revert InsufficientBalance(available, amount);
        uint256 unlockAt = block.timestamp + LOCK_TIME;
        account.balance = uint96(available - amount);
        account.flags |= HAS_PENDING;
        pending.amount = uint96(amount);
        pending.unlockAt = uint64(unlockAt);
        emit RefundRequested(msg.sender, provider, amount, unlockAt);
    }

    /// @notice Pays the caller's pending refund out, at or after its time.
    function withdrawRefund(address provider) external nonReentrant {
        uint256 amount = _release(provider, _refunds[provider][msg.sender].pending, HAS_PENDING);
        _pay(msg.sender, amount);
        emit RefundWithdrawn(msg.sender, provider, amount);
    }

    /// @notice Pays out what settlements cancelled of the caller's refunds, at or after its time.
    function withdrawCancelledRefund(address provider) external nonReentrant {
        uint256 amount = _release(provider, _refunds[provider][msg.sender].cancelled, HAS_CANCELLED);
        _pay(msg.sender, amount);
        emit CancelledRefundWithdrawn(msg.sender, provider, amount);
    }

    /// @notice Pays the caller what it earned.
    function withdrawEarnings() external nonReentrant {
        uint256 amount = _earnings[msg.sender].amount;
        if (amount == 0) revert NothingToWithdraw();
        _earnings[msg.sender].amount = 0;
        _pay(msg.sender, amount);
        emit EarningsWithdrawn(msg.sender, amount);
    }

    /// @notice A user's money with a provider (wei): what vouchers take first, what waits, and until when.
    function getBalance(address user, address provider)
        external
        view
        returns (uint256 balance, uint256 pendingRefund, uint256 refundUnlockAt)
    {
        Locked storage pending = _refunds[provider][user].pending;
        return (_accounts[provider][user].balance, pending.amount, pending.unlockAt);
    }

    /// @notice What settlements cancelled of a user's refunds (wei), and when it may be withdrawn.
    function cancelledRefundOf(address user, address provider)
        external
        view
        returns (uint256 amount, uint256 unlockAt)
    {
        Locked storage cancelled = _refunds[provider][user].cancelled;
        return (cancelled.amount, cancelled.unlockAt);
    }

    /// @notice The balances of many users with one provider (wei).
    function balanceOfBatch(address[] calldata users, address provider)
        external
        view
        returns (uint256[] memory balances)
    {
        balances = new uint256[](users.length);
        for (uint256 i = 0; i < users.length; ++i) {
            balances[i] = _accounts[provider][users[i]].balance;
        }
    }

    /// @notice The last nonce used up between a user and a provider, by either path.
    function getLastNonce(address user, address provider) external view returns (uint256) {
        return _accounts[provider][user].lastNonce;
    }

    /// @notice What a provider can withdraw (wei).
    function getProviderEarnings(address provider) external view returns (uint256) {
        return _earnings[provider].amount;
    }

    /// @notice The same under its older name.
    function providerEarnings(address provider) external view returns (uint256) {
        return _earnings[provider].amount;
    }

    /// @dev What a fee can be collected from: balance, cancelled refunds, pending refund.
    function _collectible(address provider, address user) internal view returns (uint256) {
        Account storage account = _accounts[provider][user];
        if (account.flags == 0) return account.balance;
        Refunds storage refunds = _refunds[provider][user];
        return uint256(account.balance) + refunds.cancelled.amount + refunds.pending.amount;
    }

    /// @dev Takes a fee in that order, or all there is where it does not suffice, and uses the nonce up. What the
    ///      settlement leaves of the pending refund beyond the balance moves to the cancelled ones, so that it is
    ///      neither stranded nor out before its time.
    function _collect(address provider, address user, uint256 fee, uint256 nonce)
        internal
        returns (SettlementStatus status, uint256 paid)
    {
        Account memory account = _accounts[provider][user];
        Refunds storage refunds = _refunds[provider][user];
        Locked memory pending = refunds.pending;
        Locked memory cancelled = refunds.cancelled;
        uint256 available = uint256(account.balance) + cancelled.amount + pending.amount;
        paid = fee <= available ? fee : available;
        status = fee <= available ? SettlementStatus.SUCCESS : SettlementStatus.INSUFFICIENT_BALANCE;

        uint256 rest = paid;
        (account.balance, rest) = _take(account.balance, rest);
        (cancelled.amount, rest) = _take(cancelled.amount, rest);
        (pending.amount, rest) = _take(pending.amount, rest);
        assert(rest == 0);

        if (pending.amount > account.balance) {
            uint96 excess = pending.amount - account.balance;
            pending.amount = account.balance;
            cancelled.amount += excess;
            if (pending.unlockAt > cancelled.unlockAt) cancelled.unlockAt = pending.unlockAt;
            emit RefundCancelled(user, provider, excess, cancelled.unlockAt);
        }
        if (pending.amount == 0) delete pending;
        if (cancelled.amount == 0) delete cancelled;
        refunds.pending = pending;
        refunds.cancelled = cancelled;
        account.flags = (pending.amount > 0 ? HAS_PENDING : 0) | (cancelled.amount > 0 ? HAS_CANCELLED : 0);
        account.lastNonce = uint64(nonce);
        _accounts[provider][user] = account;
    }

    /// @dev Takes up to `wanted` from `amount`; gives what is left of each.
    function _take(uint96 amount, uint256 wanted) private pure returns (uint96 left, uint256 stillWanted) {
        if (wanted >= amount) return (0, wanted - amount);
        return (uint96(amount - wanted), 0);
    }

    function _release(address provider, Locked storage locked, uint64 flag) private returns (uint256 amount) {
        amount = locked.amount;
        if (amount == 0) revert NothingToWithdraw();
        require(block.timestamp >= locked.unlockAt, "refund locked");
        locked.amount = 0;
        locked.unlockAt = 0;
        _accounts[provider][msg.sender].flags &= ~flag;
    }
}
