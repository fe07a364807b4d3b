// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {Batches} from "./serving/Batches.sol";
import {Ownership} from "./serving/Ownership.sol";

/// @title Prepaid usage: users deposit with a provider, whose signer's vouchers collect fees
/// @notice Runs behind OpenZeppelin's BeaconProxy and UpgradeableBeacon. Interface and voucher format are those of the
///         0G sandbox contract, so that its clients work unchanged; `settleBatch` stands beside them.
contract SandboxServing is Initializable, Ownership, Batches {
    /// @custom:oz-upgrades-unsafe-allow constructor
    constructor() {
        _disableInitializers();
    }

    /// @notice Sets a proxy up once. The caller, who makes the proxy with this call in its constructor, owns it.
    /// @param initialStake What a provider must stake to register (wei).
    function initialize(uint256 initialStake) external initializer {
        _setOwner(msg.sender);
        providerStake = initialStake;
        emit ProviderStakeUpdated(0, initialStake);
    }
}
