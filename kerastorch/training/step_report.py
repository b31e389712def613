"""What runs when a model takes a step of training, and why."""

from __future__ import annotations

from typing import Literal

Kind = Literal["eager", "compiled", "forward", "captured"]
_WORDS = {
    "eager": "operation by operation",
    "compiled": "as one program, compiled",
    "forward": "operation by operation, with a compiled forward pass",
    "captured": "as one program, captured on the GPU",
}


class StepReport:
    """How the steps of `fit` run. `str()` says it in a sentence.

    Args:
        kind: `"eager"`; `"compiled"`, where the step is one program made by `torch.compile`; `"forward"`, where only
            the forward pass is; or `"captured"`, where it is a CUDA graph.
        reason: why it is so.

    Example:
        >>> print(StepReport("eager", "`jit_compile` is False"))
        Steps run operation by operation: `jit_compile` is False.

    Source: ours.
    """

    def __init__(self, kind: Kind, reason: str) -> None:
        self.kind: Kind = kind
        self.reason = reason
        self.programs = 0
        self.operations = 0

    def agreed(self, programs: int) -> None:
        """Notes that one more program agreed with an ordinary step.

        Args:
            programs: how many there are now, one for each shape of batches.
        """
        self.programs = programs
        made = f"{programs} programs, one for each shape of batches" if programs > 1 else "1 program"
        self.reason = f"{made}, the last of {self.operations} operations; it agreed with an ordinary step"

    def __str__(self) -> str:
        return f"Steps run {_WORDS[self.kind]}: {self.reason}."

    def __repr__(self) -> str:
        return f"<StepReport kind={self.kind!r} reason={self.reason!r}>"
