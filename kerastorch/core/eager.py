"""Whether torch runs an operation as it is called, so that a way of our own may be taken."""

from __future__ import annotations

import torch
from torch.autograd import forward_ad


def runs_eagerly() -> bool:
    """Returns whether nothing traces or transforms what is called: no compiler, no `torch.func`, no dual numbers.

    Example:
        >>> runs_eagerly(), torch.func.vmap(lambda x: x * runs_eagerly())(torch.ones(2)).tolist()
        (True, [0.0, 0.0])
    """
    return (
        not torch.compiler.is_compiling()
        and torch._C._functorch.peek_interpreter_stack() is None
        and forward_ad._current_level < 0
    )
