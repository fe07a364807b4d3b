// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ServingStore} from "./ServingStore.sol";

/// @title Providers, their stakes, and who acknowledged which signer
/// @dev A version is a signer with its prices. A change starts the next one: work begun under the old version may still
///      be settled for LOCK_TIME, by its own signer and for the users who had acknowledged it.
abstract contract Services is ServingStore, ReentrancyGuardTransient {
    /// @dev How many versions back a grace is looked for. Each costs the reader gas, and none lasts above LOCK_TIME.
    uint256 private constant MAX_PAST_VERSIONS = 16;

    /// @notice Registers the caller, or changes what it announces. The first time at least `providerStake` comes along
    ///         and all of it becomes the stake; later no value is taken. Another signer or price starts a new version.
    function addOrUpdateService(
        string calldata url,
        address teeSignerAddress,
        uint256 pricePerCPUPerMin,
        uint256 createFee,
        uint256 pricePerMemGBPerMin
    ) external payable {
        if (teeSignerAddress == address(0)) revert ZeroAddress();
        Provider storage provider = _providers[msg.sender];
        Terms storage terms = _terms[msg.sender];
        if (!provider.isOpen) {
            _register(provider);
        } else if (msg.value != 0) {
            revert ValueNotTaken(msg.value);
        } else if (
            provider.signer != teeSignerAddress || terms.pricePerCPUPerMin != pricePerCPUPerMin
                || terms.createFee != createFee || terms.pricePerMemGBPerMin != pricePerMemGBPerMin
        ) {
            _endVersion(provider);
            provider.version += 1;
        }
        provider.signer = teeSignerAddress;
        terms.pricePerCPUPerMin = pricePerCPUPerMin;
        terms.createFee = createFee;
        terms.pricePerMemGBPerMin = pricePerMemGBPerMin;
        terms.url = url;
        emit ServiceUpdated(msg.sender, url, teeSignerAddress, provider.version);
    }

    /// @notice Accepts a provider's current signer and prices, or no longer does. Vouchers for work begun before are
    ///         taken for LOCK_TIME after; a refund requested at the same time opens only then.
    function acknowledgeTEESigner(address provider, bool acknowledged) external {
        Provider storage service = _providers[provider];
        if (service.signer == address(0) || (acknowledged && !service.isOpen)) revert ServiceUnknown(provider);
        Account storage account = _accounts[provider][msg.sender];
        uint32 current = service.version + 1;
        uint32 previous = account.acknowledged;
        if (previous != 0 && !(acknowledged && previous == current)) {
            // A version that is over ends by its own time where that is sooner.
            _pastAcknowledgements[provider][msg.sender][previous - 1] = block.timestamp + LOCK_TIME;
        }
        account.acknowledged = acknowledged ? current : 0;
        emit TEESignerAcknowledged(msg.sender, provider, acknowledged);
    }

    /// @notice Closes the caller's service and starts the wait for its stake. Settlement of work already done goes on
    ///         for LOCK_TIME.
    function requestStakeExit() external {
        Provider storage provider = _providers[msg.sender];
        if (!provider.isOpen) revert ServiceUnknown(msg.sender);
        _endVersion(provider);
        provider.isOpen = false;
        provider.stakeUnlockAt = uint56(block.timestamp + LOCK_TIME);
        emit StakeExitRequested(msg.sender, providerStakes[msg.sender], provider.stakeUnlockAt);
    }

    /// @notice Pays the stake out once its wait is over.
    function withdrawStake() external nonReentrant {
        Provider storage provider = _providers[msg.sender];
        uint256 unlockAt = provider.stakeUnlockAt;
        if (unlockAt == 0) revert NothingToWithdraw();
        if (block.timestamp < unlockAt) revert StakeLocked(unlockAt);
        uint256 amount = providerStakes[msg.sender];
        provider.stakeUnlockAt = 0;
        providerStakes[msg.sender] = 0;
        _pay(msg.sender, amount);
        emit StakeWithdrawn(msg.sender, amount);
    }

    /// @notice Whether a provider takes new work.
    function serviceExists(address provider) external view returns (bool) {
        return _providers[provider].isOpen;
    }

    /// @notice What a provider announces (wei), its signer, and the version users acknowledge.
    function services(address provider)
        external
        view
        returns (
            string memory url,
            address teeSignerAddress,
            uint256 pricePerCPUPerMin,
            uint256 createFee,
            uint256 signerVersion,
            uint256 pricePerMemGBPerMin
        )
    {
        Terms storage terms = _terms[provider];
        Provider storage service = _providers[provider];
        return (
            terms.url,
            service.signer,
            terms.pricePerCPUPerMin,
            terms.createFee,
            service.version,
            terms.pricePerMemGBPerMin
        );
    }

    /// @notice Whether a user accepts the provider's current signer and prices: what new work is allowed by.
    function isTEEAcknowledged(address user, address provider) external view returns (bool) {
        Provider storage service = _providers[provider];
        return service.isOpen && _accounts[provider][user].acknowledged == service.version + 1;
    }

    /// @notice When the caller's stake may be withdrawn (unix seconds); 0 while it does not leave.
    function stakeUnlockAt(address provider) external view returns (uint256) {
        return _providers[provider].stakeUnlockAt;
    }

    /// @dev Whether any version still binds the user, and whether `recovered` signs for one that does. Walks back from
    ///      the current version as far as the grace reaches. A zero `recovered` never signs.
    function _boundVersions(address provider, address user, uint256 acknowledged, address recovered)
        internal
        view
        returns (bool isBound, bool isSigner)
    {
        Provider storage service = _providers[provider];
        uint256 version = service.version;
        address signer = service.signer;
        bool isInForce = service.isOpen;
        for (uint256 walked = 0; walked < MAX_PAST_VERSIONS; ++walked) {
            if (!isInForce) {
                PastSigner storage past = _pastSigners[provider][version];
                if (block.timestamp >= past.endedAt + LOCK_TIME) break;
                signer = past.signer;
            }
            bool isAcknowledged = acknowledged == version + 1;
            if (isAcknowledged || block.timestamp < _pastAcknowledgements[provider][user][version]) {
                isBound = true;
                if (recovered != address(0) && recovered == signer) return (true, true);
            }
            if (version == 0) break;
            --version;
            isInForce = false;
        }
    }

    /// @dev Whether an address signs for any version that work may still be settled under.
    function _signsForAnyVersion(address provider, address recovered) internal view returns (bool) {
        Provider storage service = _providers[provider];
        uint256 version = service.version;
        if (service.isOpen && recovered == service.signer) return true;
        for (uint256 walked = 0; walked < MAX_PAST_VERSIONS; ++walked) {
            PastSigner storage past = _pastSigners[provider][version];
            bool isOver = past.endedAt != 0;
            if (isOver && block.timestamp >= past.endedAt + LOCK_TIME) return false;
            if (isOver && recovered == past.signer) return true;
            if (version == 0) return false;
            --version;
        }
        return false;
    }

    function _register(Provider storage provider) private {
        uint256 unlockAt = provider.stakeUnlockAt;
        if (unlockAt != 0) revert StakeLeaving(unlockAt);
        require(msg.value >= providerStake, "insufficient stake");
        // A provider that returns starts a version that nobody has acknowledged.
        if (provider.signer != address(0)) provider.version += 1;
        providerStakes[msg.sender] = msg.value;
        provider.isOpen = true;
    }

    function _endVersion(Provider storage provider) private {
        _pastSigners[msg.sender][provider.version] = PastSigner(provider.signer, uint64(block.timestamp));
    }

    /// @dev Effects come before; the guard of every payer keeps a receiver from coming back meanwhile.
    function _pay(address receiver, uint256 amount) internal {
        (bool isPaid,) = receiver.call{value: amount}("");
        if (!isPaid) revert TransferFailed(receiver);
    }
}
