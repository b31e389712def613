"""One iteration over a pipeline: its number, and the seed from which its random stages draw."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import torch


@dataclass(frozen=True)
class Run:
    """What every stage knows of the iteration that it takes part in.

    Args:
        number: how many iterations came before this one. Default: 0.
        seed: what unseeded stages derive their randomness from. Default: 0.
        deterministic: whether parallel stages keep the order. Default: True.
        forgiving: whether stages drop the elements that their functions fail on. Default: False.
        warns: whether a warning tells of each of these. Default: False.
    """

    number: int = 0
    seed: int = 0
    deterministic: bool = True
    forgiving: bool = False
    warns: bool = False

    def child(self, place: int) -> Run:
        """The same iteration for one of several inputs, whose randomness must differ."""
        return replace(self, seed=mixed(self.seed, place + 1))

    def again(self, turn: int, turns: int) -> Run:
        """The iteration that pass number `turn` of a `repeat` is; endless ones (`turns < 0`) count apart."""
        number = self.number * turns + turn if turns >= 0 else (self.number << 32) + turn
        return replace(self, number=number, seed=mixed(self.seed, -turn) if turn else self.seed)

    def generator(self, seed: int | None, changes: bool = True) -> torch.Generator:
        """Returns where a stage draws from.

        Args:
            seed: the seed that the user gave, or None.
            changes: whether each iteration is to get other numbers.
        """
        if seed is None:
            return torch.Generator().manual_seed(mixed(self.seed, 0))
        return torch.Generator().manual_seed(mixed(seed, self.number if changes else 0))


def mixed(seed: int, number: int) -> int:
    """Returns a seed of 63 bits that two integers of any size determine."""
    digest = hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1
