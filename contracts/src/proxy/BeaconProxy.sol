// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// OpenZeppelin's proxy, which holds the beacon in the ERC-1967 slot and in its own code.
import {BeaconProxy} from "@openzeppelin/contracts/proxy/beacon/BeaconProxy.sol";
