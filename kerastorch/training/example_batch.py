"""A batch like those that a model will train on, made from what it says about itself."""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import tree
from kerastorch.data.parts import unpack
from kerastorch.errors import DataError, InvalidArgumentError
from kerastorch.export.signature import signature_of
from kerastorch.losses.loss import Loss
from kerastorch.training.foreign import TorchLoss
from kerastorch.training.identifiers import LossSum
from kerastorch.training.outputs import at


def example_batch(model: Any, x: Any = None, y: Any = None, sample_weight: Any = None) -> Any:
    """Returns a batch that a training step can take.

    Args:
        model: the compiled model; its layers run once where `y` has to be made.
        x: some inputs; None makes ones in the shapes of the model's inputs.
        y: their targets; None makes some that the losses take: the class 0, or zeros in the shape of the output.
        sample_weight: their weights, or None.

    Raises:
        DataError: when `x` is needed, as the model does not say the shape of an input.
    """
    if x is None:
        x = _inputs(model)
    if y is None:
        y = _targets(model, unpack(model._one_batch(x, None, None, None))[0])
    return model._one_batch(x, y, sample_weight, None)


def _inputs(model: Any) -> Any:
    open_ones = (
        [] if model._graph is None else [t for t in tree.flatten(model._graph.inputs) if None in t.shape[1:]]
    )
    if open_ones:
        raise DataError(
            f"The input {open_ones[0].name!r} of model {model.name!r} has the shape {open_ones[0].shape}: give some "
            "data as `x`, of the sizes that training will have."
        )
    try:
        return signature_of(model).examples[0]
    except InvalidArgumentError as error:
        raise DataError(
            f"Model {model.name!r} does not say what inputs it takes: give some as `x`. ({error})"
        ) from error


@torch.no_grad()
def _targets(model: Any, x: Any) -> Any:
    """Targets in the structure of the outputs, None where no loss needs any."""
    y_pred = model._forward(x)
    plan = model._plan_for(y_pred)
    if plan is None or not plan.has_loss:
        return None
    made = {target.path: _target(target.loss, at(y_pred, target.path)) for target in plan.targets}
    paths = iter(path for path, _ in tree.flatten_with_path(y_pred))
    return tree.map_structure(lambda _: made[next(paths)], y_pred)


def _target(loss: Any, output: torch.Tensor) -> torch.Tensor:
    loss = loss.losses[0] if isinstance(loss, LossSum) else loss
    labels = isinstance(loss, Loss) and loss._keeps_labels
    if isinstance(loss, TorchLoss):
        labels = loss._wants_classes
    if labels:
        return torch.zeros(output.shape[:-1], dtype=torch.int64, device=output.device)
    return torch.zeros(output.shape, device=output.device)
