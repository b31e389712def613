"""What a call knows about the calls around it: training mode, the outermost caller, name scopes."""

from __future__ import annotations

import threading
from typing import Any


class CallState(threading.local):
    """The state of the layer calls that are running in this thread.

    Attributes:
        training: the `training` argument of the nearest enclosing call that gave one, else None.
        stack: the layers whose calls are being watched, outermost first.
        scopes: `(name, owner)` of the layers being built or called, outermost first.
        inferring: whether shapes are being inferred, so that nothing may change state.
        run: which of the two runs of shape inference is on, 0 or 1.
        autocasting: whether a layer with a mixed policy that is running has turned torch's autocast on.
        beside: whether what models compute beside their outputs is wanted: True while compiled code trains or tests,
            False while a model predicts, None elsewhere.
        added_losses: how often `add_loss` has been called.
    """

    def __init__(self) -> None:
        self.training: bool | None = None
        self.stack: list[Any] = []
        self.scopes: list[tuple[str, Any]] = []
        self.inferring = False
        self.run = 0
        self.autocasting = False
        self.beside: bool | None = None
        self.added_losses = 0


state = CallState()


def is_training(layer: Any) -> bool:
    """Returns whether a layer trains: what the nearest enclosing call said, else the mode of the module.

    Args:
        layer: the layer that asks.
    """
    if state.training is not None:
        return state.training
    return layer.training or (layer._signature.training_default and not layer._has_mode)


class name_scope:
    """Prefixes the paths of the weights made inside a `with` block.

    Args:
        name: the scope's name, without slashes.
        caller: the layer that opens the scope.
        deduplicate: whether the scope that `caller` has just opened is not opened twice.
        override_parent: a path to stand in for the scopes that are open; None keeps them.

    Example:
        >>> with name_scope("encoder"):
        ...     print(current_path())
        encoder
    """

    def __init__(
        self, name: str, caller: Any = None, deduplicate: bool = True, override_parent: str | None = None
    ) -> None:
        self.name, self.caller = name, caller
        self.deduplicate, self.override_parent = deduplicate, override_parent

    def __enter__(self) -> name_scope:
        self._outer = scopes = state.scopes
        repeated = self.deduplicate and self.caller is not None and scopes and scopes[-1][1] is self.caller
        if self.override_parent is not None:
            state.scopes = [(part, None) for part in self.override_parent.split("/") if part]
        self._opened = not repeated
        if self._opened:
            state.scopes.append((self.name, self.caller))
        return self

    def __exit__(self, *exc: object) -> None:
        if self._opened:
            state.scopes.pop()
        state.scopes = self._outer


def current_path() -> str:
    """Returns the open name scopes, joined by slashes."""
    return "/".join(name for name, _ in state.scopes)
