"""What `fit`, `evaluate` and `predict` do before the first step: data to batches, callbacks to a list."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch.callbacks.callback_list import CallbackList
from kerastorch.core.devices import current_device
from kerastorch.data.convert import holds_arrays
from kerastorch.data.parts import unpack
from kerastorch.data.select import Workers, is_samples, select
from kerastorch.errors import NotCompiledError
from kerastorch.training.checks import check_inputs, check_not_empty, check_targets, check_weights
from kerastorch.training.epochs import Epochs
from kerastorch.training.steps import Steps


class Preparation:
    """The part of a trainer that prepares runs. See `Model`."""

    def _assert_compiled(self: Any, method: str) -> None:
        if not self.compiled:
            raise NotCompiledError(
                f"You must call `compile()` before calling `{method}()`. Model {self.name!r} is not compiled."
            )

    def _data_device(self: Any) -> torch.device:
        return self._device() or current_device()

    def _epochs_of(
        self: Any,
        x: Any,
        y: Any,
        sample_weight: Any,
        batch_size: Any,
        shuffle: Any,
        class_weight: Any,
        steps: Any,
        targets: bool = True,
        workers: Workers | None = None,
        goes_round: bool = False,
    ) -> Epochs:
        """Batches of data, after what can be known to be wrong about them has been looked for."""
        check_not_empty(self._plan, x, y)
        batches = select(
            x,
            y,
            sample_weight,
            batch_size,
            shuffle,
            class_weight,
            self._data_device(),
            self._names_for_data(),
            workers,
        )
        if not hasattr(batches, "head"):
            return Epochs(batches, steps, goes_round)
        if targets:
            check_weights(self._plan, batches)
        if self._graph is not None and self._uses_graph():
            check_inputs(self, batches)
            if targets and self._plan is not None and self._has_usual_steps():
                check_targets(self._plan, self._graph.outputs, batches)
        return Epochs(batches, steps, goes_round)

    def _has_usual_steps(self: Any) -> bool:
        cls = type(self)
        return all(getattr(cls, n) is getattr(Steps, n) for n in ("train_step", "test_step", "compute_loss"))

    def _validation(
        self: Any,
        data: Any,
        batch_size: int | None,
        training_batch_size: int | None,
        steps: int | None,
        workers: Workers,
    ) -> Epochs | None:
        if data is None:
            return None
        x, y, sample_weight = unpack(data)
        if holds_arrays(x):
            workers = Workers()
        if batch_size is None and (holds_arrays(x) or is_samples(x)):
            batch_size = training_batch_size
        return self._epochs_of(x, y, sample_weight, batch_size, False, None, steps, workers=workers)

    def _callback_list(
        self: Any,
        callbacks: Any,
        verbose: Any,
        batches: Epochs,
        epochs: int = 1,
        history: bool = True,
        validation: bool = False,
        metrics: bool = True,
    ) -> Any:
        if isinstance(callbacks, CallbackList):
            return callbacks
        names = self.metrics_names if metrics else []
        verbose = 1 if verbose == "auto" else verbose
        return CallbackList(
            callbacks,
            add_history=history,
            add_progbar=bool(verbose),
            model=self,
            verbose=verbose,
            epochs=epochs,
            nb_epoch=epochs,
            steps=batches.steps,
            batch_size=getattr(batches.batches, "batch_size", None),
            samples=getattr(batches.batches, "num_samples", None),
            do_validation=validation,
            metrics=names + ([f"val_{name}" for name in names] if validation else []),
        )
