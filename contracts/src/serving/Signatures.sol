// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title EIP-712 digests and ECDSA recovery for SandboxServing
library Signatures {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant NAME_HASH = keccak256("0G Sandbox Serving");
    bytes32 private constant VERSION_HASH = keccak256("1");
    bytes32 internal constant VOUCHER_TYPEHASH =
        keccak256("SandboxVoucher(address user,address provider,bytes32 usageHash,uint256 nonce,uint256 totalFee)");
    bytes32 private constant BATCH_TYPEHASH =
        keccak256("SettleBatch(address provider,uint256 epoch,bytes32 usageRoot,bytes32 entriesHash)");

    /// @dev Half of the curve's order (EIP-2): of two signatures for one message only the lower is taken.
    uint256 private constant MAX_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice The domain of the contract that runs, which behind a proxy is the proxy. Computed each time: it costs
    ///         less than reading it, and a fork with another chain id has another domain at once.
    function domainSeparator() internal view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    /// @notice The digest of a batch.
    function batchDigest(address provider, uint256 epoch, bytes32 usageRoot, bytes32 entriesHash)
        internal
        view
        returns (bytes32)
    {
        bytes32 structHash = keccak256(abi.encode(BATCH_TYPEHASH, provider, epoch, usageRoot, entriesHash));
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }

    /// @notice The address that signed a digest, or zero where the signature is none: not 65 bytes r ‖ s ‖ v, v neither
    ///         27, 28, 0 nor 1, or a high s.
    function recover(bytes32 digest, bytes calldata signature) internal view returns (address signer) {
        uint256 maxS = MAX_S;
        assembly ("memory-safe") {
            if eq(signature.length, 65) {
                let at := mload(0x40)
                let s := calldataload(add(signature.offset, 32))
                let v := byte(0, calldataload(add(signature.offset, 64)))
                if lt(v, 27) { v := add(v, 27) }
                if iszero(gt(s, maxS)) {
                    mstore(at, digest)
                    mstore(add(at, 32), v)
                    mstore(add(at, 64), calldataload(signature.offset))
                    mstore(add(at, 96), s)
                    // The precompile answers nothing for what is no signature, other values of v among them.
                    mstore(0, 0)
                    pop(staticcall(gas(), 1, at, 128, 0, 32))
                    signer := mload(0)
                }
            }
        }
    }
}
