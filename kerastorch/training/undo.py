"""A `fit` or `evaluate` that fails in its first step leaves the model as it was."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.explain import step_of


class Saved:
    """Copies of what a step changes before the weights: statistics and seeds of layers, and metrics.

    Args:
        model: the model that runs.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        state = [*model.buffers(), *(v for metric in model.metrics for v in metric.variables)]
        unique = {id(tensor): tensor for tensor in state}.values()
        self._saved = [(tensor, tensor.detach().clone()) for tensor in unique]

    @torch.no_grad()
    def restore(self) -> None:
        """Sets everything to the copies; metrics made since then start anew."""
        known = {id(tensor) for tensor, _ in self._saved}
        for metric in self._model.metrics:
            if not all(id(variable) in known for variable in metric.variables):
                metric.reset_state()
        for tensor, value in self._saved:
            tensor.copy_(value)


class Undo:
    """A block after which, if its first step failed, statistics, metrics and history are as before it.

    The weights need no copy: a step changes them last.

    Args:
        model: the model that runs.
        first: the first step in words, as errors name it.
    """

    def __init__(self, model: Any, first: str = "step 1") -> None:
        self._model, self._history, self._first = model, model.history, first
        self._saved = Saved(model)

    def __enter__(self) -> Undo:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if step_of(error) != self._first:
            return
        self._saved.restore()
        self._model.history = self._history
