"""The learning rate of any optimizer that a model can have: of this library, of torch, or several in one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerastorch.config import dialect
from kerastorch.errors import InvalidArgumentError


def optimizers_of(model: Any) -> Iterator[tuple[str, Any]]:
    """Yields the optimizers of a model, each with its name; a single one has the empty name."""
    optimizer = model.optimizer
    inner = getattr(optimizer, "optimizers", None)
    if inner is None:
        yield "", optimizer
        return
    for part in inner:
        yield part.name, part


def read_rate(optimizer: Any) -> float:
    """Returns the learning rate; for an optimizer of torch that of its first parameter group.

    Raises:
        InvalidArgumentError: when there is none.
    """
    if hasattr(optimizer, "learning_rate"):
        return float(optimizer.learning_rate)
    if getattr(optimizer, "param_groups", None):
        return float(optimizer.param_groups[0]["lr"])
    raise InvalidArgumentError(
        f'Optimizer must have a "learning_rate" attribute. Received: {optimizer!r}. An optimizer of torch has one '
        "once it knows its parameters: `torch.optim.SGD(model.parameters(), lr=0.1)`."
    )


def write_rate(optimizer: Any, rate: float) -> None:
    """Sets the learning rate; the parameter groups of a torch optimizer keep the ratio of their rates."""
    if hasattr(optimizer, "learning_rate"):
        optimizer.learning_rate = rate
        return
    first = read_rate(optimizer)
    for group in optimizer.param_groups:
        group["lr"] = rate * (float(group["lr"]) / first) if first else rate


def log_rates(model: Any, logs: dict[str, Any]) -> None:
    """Adds the learning rate to the logs: as `learning_rate`, or as Keras 2's `lr` in its dialect."""
    key = "lr" if dialect() == "tf_keras" else "learning_rate"
    for name, optimizer in optimizers_of(model):
        logs[f"{key}_{name}" if name else key] = read_rate(optimizer)
