// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// A token as the standard says.
contract PlainToken is ERC20("Plain", "PLN") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// Keeps one in a hundred of what it moves.
contract TaxedToken is ERC20("Taxed", "TAX") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0) || to == address(0)) return super._update(from, to, amount);
        super._update(from, address(0xFEE), amount / 100);
        super._update(from, to, amount - amount / 100);
    }
}

/// Answers nothing, as tokens older than the standard do.
contract SilentToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// Answers `false`, or `true` without moving anything.
contract LyingToken {
    bool private immutable answer;

    constructor(bool isCheerful) {
        answer = isCheerful;
    }

    function balanceOf(address) external pure returns (uint256) {
        return 5;
    }

    function transferFrom(address, address, uint256) external view returns (bool) {
        return answer;
    }
}

/// Calls someone back while it moves, as ERC-777 did.
contract CallingToken is ERC20("Calling", "CAL") {
    address private target;
    bytes private call;
    bool public wasTaken;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function prepare(address to, bytes calldata what) external {
        target = to;
        call = what;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target == address(0)) return;
        (bool isTaken,) = target.call(call);
        wasTaken = wasTaken || isTaken;
    }
}
