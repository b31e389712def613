"""A `fit` or `evaluate` that fails in its first step leaves the model as it was."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.core.explain import step_of


class Undo:
    """A block after which, if its first step failed, statistics, metrics and history are as before it.

    The weights need no copy: a step changes them last.

    Args:
        model: the model that runs.
        first: the first step in words, as errors name it.
    """

    def __init__(self, model: Any, first: str = "step 1") -> None:
        self._model, self._history, self._first = model, model.history, first
        state = [*model.buffers(), *(v for metric in model.metrics for v in metric.variables)]
        unique = {id(tensor): tensor for tensor in state}.values()
        self._saved = [(tensor, tensor.detach().clone()) for tensor in unique]

    def __enter__(self) -> Undo:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if step_of(error) != self._first:
            return
        with torch.no_grad():
            for tensor, value in self._saved:
                tensor.copy_(value)
        self._model.history = self._history
