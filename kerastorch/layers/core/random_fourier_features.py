"""Random features that approximate a kernel machine.

Legend: N batch, D features of the input, K features of the output.
"""

from __future__ import annotations

import math
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean
from kerastorch.initializers import identifiers as initializers
from kerastorch.initializers.constant import Constant
from kerastorch.initializers.draws import RandomNormal, RandomUniform
from kerastorch.layers.layer import Layer
from kerastorch.random import uniform

_KERNELS = ("gaussian", "laplacian")


def _cauchy(shape: tuple[int, ...], dtype: Any = None) -> torch.Tensor:
    """Draws from the distribution whose features approximate the Laplacian kernel."""
    return torch.tan(math.pi * (uniform(shape, dtype=dtype) - 0.5))


@registry.builtin("keras.layers")
class RandomFourierFeatures(Layer):
    """Maps inputs to random features whose products approximate a kernel: `cos(inputs @ kernel / scale + bias)`.

    A linear model on top of them is then close to a kernel machine. The kernel is `exp(-|x - y|^2 / (2 scale^2))`
    for `"gaussian"` and `exp(-|x - y| / scale)` (in the L1 norm) for `"laplacian"`.

    Args:
        output_dim: the number of features K, a positive integer.
        kernel_initializer: `"gaussian"`, `"laplacian"`, or an initializer of the matrix that is not trained.
        scale: the width of the kernel, positive; None takes `sqrt(D / 2)` for `"gaussian"` and 1 for others.
        trainable: whether the width is trained.
        name: the layer's name.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, features)`.

    Output shape:
        `(batch, output_dim)`.

    Raises:
        InvalidArgumentError: when `output_dim` or `scale` is not positive, or `kernel_initializer` has an unknown name.
        ShapeError: when an input has not two axes, or an unknown number of features.

    Example:
        >>> RandomFourierFeatures(8)(torch.ones(2, 3)).shape
        torch.Size([2, 8])

    Source: `keras.layers.experimental.RandomFourierFeatures` of Keras 2; Rahimi and Recht, 2007.
    """

    def __init__(
        self,
        output_dim: int,
        kernel_initializer: Any = "gaussian",
        scale: float | None = None,
        trainable: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        if isinstance(output_dim, bool) or not hasattr(output_dim, "__index__") or output_dim <= 0:
            raise InvalidArgumentError(
                f"`output_dim` should be a positive integer. Received: output_dim={output_dim!r}"
            )
        if isinstance(kernel_initializer, str) and kernel_initializer.lower() not in _KERNELS:
            raise InvalidArgumentError(
                f"Unsupported `kernel_initializer`: {kernel_initializer!r}. Expected one of: {_KERNELS}, or an "
                f"initializer.{did_you_mean(kernel_initializer, _KERNELS)}"
            )
        if scale is not None and not scale > 0:
            raise InvalidArgumentError(
                f"When provided, `scale` should be a positive float. Received: scale={scale!r}"
            )
        self.output_dim = int(output_dim)
        self.kernel_initializer = kernel_initializer
        self.scale = scale
        self.autocast = False

    def build(self, input_shape: tuple) -> None:
        """Draws the matrix `(D, K)` and the phases `(K,)`, and makes the width `(1,)`."""
        if len(input_shape) != 2 or input_shape[1] is None:
            raise ShapeError(
                "RandomFourierFeatures takes inputs of shape (batch, features) with a known number of features. "
                f"Received: input shape={tuple(input_shape)}"
            )
        features = input_shape[1]
        kind = self.kernel_initializer.lower() if isinstance(self.kernel_initializer, str) else None
        if self.scale is None:
            self.scale = math.sqrt(features / 2.0) if kind == "gaussian" else 1.0
        draw = {"gaussian": RandomNormal(stddev=1.0), "laplacian": _cauchy}.get(kind or "")
        self.unscaled_kernel = self.add_weight(
            name="unscaled_kernel",
            shape=(features, self.output_dim),
            dtype="float32",
            initializer=draw or self.kernel_initializer,
            trainable=False,
        )
        self.bias = self.add_weight(
            name="bias",
            shape=(self.output_dim,),
            dtype="float32",
            initializer=RandomUniform(0.0, 2 * math.pi),
            trainable=False,
        )
        self.kernel_scale = self.add_weight(
            name="kernel_scale",
            shape=(1,),
            dtype="float32",
            initializer=Constant(self.scale),
            constraint="non_neg",
        )
        self.input_spec = InputSpec(ndim=2, axes={1: features})

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Maps a tensor of shape `(N, D)` to one of shape `(N, K)`, in float32 as its weights are."""
        kernel = self.unscaled_kernel / self.kernel_scale
        return torch.cos(torch.addmm(self.bias, inputs.to(kernel.dtype), kernel))

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the output for an input of a shape; None stands for unknown sizes."""
        return (input_shape[0], self.output_dim)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        named = isinstance(self.kernel_initializer, str)
        kernel = self.kernel_initializer if named else initializers.serialize(self.kernel_initializer)
        return {
            **super().get_config(),
            "output_dim": self.output_dim,
            "kernel_initializer": kernel,
            "scale": self.scale,
        }
