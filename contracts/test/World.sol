// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Test} from "forge-std/Test.sol";
import {SandboxServing} from "../src/SandboxServing.sol";
import {ServingStore} from "../src/serving/ServingStore.sol";
import {BeaconProxy} from "../src/proxy/BeaconProxy.sol";
import {UpgradeableBeacon} from "../src/proxy/UpgradeableBeacon.sol";

/// A deployed SandboxServing with one provider, its signer and ways to sign; each test says only what differs.
abstract contract World is Test {
    uint256 internal constant STAKE = 0.1 ether;
    uint256 internal constant LOCK = 2 hours;
    /// The order of secp256k1: a signature's twin has `N - s`.
    uint256 internal constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 internal constant SIGNER_KEY = 0x5161;
    uint256 internal constant NEXT_KEY = 0x5162;

    UpgradeableBeacon internal beacon;
    SandboxServing internal serving;
    address internal owner = makeAddr("owner");
    address internal provider = makeAddr("provider");
    address internal user = makeAddr("user");
    address internal signer = vm.addr(SIGNER_KEY);

    function setUp() public virtual {
        vm.warp(1_700_000_000);
        beacon = new UpgradeableBeacon(address(new SandboxServing()), owner);
        serving = deployProxy();
        register(provider, signer);
    }

    function deployProxy() internal returns (SandboxServing) {
        bytes memory data = abi.encodeCall(SandboxServing.initialize, (STAKE));
        vm.prank(owner);
        return SandboxServing(address(new BeaconProxy(address(beacon), data)));
    }

    function register(address who, address by) internal {
        vm.deal(who, who.balance + STAKE);
        vm.prank(who);
        serving.addOrUpdateService{value: STAKE}("https://provider.example", by, 10, 20, 30);
    }

    /// Changes the provider's signer, which starts a new version.
    function rotate(uint256 key) internal {
        vm.prank(provider);
        serving.addOrUpdateService("https://provider.example", vm.addr(key), 10, 20, 30);
    }

    function acknowledge(address who, bool isAcknowledged) internal {
        vm.prank(who);
        serving.acknowledgeTEESigner(provider, isAcknowledged);
    }

    function fund(address who, uint256 amount) internal {
        vm.deal(address(this), address(this).balance + amount);
        serving.deposit{value: amount}(who, provider);
    }

    /// A user that has acknowledged the provider and has money with it.
    function join(address who, uint256 amount) internal {
        acknowledge(who, true);
        if (amount > 0) fund(who, amount);
    }

    function requestRefund(address who, uint256 amount) internal {
        vm.prank(who);
        serving.requestRefund(provider, amount);
    }

    function unsigned(address who, uint256 fee, uint256 nonce)
        internal
        view
        returns (ServingStore.SandboxVoucher memory)
    {
        return ServingStore.SandboxVoucher(who, provider, fee, keccak256(abi.encode("usage", nonce)), nonce, "");
    }

    function digestOf(ServingStore.SandboxVoucher memory v) internal view returns (bytes32) {
        bytes32 typeHash =
            keccak256("SandboxVoucher(address user,address provider,bytes32 usageHash,uint256 nonce,uint256 totalFee)");
        bytes32 structHash = keccak256(abi.encode(typeHash, v.user, v.provider, v.usageHash, v.nonce, v.totalFee));
        return keccak256(abi.encodePacked(hex"1901", serving.domainSeparator(), structHash));
    }

    function sign(ServingStore.SandboxVoucher memory v, uint256 key)
        internal
        view
        returns (ServingStore.SandboxVoucher memory)
    {
        (uint8 parity, bytes32 r, bytes32 s) = vm.sign(key, digestOf(v));
        v.signature = abi.encodePacked(r, s, parity);
        return v;
    }

    function voucher(address who, uint256 fee, uint256 nonce)
        internal
        view
        returns (ServingStore.SandboxVoucher memory)
    {
        return sign(unsigned(who, fee, nonce), SIGNER_KEY);
    }

    /// Settles one voucher as the provider and gives its status.
    function settle(ServingStore.SandboxVoucher memory v) internal returns (uint8) {
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](1);
        list[0] = v;
        vm.prank(v.provider);
        return uint8(serving.settleFeesWithTEE(list)[0]);
    }

    function settle(address who, uint256 fee, uint256 nonce) internal returns (uint8) {
        return settle(voucher(who, fee, nonce));
    }

    function preview(ServingStore.SandboxVoucher memory v) internal view returns (uint8) {
        ServingStore.SandboxVoucher[] memory list = new ServingStore.SandboxVoucher[](1);
        list[0] = v;
        return uint8(serving.previewSettlementResults(list)[0]);
    }

    function entry(address who, uint256 fee, uint256 nonce) internal pure returns (bytes memory) {
        return abi.encodePacked(who, uint64(nonce), uint96(fee));
    }

    function signBatch(uint256 epoch, bytes32 usageRoot, bytes memory entries, uint256 key)
        internal
        view
        returns (bytes memory)
    {
        bytes32 typeHash =
            keccak256("SettleBatch(address provider,uint256 epoch,bytes32 usageRoot,bytes32 entriesHash)");
        bytes32 structHash = keccak256(abi.encode(typeHash, provider, epoch, usageRoot, keccak256(entries)));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", serving.domainSeparator(), structHash));
        (uint8 parity, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, parity);
    }

    /// Settles a batch as the provider, signed by the first signer.
    function settleBatch(uint256 epoch, bytes memory entries) internal returns (uint256 settled, uint256 skipped) {
        bytes memory signature = signBatch(epoch, bytes32("root"), entries, SIGNER_KEY);
        vm.prank(provider);
        return serving.settleBatch(provider, epoch, bytes32("root"), entries, signature);
    }

    function assertMoney(address who, uint256 balance, uint256 pending, uint256 cancelled, uint256 earned)
        internal
        view
    {
        (uint256 hasBalance, uint256 hasPending,) = serving.getBalance(who, provider);
        (uint256 hasCancelled,) = serving.cancelledRefundOf(who, provider);
        assertEq(hasBalance, balance, "balance");
        assertEq(hasPending, pending, "pending refund");
        assertEq(hasCancelled, cancelled, "cancelled refund");
        assertEq(serving.getProviderEarnings(provider), earned, "earnings");
    }
}
