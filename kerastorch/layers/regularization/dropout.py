"""Dropout: parts of the input are set to zero in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from kerastorch import config, random, registry
from kerastorch.core.seeds import SeedGenerator
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.regularization.random_layer import RandomLayer, checked_rate


@registry.builtin("keras.layers")
class Dropout(RandomLayer):
    """Sets a share of the input to zero in training and scales up the rest, so that the sum stays about the same.

    Args:
        rate: the share to drop, from 0 to 1.
        noise_shape: the shape of the mask, which broadcasts to that of the input; None in it takes the input's size.
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator, as `torch.nn.Dropout` does.
        **kwargs: base arguments of `Layer`.

    Input shape:
        any.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `rate` is not from 0 to 1, or `noise_shape` holds something else than positive
            integers and None.

    Example:
        >>> x = torch.ones(2, 3)
        >>> Dropout(0.5)(x) is x, sorted(set(Dropout(0.5, seed=1)(torch.ones(99), training=True).tolist()))
        (True, [0.0, 2.0])

    Source: `keras.layers.Dropout`, `torch.nn.Dropout`; Srivastava et al., 2014.
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | SeedGenerator | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, **kwargs)
        self.rate = checked_rate(rate)
        self.noise_shape = checked_noise_shape(noise_shape)

    def call(self, inputs: torch.Tensor, training: bool = False) -> torch.Tensor:
        """Drops parts of a tensor, in training only."""
        if not training or self.rate == 0:
            return inputs
        if self.seed_generator is None and self.noise_shape is None:
            return F.dropout(inputs, self.rate, True)
        return random.dropout(inputs, self.rate, self.noise_shape, self.seed_generator)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}


def checked_noise_shape(noise_shape: Any) -> tuple[int | None, ...] | None:
    """Returns the shape of a mask, a tuple of positive integers and None; None stays None.

    Raises:
        InvalidArgumentError: when it is no such shape.
    """
    if noise_shape is None:
        return None
    text = "Invalid value received for argument `noise_shape`. "
    if isinstance(noise_shape, str) or not hasattr(noise_shape, "__iter__"):
        raise InvalidArgumentError(
            f"{text}Expected a tuple or list of integers. Received: noise_shape={noise_shape!r}"
        )
    shape = tuple(noise_shape)
    for index, dim in enumerate(shape):
        if dim is not None and (isinstance(dim, bool) or not hasattr(dim, "__index__")):
            raise InvalidArgumentError(
                f"{text}Expected all elements to be integers or None. Received element at index {index}: {dim} "
                f"(type: {type(dim).__name__})"
            )
        if dim is not None and int(dim) <= 0:
            raise InvalidArgumentError(
                f"{text}Expected all dimensions to be positive integers or None. Received negative or zero value at "
                f"index {index}: {dim}"
            )
    return tuple(None if dim is None else int(dim) for dim in shape)


class SpatialDropout(Dropout):
    """What the layers that drop whole channels share.

    Args:
        rate: the share of the channels to drop, from 0 to 1.
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator.
        name: the layer's name.
        dtype: a data type or policy.
        **kwargs: base arguments of `Layer`.

    Raises:
        InvalidArgumentError: when `rate` is not from 0 to 1.
        ShapeError: when an input has another number of axes.

    Source: `keras.layers.SpatialDropout2D`, `torch.nn.Dropout2d`; Tompson et al., 2014.
    """

    rank: int

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | SeedGenerator | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype, **kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        ones = (1,) * self.rank
        last = self.data_format == "channels_last"
        self.noise_shape = (None, *ones, None) if last else (None, None, *ones)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = {**super().get_config(), "data_format": self.data_format}
        del config["noise_shape"]
        if config["trainable"]:
            del config["trainable"]  # Keras's constructor does not take it
        return config


@registry.builtin("keras.layers")
class SpatialDropout1D(SpatialDropout):
    """Drops whole channels of sequences in training.

    Args:
        rate: the share of the channels to drop, from 0 to 1.
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator.
        name: the layer's name.
        dtype: a data type or policy.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, steps, channels)`.

    Output shape:
        that of the input.

    Example:
        >>> SpatialDropout1D(0.5)(torch.ones(2, 5, 3), training=True).std(1).max().item()
        0.0

    Source: `keras.layers.SpatialDropout1D`, `torch.nn.Dropout1d`.
    """

    rank = 1

    def __init__(
        self,
        rate: float,
        seed: int | SeedGenerator | None = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, "channels_last", seed, name, dtype, **kwargs)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config()
        del config["data_format"]
        return config


@registry.builtin("keras.layers")
class SpatialDropout2D(SpatialDropout):
    """Drops whole channels of images in training.

    Args:
        rate: the share of the channels to drop, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator.
        name: the layer's name.
        dtype: a data type or policy.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, height, width, channels)`, or with the channels second.

    Output shape:
        that of the input.

    Example:
        >>> SpatialDropout2D(0.5)(torch.ones(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])

    Source: `keras.layers.SpatialDropout2D`, `torch.nn.Dropout2d`.
    """

    rank = 2


@registry.builtin("keras.layers")
class SpatialDropout3D(SpatialDropout):
    """Drops whole channels of volumes in training.

    Args:
        rate: the share of the channels to drop, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; None takes the global setting.
        seed: an integer for a sequence of its own, or a `SeedGenerator` to share; None draws from torch's global
            generator.
        name: the layer's name.
        dtype: a data type or policy.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, depth, height, width, channels)`, or with the channels second.

    Output shape:
        that of the input.

    Example:
        >>> SpatialDropout3D(0.5)(torch.ones(2, 4, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 4, 3])

    Source: `keras.layers.SpatialDropout3D`, `torch.nn.Dropout3d`.
    """

    rank = 3
