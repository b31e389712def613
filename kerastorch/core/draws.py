"""Tensors filled with random numbers from a seed, in eager code and inside `torch.compile` alike.

`torch.compile` takes no `torch.Generator` into its graphs. There a draw is one operation of its own, which makes the
generator from the state of the `SeedGenerator`: the numbers are those of the eager code.
"""

from __future__ import annotations

import torch

from kerastorch.core.seeds import SeedGenerator, as_seed, generator_for, seed_of_draw, seeded_generator

_library = torch.library.Library("kerastorch", "DEF")
_library.define("filled(Tensor like, Tensor next_state, str how, float[] settings) -> Tensor")


def _filled(like: torch.Tensor, next_state: torch.Tensor, how: str, settings: list[float]) -> torch.Tensor:
    seed, count = next_state.tolist()
    x = torch.empty_like(like)
    getattr(x, how)(*settings, generator=seeded_generator(seed_of_draw(seed, count - 1), x.device))
    return x


_library.impl("filled", _filled, "CompositeExplicitAutograd")
torch.library.register_fake("kerastorch::filled", lambda like, *args: torch.empty_like(like), lib=_library)


def filled(like: torch.Tensor, how: str, *settings: float, seed: int | SeedGenerator | None) -> torch.Tensor:
    """Returns a tensor of random numbers.

    Args:
        like: a tensor of the shape, type and device that the result has; its values do not count.
        how: the method of tensors that draws, such as `"normal_"` or `"bernoulli_"`.
        *settings: its arguments.
        seed: an integer, a `SeedGenerator`, or None for torch's global generator.

    Raises:
        InvalidArgumentError: when `seed` is no seed.

    Example:
        >>> filled(torch.ones(3), "uniform_", 0.0, 1.0, seed=1).shape
        torch.Size([3])
    """
    if seed is None or not torch.compiler.is_compiling():
        x = torch.empty_like(like)
        getattr(x, how)(*settings, generator=generator_for(seed, x.device))
        return x
    if isinstance(seed, SeedGenerator):
        next_state = seed.state + seed.step
        seed.state.copy_(next_state)
    else:
        next_state = torch.tensor([as_seed(seed), 1])
    return torch.ops.kerastorch.filled(like.detach(), next_state, how, settings)
