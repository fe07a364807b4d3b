// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What SandboxServing keeps, and the shapes that clients see
/// @dev All state lives here, so that one file shows the whole layout. New state is appended before the gap and the gap
///      shrinks by as much; `npm run contracts -- --check` compares the layout with the last release. Amounts are wei.
abstract contract ServingStore {
    /// @notice How a voucher ended. SUCCESS and INSUFFICIENT_BALANCE use the nonce up; the others change nothing.
    enum SettlementStatus {
        SUCCESS,
        INSUFFICIENT_BALANCE,
        PROVIDER_MISMATCH,
        NOT_ACKNOWLEDGED,
        INVALID_NONCE,
        INVALID_SIGNATURE
    }

    /// @notice A fee for usage, signed by the provider's signer. The EIP-712 type orders its fields otherwise:
    ///         `SandboxVoucher(address user,address provider,bytes32 usageHash,uint256 nonce,uint256 totalFee)`.
    struct SandboxVoucher {
        address user;
        address provider;
        uint256 totalFee;
        bytes32 usageHash;
        uint256 nonce;
        bytes signature;
    }

    /// @dev A user's account with one provider in one slot; `Words` reads and writes it as a whole. `acknowledged` is
    ///      the version acknowledged plus one, or 0. `flags` says which of `Refunds` hold money.
    struct Account {
        uint64 flags;
        uint32 acknowledged;
        uint64 lastNonce;
        uint96 balance;
    }

    /// @dev Money on its way out, and when it may go (unix seconds).
    struct Locked {
        uint96 amount;
        uint64 unlockAt;
    }

    /// @dev `pending` never exceeds the balance after a settlement; what did goes to `cancelled`, which keeps its time.
    struct Refunds {
        Locked pending;
        Locked cancelled;
    }

    /// @dev `stakeUnlockAt` is set while the stake leaves.
    struct Provider {
        address signer;
        uint32 version;
        bool isOpen;
        uint56 stakeUnlockAt;
    }

    /// @dev What a provider announces, in wei a minute and wei a sandbox. Nothing here reads it.
    struct Terms {
        uint256 pricePerCPUPerMin;
        uint256 createFee;
        uint256 pricePerMemGBPerMin;
        string url;
    }

    /// @dev The signer of a version that is over, and when it ended (unix seconds).
    struct PastSigner {
        address signer;
        uint64 endedAt;
    }

    /// @dev In one slot, as a batch writes both.
    struct Earnings {
        uint192 amount;
        uint64 epoch;
    }

    /// @notice How long a refund or a stake waits, and how long vouchers of a replaced signer are still taken.
    uint256 public constant LOCK_TIME = 2 hours;

    /// @dev The farthest a nonce or an epoch may move at once, so that no single one can use up all that follow.
    uint256 internal constant MAX_STEP = 2 ** 48;

    /// @notice What a provider must stake to register.
    uint256 public providerStake;
    /// @notice Who sets the stake.
    address public owner;
    /// @notice Who may take ownership by `acceptOwnership`.
    address public pendingOwner;

    /// @dev provider → user → account. The provider comes first so that a batch hashes it once.
    mapping(address => mapping(address => Account)) internal _accounts;
    mapping(address => mapping(address => Refunds)) internal _refunds;
    mapping(address => Provider) internal _providers;
    mapping(address => Terms) internal _terms;
    mapping(address => Earnings) internal _earnings;
    /// @notice What a provider has at stake.
    mapping(address => uint256) public providerStakes;
    /// @dev provider → version → its signer, once it is over.
    mapping(address => mapping(uint256 => PastSigner)) internal _pastSigners;
    /// @dev provider → user → version → until when its vouchers are taken, once the user no longer acknowledges it.
    mapping(address => mapping(address => mapping(uint256 => uint256))) internal _pastAcknowledgements;

    uint256[40] private __gap;

    event Deposited(address indexed recipient, address indexed provider, address indexed sender, uint256 amount);
    event RefundRequested(address indexed user, address indexed provider, uint256 amount, uint256 unlockAt);
    event RefundWithdrawn(address indexed user, address indexed provider, uint256 amount);
    /// @notice A settlement left less than the refund that was requested: the rest waits apart until `unlockAt`.
    event RefundCancelled(address indexed user, address indexed provider, uint256 amount, uint256 unlockAt);
    event CancelledRefundWithdrawn(address indexed user, address indexed provider, uint256 amount);
    event VoucherSettled(
        address indexed user,
        address indexed provider,
        uint256 totalFee,
        bytes32 usageHash,
        uint256 nonce,
        SettlementStatus status
    );
    /// @notice A batch was settled. `entries` are as sent; those skipped have an `EntrySkipped`, those short of money a
    ///         `VoucherSettled`, in the same transaction.
    event BatchSettled(
        address indexed provider,
        uint256 indexed epoch,
        bytes32 usageRoot,
        uint256 settled,
        uint256 skipped,
        uint256 totalPaid,
        bytes entries
    );
    event EntrySkipped(address indexed user, address indexed provider, uint256 nonce, SettlementStatus status);
    event EarningsWithdrawn(address indexed provider, uint256 amount);
    event ServiceUpdated(address indexed provider, string url, address teeSignerAddress, uint256 signerVersion);
    event TEESignerAcknowledged(address indexed user, address indexed provider, bool acknowledged);
    event ProviderStakeUpdated(uint256 oldStake, uint256 newStake);
    event StakeExitRequested(address indexed provider, uint256 amount, uint256 unlockAt);
    event StakeWithdrawn(address indexed provider, uint256 amount);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);

    /// @notice The address must not be zero.
    error ZeroAddress();
    /// @notice The amount must not be zero.
    error ZeroAmount();
    /// @notice More than an account can hold (2^96 − 1 wei).
    error AmountTooLarge(uint256 amount);
    /// @notice Less is there than was asked for.
    error InsufficientBalance(uint256 available, uint256 wanted);
    /// @notice There is nothing to withdraw.
    error NothingToWithdraw();
    /// @notice The receiver refused the money.
    error TransferFailed(address receiver);
    /// @notice No service is open under this provider.
    error ServiceUnknown(address provider);
    /// @notice Only the first registration carries a stake.
    error ValueNotTaken(uint256 value);
    /// @notice The stake is leaving: withdraw it first, then register anew.
    error StakeLeaving(uint256 unlockAt);
    /// @notice The stake stays until then.
    error StakeLocked(uint256 unlockAt);
    /// @notice Only the proposed owner may accept.
    error NotPendingOwner(address caller);
    /// @notice A batch is submitted by its provider or the provider's signer.
    error NotProvider(address caller);
    /// @notice The epoch must be above the last and at most 2^48 above it.
    error InvalidEpoch(uint256 epoch, uint256 last);
    /// @notice Entries are 40 bytes each.
    error InvalidEntries(uint256 length);
    /// @notice The batch was not signed by a signer of this provider.
    error InvalidBatchSignature();
}
