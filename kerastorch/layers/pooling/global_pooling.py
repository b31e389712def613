"""Global pooling: the largest value or the mean of each channel.

Legend: N batch, spatial axes L (1D), H and W (2D) or D, H and W (3D), C channels.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.core.spec import InputSpec
from kerastorch.errors import ShapeError
from kerastorch.layers.layer import Layer


class GlobalPooling(Layer):
    """What the global pooling layers of every kind and rank share.

    Args:
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        keepdims: whether the spatial axes stay, with length one.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when `data_format` is neither of the two.
        ShapeError: when an input has another number of axes.

    Source: `keras.layers.GlobalAveragePooling2D`.
    """

    rank: int

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)
        first = 1 if self.data_format == "channels_last" else 2
        self._axes = tuple(range(first, first + self.rank))
        self._build_at_init()

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes.

        Raises:
            ShapeError: when the input has another number of axes.
        """
        if len(input_shape) != self.rank + 2:
            raise ShapeError(
                f"Expected an input with {self.rank + 2} axes. Received: input shape={input_shape}."
            )
        kept = (1,) * self.rank if self.keepdims else ()
        if self.data_format == "channels_last":
            return (input_shape[0], *kept, input_shape[-1])
        return (input_shape[0], input_shape[1], *kept)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}


class _GlobalMax(GlobalPooling):
    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Takes the largest value of each channel."""
        return inputs.amax(self._axes, keepdim=self.keepdims)


class _GlobalAverage(GlobalPooling):
    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Takes the mean of each channel."""
        return self._mean(inputs)

    def _mean(self, inputs: torch.Tensor) -> torch.Tensor:
        dtype = None if inputs.is_floating_point() else self._compute_torch_dtype
        return inputs.mean(self._axes, keepdim=self.keepdims, dtype=dtype)


@registry.builtin("keras.layers", "GlobalMaxPool1D")
class GlobalMaxPooling1D(_GlobalMax):
    """The largest value of each channel of a sequence; the arguments are those of `GlobalPooling`.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first.

    Output shape:
        `(N, C)`, or with an axis of length one in the place of L.

    Example:
        >>> GlobalMaxPooling1D()(torch.tensor([[[1.0], [3.0]]])).tolist()
        [[3.0]]

    Source: `keras.layers.GlobalMaxPooling1D`.
    """

    rank = 1


@registry.builtin("keras.layers", "GlobalMaxPool2D")
class GlobalMaxPooling2D(_GlobalMax):
    """The largest value of each channel of an image; the arguments are those of `GlobalPooling`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, C)`, or with axes of length one in the place of H and W.

    Example:
        >>> GlobalMaxPooling2D()(torch.ones(2, 4, 4, 3)).shape
        torch.Size([2, 3])

    Source: `keras.layers.GlobalMaxPooling2D`.
    """

    rank = 2


@registry.builtin("keras.layers", "GlobalMaxPool3D")
class GlobalMaxPooling3D(_GlobalMax):
    """The largest value of each channel of a volume; the arguments are those of `GlobalPooling`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, C)`, or with axes of length one in the place of D, H and W.

    Example:
        >>> GlobalMaxPooling3D(keepdims=True)(torch.ones(2, 4, 4, 4, 3)).shape
        torch.Size([2, 1, 1, 1, 3])

    Source: `keras.layers.GlobalMaxPooling3D`.
    """

    rank = 3


@registry.builtin("keras.layers", "GlobalAvgPool1D")
class GlobalAveragePooling1D(_GlobalAverage):
    """The mean of each channel over the steps of a sequence; the arguments are those of `GlobalPooling`.

    Steps that a mask leaves out do not count. The output has no mask.

    Raises:
        InvalidArgumentError: when `data_format` is neither of the two.
        ShapeError: when an input has another number of axes, or a mask does not fit it.

    Input shape:
        `(N, L, C)`, or `(N, C, L)` with channels first. A mask has shape `(N, L)`.

    Output shape:
        `(N, C)`, or with an axis of length one in the place of L.

    Example:
        >>> steps = torch.tensor([[[1.0], [3.0], [8.0]]])
        >>> GlobalAveragePooling1D()(steps, mask=torch.tensor([[True, True, False]])).tolist()
        [[2.0]]

    Source: `keras.layers.GlobalAveragePooling1D`.
    """

    rank = 1
    supports_masking = True
    _only_combines_masks = True

    def call(self, inputs: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Takes the mean of each channel over the steps that the mask keeps."""
        if mask is None:
            return self._mean(inputs)
        last = self.data_format == "channels_last"
        steps = (inputs.shape[0], inputs.shape[1 if last else 2])
        if mask.ndim != 2 or any(m not in (1, s) for m, s in zip(mask.shape, steps, strict=True)):
            raise ShapeError(
                f"Expected a mask of shape {steps}, one value for each step. Received: mask of shape "
                f"{tuple(mask.shape)} for inputs of shape {tuple(inputs.shape)}."
            )
        kept = mask.bool().unsqueeze(2 if last else 1)
        total = torch.where(kept, inputs, 0).sum(self._axes, keepdim=self.keepdims)
        return total / kept.to(inputs.dtype).sum(self._axes, keepdim=self.keepdims)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """Returns None: the steps are gone."""


@registry.builtin("keras.layers", "GlobalAvgPool2D")
class GlobalAveragePooling2D(_GlobalAverage):
    """The mean of each channel of an image; the arguments are those of `GlobalPooling`.

    Input shape:
        `(N, H, W, C)`, or `(N, C, H, W)` with channels first.

    Output shape:
        `(N, C)`, or with axes of length one in the place of H and W.

    Example:
        >>> GlobalAveragePooling2D()(torch.ones(2, 4, 4, 3)).shape
        torch.Size([2, 3])

    Source: `keras.layers.GlobalAveragePooling2D`.
    """

    rank = 2


@registry.builtin("keras.layers", "GlobalAvgPool3D")
class GlobalAveragePooling3D(_GlobalAverage):
    """The mean of each channel of a volume; the arguments are those of `GlobalPooling`.

    Input shape:
        `(N, D, H, W, C)`, or `(N, C, D, H, W)` with channels first.

    Output shape:
        `(N, C)`, or with axes of length one in the place of D, H and W.

    Example:
        >>> GlobalAveragePooling3D()(torch.ones(2, 4, 4, 4, 3)).shape
        torch.Size([2, 3])

    Source: `keras.layers.GlobalAveragePooling3D`.
    """

    rank = 3
