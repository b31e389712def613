"""Applies a layer to every step of a sequence.

Legend: B batch, T time.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry, tree
from kerastorch.core.shapes import is_shape
from kerastorch.core.variable import StateVariable
from kerastorch.errors import ShapeError
from kerastorch.layers.layer import Layer
from kerastorch.layers.rnn.wrapper import Wrapper


@registry.builtin("keras.layers")
class TimeDistributed(Wrapper):
    """Applies a layer to every step of a sequence, all of them at once as one large batch.

    In training a layer that keeps state, such as a batch normalization, sees one step after the other, as in Keras.

    A mask `(batch, steps)` is passed on; the layer inside gets that part of a mask that speaks of its own steps.

    Args:
        layer: the layer, or a model.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, steps, ...)`, or a nested structure of them.

    Output shape:
        `(batch, steps, ...)`, of what the layer gives for `(batch, ...)`.

    Raises:
        InvalidArgumentError: when `layer` is no layer.
        ShapeError: when an input has fewer than three axes, or the mask does not fit it.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> TimeDistributed(Dense(4))(torch.ones(2, 5, 3)).shape
        torch.Size([2, 5, 4])

    Source: `keras.layers.TimeDistributed`.
    """

    supports_masking = True
    _mask_is_of_steps = True
    _only_combines_masks = True

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)

    def build(self, input_shape: Any = None) -> None:
        """Builds the layer inside for one step."""
        ndim = getattr(self.layer.input_spec, "ndim", None)
        if ndim is not None and is_shape(input_shape) and len(input_shape) != ndim + 1:
            raise ShapeError(
                f"`TimeDistributed` takes inputs with {ndim + 1} axes here, one more than its layer "
                f"{self.layer.name!r} of class {type(self.layer).__name__}. Received: input_shape={input_shape}"
            )
        super().build(_of_step(input_shape))

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """Applies the layer.

        Args:
            inputs: a tensor of shape `(B, T, ...)`, or a nested structure of them.
            training: whether the layer inside runs in training mode.
            mask: which steps count, of shape `(B, T)`, or `(B, T, ...)` with steps of the layer inside.

        Returns:
            The outputs, of shape `(B, T, ...)`.
        """
        batch, steps = _checked(inputs, mask)
        if training and _keeps_state(self.layer):
            return self._step_by_step(inputs, mask, steps)
        inner = tree.map_structure(_folded, inputs)
        options: dict[str, Any] = {}
        if self.layer._signature.takes_training:
            options["training"] = training
        inner_mask = self._inner_mask(inner, mask)
        if inner_mask is not None and self.layer._signature.takes_mask:
            options["mask"] = inner_mask
        outputs = self.layer(inner, **options)

        def unfolded(y: torch.Tensor) -> torch.Tensor:
            y = y.to(self._compute_torch_dtype) if y.is_floating_point() else y
            return y.reshape(batch, steps, *y.shape[1:])

        return tree.map_structure(unfolded, outputs)

    def _step_by_step(self, inputs: Any, mask: Any, steps: int) -> Any:
        """Applies a layer that changes its state in training, such as a batch normalization, to each step apart."""
        outputs = []
        for t in range(steps):
            step = tree.map_structure(lambda x, t=t: x[:, t], inputs)
            options: dict[str, Any] = {"training": True} if self.layer._signature.takes_training else {}
            if mask is not None and self.layer._signature.takes_mask:
                options["mask"] = mask[:, t]
            outputs.append(self.layer(step, **options))
        dtype = self._compute_torch_dtype

        def stacked(*parts: torch.Tensor) -> torch.Tensor:
            y = torch.stack(parts, 1)
            return y.to(dtype) if y.is_floating_point() else y

        return tree.map_structure(stacked, *outputs)

    def _inner_mask(self, inner: Any, mask: Any) -> Any:
        """The mask for the layer inside: one of its steps, or of its samples where these have features only."""
        if mask is None:
            return None
        folded = _folded(mask)
        return folded if folded.ndim > 1 or tree.flatten(inner)[0].ndim == 2 else None

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Returns which steps of the output count: those of the layer inside if it has some."""
        mask = tree.flatten(previous_mask)[0]
        if mask is None or mask.ndim == 2:
            return mask
        inner = self.layer.compute_mask(tree.map_structure(_folded, inputs), _folded(mask))
        if inner is None or not self.layer.supports_masking:
            return mask.flatten(2).any(-1)
        return inner.reshape(*mask.shape[:2], *inner.shape[1:])

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        inner = self.layer.compute_output_shape(_of_step(input_shape))
        batch, steps = _first_shape(input_shape)[:2]
        return _map_shapes(lambda shape: (batch, steps, *shape[1:]), inner)


def _keeps_state(layer: Layer) -> bool:
    """Whether calls in training change state of the layer."""
    return any(isinstance(weight, StateVariable) for weight in layer.non_trainable_weights)


def _folded(x: torch.Tensor) -> torch.Tensor:
    """The steps of all samples as one batch."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])


def _checked(inputs: Any, mask: Any) -> tuple[int, int]:
    """The batch size and the number of steps."""
    shape = tuple(tree.flatten(inputs)[0].shape)
    if mask is not None and tuple(mask.shape[:2]) != shape[:2]:
        raise ShapeError(
            "The `mask` passed to the `TimeDistributed` layer must have the shape (batch, steps, ...) of its input, "
            f"{shape[:2]}. Received: a mask of shape {tuple(mask.shape)}."
        )
    return shape[0], shape[1]


def _map_shapes(func: Any, shapes: Any) -> Any:
    if is_shape(shapes):
        return func(tuple(shapes))
    if isinstance(shapes, dict):
        return {key: _map_shapes(func, value) for key, value in shapes.items()}
    return type(shapes)(_map_shapes(func, value) for value in shapes)


def _first_shape(shapes: Any) -> tuple:
    while not is_shape(shapes):
        shapes = next(iter(shapes.values() if isinstance(shapes, dict) else shapes))
    return tuple(shapes)


def _of_step(shapes: Any) -> Any:
    return _map_shapes(_step_shape, shapes)


def _step_shape(shape: tuple) -> tuple:
    if len(shape) < 3:
        raise ShapeError(
            "`TimeDistributed` takes inputs with at least 3 axes, (batch, steps, ...). "
            f"Received: input_shape={shape}"
        )
    return (shape[0], *shape[2:])
