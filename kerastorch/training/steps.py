"""One step of training, testing or predicting: the same for `fit`, `train_on_batch` and custom loops."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from kerastorch.core.context import state
from kerastorch.data.convert import batch_length
from kerastorch.data.parts import unpack
from kerastorch.errors import InvalidArgumentError, NotCompiledError
from kerastorch.training.arguments import accepted
from kerastorch.training.logs import LazyLogs
from kerastorch.training.whole_step import give_up_compiling


class Steps:
    """The steps of a `Model`; each can be overridden alone. See `Model`."""

    def train_step(self: Any, data: Any) -> dict[str, Any]:
        """Trains on one batch and returns the metrics so far.

        Args:
            data: `x`, `(x, y)` or `(x, y, sample_weight)` as tensors on the model's device.

        Returns:
            A dictionary of names and values, which are read from the device when somebody looks.
        """
        loss, logs = self._loss_and_logs(*unpack(data))
        self._update_weights(loss)  # last: a metric that fails leaves the weights alone
        return logs

    def _loss_and_logs(self: Any, x: Any, y: Any, sample_weight: Any) -> tuple[torch.Tensor, dict[str, Any]]:
        """The loss of a batch to train on, and the metrics, which have taken the batch into account."""
        y_pred = self._forward(x)
        loss = self.compute_loss(
            x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **self._loss_options(True)
        )
        with torch.no_grad():
            self._loss_tracker.add(loss.detach(), _samples(x))
            return loss, self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def test_step(self: Any, data: Any) -> dict[str, Any]:
        """Evaluates one batch and returns the metrics so far.

        Args:
            data: `x`, `(x, y)` or `(x, y, sample_weight)` as tensors on the model's device.
        """
        x, y, sample_weight = unpack(data)
        y_pred = self._forward(x)
        loss = self.compute_loss(
            x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, **self._loss_options(False)
        )
        if loss is not None:
            self._loss_tracker.add(loss.detach(), _samples(x))
        return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def predict_step(self: Any, data: Any) -> Any:
        """Returns the outputs for one batch.

        Args:
            data: `x`, `(x, y)` or `(x, y, sample_weight)` as tensors on the model's device.
        """
        outer, state.beside = state.beside, False
        try:
            return self._forward(unpack(data)[0])
        finally:
            state.beside = outer

    def compute_loss(
        self: Any,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
        allow_empty: bool = False,
    ) -> Any:
        """Returns the total loss: those of `compile`, those added by layers, and the weights' penalties.

        Args:
            x: the inputs.
            y: the targets.
            y_pred: the outputs of the model.
            sample_weight: weights of the samples.
            training: whether the model trains.
            allow_empty: whether to return None where there is no loss, in place of an error.

        Raises:
            NotCompiledError: when there is no loss at all.
        """
        plan = self._plan_for(y_pred)
        loss = plan.loss(y, y_pred, sample_weight) if plan is not None else None
        for extra in self._extra_losses():
            extra = extra.sum() if extra.ndim else extra
            loss = extra if loss is None else loss + extra
        if loss is None and not allow_empty:
            raise NotCompiledError(
                "No loss to compute. Provide a `loss` argument in `compile()`, or call `add_loss` in a layer."
            )
        return loss

    def compute_metrics(self: Any, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Updates the compiled metrics and returns all results so far.

        Args:
            x: the inputs.
            y: the targets.
            y_pred: the outputs of the model.
            sample_weight: weights of the samples.
        """
        plan = self._plan_for(y_pred)
        if plan is not None:
            plan.update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self: Any) -> dict[str, Any]:
        """Returns the results of all metrics so far; they are read from the device when somebody looks."""
        return LazyLogs(self._metric_results)

    def _has_own_train_step(self: Any) -> bool:
        return type(self).train_step is not Steps.train_step or "train_step" in self.__dict__

    def _has_own_metrics(self: Any) -> bool:
        return type(self).compute_metrics is not Steps.compute_metrics

    def _forward(self: Any, x: Any) -> Any:
        """The outputs for a batch; notes whether layers add losses on the way."""
        before = state.added_losses
        # A model that is compiled has been built before, by a call that makes its weights.
        outputs = self(x) if self._compiled_call is None or not self.built else self._forward_compiled(x)
        if state.added_losses != before:
            self.__dict__["_records_losses"] = True
            self._forget_inputs()
        return outputs

    def _forward_compiled(self: Any, x: Any) -> Any:
        if self.training and self._whole_step is not None and not self._whole_step.refused:
            return self(x)  # an ordinary step on the way to a program for the whole of it
        outer = state.beside
        state.beside = outer is not False
        try:
            return self._compiled_call(x)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # the compiler's own, unless the layers raise it again
            state.beside = outer
            outputs = self(x)
            give_up_compiling(self, error)
            return outputs
        finally:
            state.beside = outer

    def _loss_options(self: Any, training: bool) -> dict[str, bool]:
        """The keywords of `compute_loss` besides data; older overriding methods do not take all of them."""
        options = {"training": training} if training else {"training": False, **self._allow_empty}
        own = type(self).compute_loss
        return options if own is Steps.compute_loss else accepted(own, options)

    def _extra_losses(self: Any) -> list[torch.Tensor]:
        if not self._records_losses and self._regularized is None:
            self.__dict__.update(
                _regularized=self._regularized_weights(), _records_losses=self._adds_losses()
            )
        if self._records_losses:
            return self.losses
        return [weight.regularizer(weight) for weight in self._regularized]

    def _update_weights(self: Any, loss: torch.Tensor) -> None:
        """Backward pass and optimizer step."""
        if not loss.requires_grad:
            self._report_no_gradient()
            return
        if self._grad_owners is None:
            self._prepare_optimizer()
        for parameter in self._grad_owners:
            parameter.grad = None
        self._backward(loss)
        self._step_optimizer()

    def _backward(self: Any, loss: torch.Tensor) -> None:
        """Adds the gradients of a loss, scaled if the precision asks for it, to those that are there."""
        if self._scaler is not None:
            loss = self._scaler.scale(loss)
        elif self._scale_loss is not None:
            loss = self._scale_loss(loss)
        loss.backward()

    def _step_optimizer(self: Any) -> None:
        if self._scaler is None:
            self.optimizer.step()
            return
        self._scaler.step(self.optimizer)
        self._scaler.update()

    def _report_no_gradient(self: Any) -> None:
        if not self.trainable_weights:
            warnings.warn("The model does not have any trainable weights.", stacklevel=2)
            return
        raise InvalidArgumentError(
            f"The loss of model {self.name!r} has no gradient, although there are weights to train. A loss, metric or "
            "layer works on `.detach()`ed, `.numpy()` or rounded values, or training runs inside `torch.no_grad()`. "
            "Expected torch operations from the weights to the loss."
        )

    def _prepare_optimizer(self: Any) -> None:
        """Gives the optimizer the weights to train; it happens once, at the first step after `compile`."""
        self._check_optimizer()
        optimizer = self.optimizer
        if not isinstance(optimizer, torch.optim.Optimizer):  # a class of torch's, or a partial of one
            self.optimizer = optimizer(self.trainable_weights)
        elif not getattr(optimizer, "built", True):
            optimizer.build(self.trainable_weights)  # type: ignore[attr-defined]
        self._scale_loss = optimizer.scale_loss if getattr(optimizer, "scales_loss", False) else None
        self.__dict__["_grad_owners"] = list(self.parameters())  # a plain list, no attribute of layers

    def _check_optimizer(self: Any) -> None:
        """Checks that the optimizer knows the weights to train; one of torch's may have been given only some.

        Raises:
            InvalidArgumentError: when it was made for other weights.
        """
        optimizer = self.optimizer
        if not isinstance(optimizer, torch.optim.Optimizer) or not getattr(optimizer, "built", True):
            return
        known = {id(p) for group in optimizer.param_groups for p in group["params"]}
        weights = self.trainable_weights
        unknown = [w for w in weights if id(w) not in known]
        if unknown and (hasattr(optimizer, "built") or len(unknown) == len(weights)):
            label = getattr(unknown[0], "path", "") or f"of shape {tuple(unknown[0].shape)}"
            raise InvalidArgumentError(
                f"Unknown variable: the optimizer {type(optimizer).__name__} of model {self.name!r} does not know the "
                f"weight {label!r}. It was made for {len(known)} other weights. An optimizer can only be used for the "
                "weights it was built with: compile the model again with a new optimizer, also after unfreezing layers."
            )


def _samples(x: Any) -> int:
    if type(x) is torch.Tensor:
        return x.shape[0]
    return batch_length(x) or 1
