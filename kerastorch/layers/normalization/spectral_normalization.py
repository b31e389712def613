"""Layers whose kernel has the spectral norm one."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch.func import functional_call

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError
from kerastorch.initializers.draws import TruncatedNormal
from kerastorch.layers.layer import Layer
from kerastorch.layers.rnn.wrapper import Wrapper


@registry.builtin("keras.layers")
class SpectralNormalization(Wrapper):
    """Divides the kernel of a layer by its largest singular value at each call in training.

    The layer then changes distances by a factor of at most about one, which steadies the training of adversarial
    networks. The singular value is estimated by power iteration, whose vector is kept as the weight `vector_u`.

    Args:
        layer: a layer with a `kernel` or with `embeddings`, such as `Dense` or `Conv2D`.
        power_iterations: how many steps of the iteration each call makes, a positive integer.
        **kwargs: base arguments of `Layer`.

    Input shape:
        that of the layer.

    Output shape:
        that of the layer.

    Raises:
        InvalidArgumentError: when `power_iterations` is not a positive integer, `layer` is no layer, or it has neither
            a kernel nor embeddings.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> layer = SpectralNormalization(Dense(3), power_iterations=50)
        >>> _ = layer(torch.ones(2, 4), training=True)
        >>> round(torch.linalg.svdvals(layer.layer.kernel)[0].item(), 3)
        1.0

    Source: `keras.layers.SpectralNormalization`, `torch.nn.utils.parametrizations.spectral_norm`; Miyato et al., 2018.
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        if (
            isinstance(power_iterations, bool)
            or not hasattr(power_iterations, "__index__")
            or power_iterations <= 0
        ):
            raise InvalidArgumentError(
                "`power_iterations` should be greater than zero. Expected an integer. Received: "
                f"`power_iterations={power_iterations!r}`"
            )
        self.power_iterations = int(power_iterations)

    def build(self, input_shape: Any = None) -> None:
        """Builds the layer inside and makes `vector_u`, of shape `(1, size of the kernel's last axis)`."""
        super().build(input_shape)
        names = [name for name in ("kernel", "embeddings") if hasattr(self.layer, name)]
        if not names:
            raise InvalidArgumentError(
                f"{type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings'. Wrap a layer that has "
                "one of them."
            )
        self._kernel_name = names[0]
        self.kernel = getattr(self.layer, names[0])
        self.vector_u = self.add_weight(
            name="vector_u",
            shape=(1, self.kernel.shape[-1]),
            initializer=TruncatedNormal(stddev=0.02),
            dtype=self.kernel.dtype,
            trainable=False,
        )

    def call(self, inputs: torch.Tensor, training: bool = False) -> torch.Tensor:
        """Calls the layer; in training its kernel is normalized first."""
        if training:
            self._normalize_kernel()
            # Another call before the backward pass changes the kernel again: this one keeps its own copy.
            outputs = functional_call(self.layer, {self._kernel_name: self.kernel.clone()}, (inputs,))
        else:
            outputs = self.layer(inputs)
        return outputs.to(inputs.dtype) if inputs.is_floating_point() else outputs

    @torch.no_grad()
    def _normalize_kernel(self) -> None:
        vector_u, kernel = self.normalized_weights()
        has_values = self.kernel.any()  # zeros have no direction to iterate on
        self.vector_u.copy_(torch.where(has_values, vector_u, self.vector_u))
        self.kernel.copy_(torch.where(has_values, kernel, self.kernel))

    def normalized_weights(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Returns what `vector_u` and the kernel are after the next normalization."""
        weights = self.kernel.reshape(-1, self.kernel.shape[-1])
        vector_u: torch.Tensor = self.vector_u
        for _ in range(self.power_iterations):
            vector_v = F.normalize(vector_u @ weights.t(), dim=None)  # type: ignore[arg-type]
            vector_u = F.normalize(vector_v @ weights, dim=None)  # type: ignore[arg-type]
        sigma = vector_v @ weights @ vector_u.t()
        return vector_u, (self.kernel / sigma).reshape(self.kernel.shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the layer's output for an input of a shape; None stands for unknown sizes."""
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "power_iterations": self.power_iterations}
