// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// OpenZeppelin's beacon under the name that clients of the public contract import and verify.
import {UpgradeableBeacon} from "@openzeppelin/contracts/proxy/beacon/UpgradeableBeacon.sol";
