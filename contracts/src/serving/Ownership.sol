// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ServingStore} from "./ServingStore.sol";

/// @title Who owns SandboxServing, and the one thing an owner may do
/// @dev Not OpenZeppelin's Ownable: clients know the text "not owner" and the one-step `transferOwnership`.
abstract contract Ownership is ServingStore {
    modifier onlyOwner() {
        require(msg.sender == owner, "not owner");
        _;
    }

    /// @notice Hands ownership over at once; a wrong address loses it. `proposeOwner` is the careful way.
    function transferOwnership(address newOwner) external onlyOwner {
        if (newOwner == address(0)) revert ZeroAddress();
        _setOwner(newOwner);
    }

    /// @notice Offers ownership to an address that must accept it; zero takes the offer back.
    function proposeOwner(address newOwner) external onlyOwner {
        pendingOwner = newOwner;
        emit OwnershipTransferStarted(owner, newOwner);
    }

    /// @notice Takes the ownership that was offered to the caller.
    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert NotPendingOwner(msg.sender);
        _setOwner(msg.sender);
    }

    /// @notice Sets what registering costs (wei). Stakes already made stay as they are.
    function setProviderStake(uint256 newStake) external onlyOwner {
        emit ProviderStakeUpdated(providerStake, newStake);
        providerStake = newStake;
    }

    function _setOwner(address newOwner) internal {
        emit OwnershipTransferred(owner, newOwner);
        owner = newOwner;
        delete pendingOwner;
    }
}
