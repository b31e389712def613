"""Group normalization.

Legend: N batch, C channels (the size of `axis`), G groups.
"""

from __future__ import annotations

from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.layers.normalization.axes import at_least_float32, in_type, known_size, one_axis, positions
from kerastorch.layers.normalization.scaling import Scaling


@registry.builtin("keras.layers")
class GroupNormalization(Scaling):
    """Gives each group of channels of each sample a mean near 0 and a variance near 1, then scales and shifts them.

    With one group it normalizes whole samples, with as many groups as channels each channel (instance normalization).

    Args:
        groups: the number of groups, a divisor of the number of channels; -1 makes one of each channel.
        axis: the axis of the channels, not the batch axis.
        epsilon: added to the variance.
        center: whether `beta` is added.
        scale: whether the result is multiplied by `gamma`.
        beta_initializer: a name or initializer of `beta`.
        gamma_initializer: a name or initializer of `gamma`.
        beta_regularizer: a name or function whose value of `beta` is added to the loss.
        gamma_regularizer: a name or function whose value of `gamma` is added to the loss.
        beta_constraint: a name or function that projects `beta` after each update.
        gamma_constraint: a name or function that projects `gamma` after each update.
        **kwargs: base arguments of `Layer`.

    Input shape:
        `(batch, ...)`, with the channels at `axis`.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `groups` is neither positive nor -1, or `axis` is no integer.
        ShapeError: when the groups do not divide the channels, or the size of `axis` is unknown.

    Example:
        >>> GroupNormalization(groups=2, epsilon=0.0)(torch.tensor([[1.0, 3.0, 10.0, 30.0]])).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]

    Source: `keras.layers.GroupNormalization`, `torch.nn.GroupNorm`; Wu and He, 2018.
    """

    supports_masking = True

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            center=center,
            scale=scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
            **kwargs,
        )
        if isinstance(groups, bool) or not hasattr(groups, "__index__") or (groups <= 0 and groups != -1):
            raise InvalidArgumentError(
                "Received an invalid value for argument `groups`, expected a positive integer (or `-1` for instance "
                f"normalization). Received: groups={groups!r}"
            )
        self.groups = int(groups)
        self.axis = one_axis(axis)
        self.autocast = False  # half-precision inputs are normalized in float32

    def build(self, input_shape: tuple) -> None:
        """Makes `gamma` and `beta`, each of shape `(C,)`."""
        size = known_size(self.axis, tuple(input_shape))
        (self._axis,) = positions(self.axis, tuple(input_shape))
        if self._axis == 0:
            raise ShapeError(
                f"`axis` of GroupNormalization must not be the batch axis. Received: axis={self.axis}"
            )
        if self.groups == -1:
            self.groups = size
        if size < self.groups:
            raise ShapeError(
                f"Number of groups ({self.groups}) cannot be more than the number of channels ({size})."
            )
        if size % self.groups:
            raise ShapeError(
                f"The number of channels ({size}) must be a multiple of the number of groups ({self.groups})."
            )
        self._make_scaling((size,), self.scale, self.center)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size})
        # Channels that come last are seen as an image in torch's channels-last order, which is no copy.
        self._as_image = self._axis == len(input_shape) - 1 > 1

    def call(self, inputs: torch.Tensor) -> torch.Tensor:
        """Normalizes a tensor of shape `(N, ..., C)`, or with the channels elsewhere."""
        x = at_least_float32(inputs)
        if self._as_image:
            view = x.reshape(x.shape[0], -1, 1, x.shape[-1]).permute(0, 3, 1, 2)
            outputs = self._normalize(view, inputs).permute(0, 2, 3, 1).reshape(x.shape)
        else:
            outputs = self._normalize(x.movedim(self._axis, 1), inputs).movedim(1, self._axis)
        return outputs.to(self._compute_torch_dtype)

    def _normalize(self, x: torch.Tensor, inputs: torch.Tensor) -> torch.Tensor:
        """Normalizes a tensor with the channels second, which is a view of the inputs."""
        gamma, beta = in_type(self.gamma, x), in_type(self.beta, x)
        if gamma is None and beta is not None:
            gamma = torch.ones_like(beta)  # torch has no gradient of a shift alone
        if gamma is None or not _lacks_way_back(inputs):
            return torch.group_norm(x, self.groups, gamma, beta, self.epsilon)
        outputs = torch.group_norm(x, self.groups, None, None, self.epsilon)
        shape = (-1, *(1,) * (x.ndim - 2))
        outputs = outputs * gamma.reshape(shape)
        return outputs if beta is None else outputs + beta.reshape(shape)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input.

        Raises:
            ShapeError: when it has no such axis.
        """
        positions(self.axis, tuple(input_shape))
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {**super().get_config(), "groups": self.groups, "axis": self.axis}


def _lacks_way_back(inputs: torch.Tensor) -> bool:
    """Whether gradients may be asked for the weights and not for the inputs, which nothing computed.

    From channels-last memory on a CPU, torch 2.13 crashes then.
    """
    return not torch.compiler.is_compiling() and inputs.is_leaf and torch.is_grad_enabled()
