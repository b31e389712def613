"""Where the time of a training step goes: a stopwatch, and a model whose parts report to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

PARTS = ("data wait", "copy", "forward", "backward", "optimizer", "metrics", "callbacks", "Python")
_COPIES = frozenset({"to", "copy_", "cuda", "pin_memory"})


class Stopwatch:
    """Seconds by part: each moment counts for the part entered last, for `"Python"` where none is.

    Args:
        device: the device that computes; its queue is waited for whenever the part changes.

    Example:
        >>> watch = Stopwatch()
        >>> with watch.running(), watch("forward"):
        ...     total = sum(range(1000))
        >>> watch.seconds["forward"] > 0 and watch.seconds["backward"] == 0
        True
    """

    def __init__(self, device: torch.device | None = None) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self._waits = device is not None and device.type == "cuda"
        self._open: list[str] = []
        self._since = 0.0

    def enter(self, part: str) -> None:
        """Begins a part, inside the present one.

        Args:
            part: one of `PARTS`.
        """
        self._count()
        self._open.append(part)

    def leave(self) -> None:
        """Ends the part that was entered last."""
        self._count()
        self._open.pop()

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        """Counts the time of a `with` block for a part.

        Args:
            part: one of `PARTS`.
        """
        self.enter(part)
        try:
            yield
        finally:
            self.leave()

    def running(self) -> Any:
        """Returns a block within which time counts; what no part claims is Python's."""
        return self("Python")

    def timed(self, part: str, function: Callable) -> Callable:
        """Returns a function whose time counts for a part.

        Args:
            part: one of `PARTS`.
            function: the function.
        """

        def run(*args: Any, **kwargs: Any) -> Any:
            if not self._open:
                return function(*args, **kwargs)
            self.enter(part)
            try:
                return function(*args, **kwargs)
            finally:
                self.leave()

        return run

    def _count(self) -> None:
        if self._waits:
            torch.cuda.synchronize()
        now = perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now


class CopiesWatched(TorchFunctionMode):
    """Within this block, tensors that go to another device or into pinned memory count as copies.

    Args:
        watch: the stopwatch.
    """

    def __init__(self, watch: Stopwatch) -> None:
        super().__init__()
        self._watch = watch

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        if getattr(func, "__name__", "") not in _COPIES:
            return func(*args, **(kwargs or {}))
        with self._watch("copy"):
            return func(*args, **(kwargs or {}))


@contextmanager
def watched(model: Any, watch: Stopwatch) -> Iterator[None]:
    """Lets the parts of a model's training step report to a stopwatch, for a `with` block.

    The methods of the usual step are known. In a step of the user's own the calls of its layers, of `backward` and of
    optimizers and metrics are.

    Args:
        model: the model, which nobody else uses meanwhile.
        watch: the stopwatch.
    """
    with _Patches() as patches:
        for name, part in _METHODS.items():
            patches.time(model, name, part, watch)
        patches.time(model._loss_tracker, "add", "metrics", watch)
        if model._has_own_train_step():
            _watch_own_step(model, watch, patches)
        yield


_METHODS = {
    "_forward": "forward",
    "compute_loss": "forward",
    "compute_metrics": "metrics",
    "_backward": "backward",
    "_step_optimizer": "optimizer",
}


def _watch_own_step(model: Any, watch: Stopwatch, patches: _Patches) -> None:
    for layer in (model, *model.children()):
        patches.handles.append(layer.register_forward_pre_hook(lambda *_: watch.enter("forward")))
        patches.handles.append(layer.register_forward_hook(lambda *_: watch.leave(), always_call=True))
    for owner, name in ((torch.Tensor, "backward"), (torch.autograd, "grad"), (torch.autograd, "backward")):
        patches.time(owner, name, "backward", watch)
    optimizers = [v for v in vars(model).values() if isinstance(v, torch.optim.Optimizer)]
    for optimizer in {id(o): o for o in optimizers}.values():
        for name in ("step", "apply", "apply_gradients"):
            if hasattr(optimizer, name):
                patches.time(optimizer, name, "optimizer", watch)
    for metric in model.metrics:
        patches.time(metric, "update_state", "metrics", watch)


class _Patches:
    """Attributes set for a `with` block."""

    def __init__(self) -> None:
        self.handles: list[Any] = []
        self._before: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> _Patches:
        return self

    def time(self, owner: Any, name: str, part: str, watch: Stopwatch) -> None:
        """Times a function of an object, a class or a module."""
        self._before.append((owner, name, vars(owner).get(name)))
        _set(owner, name, watch.timed(part, getattr(owner, name)))

    def __exit__(self, *exc: object) -> None:
        for handle in self.handles:
            handle.remove()
        for owner, name, value in reversed(self._before):
            _set(owner, name, value)


def _set(owner: Any, name: str, value: Any) -> None:
    """Sets an attribute of an object past its own `__setattr__`; None removes it."""
    if isinstance(owner, type):
        setattr(owner, name, value)
    elif value is None:
        vars(owner).pop(name, None)
    else:
        vars(owner)[name] = value
