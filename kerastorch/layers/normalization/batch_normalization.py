"""Batch normalization.

Legend: N batch, C channels (the size of `axis`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.core.context import is_training
from kerastorch.core.layout import to_last, to_second
from kerastorch.core.spec import InputSpec
from kerastorch.core.synchronization import joint_moments, several_processes
from kerastorch.errors import ShapeError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.normalization import renormalization
from kerastorch.layers.normalization.axes import known_size, one_axis, positions
from kerastorch.layers.normalization.scaling import Scaling

_KERAS2_ONLY = ("fused", "virtual_batch_size", "adjustment")
_EXACT = (torch.float32, torch.float64)


@registry.builtin("keras.layers", "BatchNormalizationV1", "BatchNormalizationV2")
class BatchNormalization(Scaling):
    """Gives each channel a mean near 0 and a variance near 1, then scales and shifts it.

    In training the statistics are those of the batch, and moving averages of them are kept; else the moving averages
    are used. A layer whose `trainable` is False always uses them.

    Args:
        axis: the axis of the channels.
        momentum: the share of the moving averages that a batch leaves as it was.
        epsilon: added to the variance.
        center: whether `beta` is added.
        scale: whether the result is multiplied by `gamma`.
        beta_initializer: a name or initializer of `beta`.
        gamma_initializer: a name or initializer of `gamma`.
        moving_mean_initializer: a name or initializer of the moving mean.
        moving_variance_initializer: a name or initializer of the moving variance.
        beta_regularizer: a name or function whose value of `beta` is added to the loss.
        gamma_regularizer: a name or function whose value of `gamma` is added to the loss.
        beta_constraint: a name or function that projects `beta` after each update.
        gamma_constraint: a name or function that projects `gamma` after each update.
        renorm: whether batches are corrected towards moving statistics (batch renormalization).
        renorm_clipping: limits of that correction, with the keys `"rmax"`, `"rmin"` and `"dmax"`.
        renorm_momentum: the momentum of the statistics that it uses.
        synchronized: whether the statistics are those of the batches of all processes of `torch.distributed` together;
            False takes those of each process alone.
        **kwargs: base arguments of `Layer`; `fused` and `virtual_batch_size` of Keras 2 are named in a warning.

    Input shape:
        any, with the channels at `axis`; a mask has the shape of the input without the last axis.

    Output shape:
        that of the input.

    Raises:
        InvalidArgumentError: when `axis` is no integer, or `renorm_clipping` has unknown keys or crossed limits.
        ShapeError: when the size of `axis` is unknown, or a mask has a wrong number of axes.

    Example:
        >>> x = torch.tensor([[1.0], [3.0]])
        >>> BatchNormalization(epsilon=0.0)(x, training=True).tolist()
        [[-1.0], [1.0]]

    Source: `keras.layers.BatchNormalization`, `torch.nn.BatchNorm2d`; Ioffe and Szegedy, 2015; Ioffe, 2017.
    """

    _fresh_from = 1
    supports_masking = True
    _mask_is_of_steps = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        ignored = [k for k in _KERAS2_ONLY if kwargs.pop(k, None)]
        super().__init__(
            epsilon=float(epsilon),
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
        if ignored:
            warnings.warn(
                f"BatchNormalization accepts {ignored} and does not use them: torch chooses its own kernel, and "
                "statistics are those of the whole batch.",
                stacklevel=2,
            )
        self.axis = one_axis(axis)
        self.momentum = float(momentum)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        self.renorm_clipping = (
            renormalization.checked_clipping(renorm_clipping) if renorm else renorm_clipping
        )
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized

    def build(self, input_shape: tuple) -> None:
        """Makes `gamma`, `beta` and the moving statistics, each of shape `(C,)`."""
        size = known_size(self.axis, tuple(input_shape))
        self._make_scaling((size,), self.scale, self.center)
        self.moving_mean = self.add_state("moving_mean", size, self.moving_mean_initializer)
        self.moving_variance = self.add_state("moving_variance", size, self.moving_variance_initializer)
        if self.renorm:
            renormalization.make_state(self, size)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size})
        self._prepare(len(input_shape), size)

    def add_state(self, name: str, size: int, initializer: Any) -> Any:
        """Makes a statistic of shape `(size,)` that training keeps up to date."""
        return self.add_weight(
            name=name, shape=(size,), initializer=initializer, trainable=False, autocast=False
        )

    def _prepare(self, rank: int, size: int) -> None:
        axis = self.axis % rank
        self._size = size
        self._other_axes = tuple(a for a in range(rank) if a != axis)
        self._broadcast = tuple(size if a == axis else 1 for a in range(rank))
        # Torch wants channels second. What has them last is seen as one image in channels-last order: no copy, and
        # torch's kernels for it are the fastest. An image already is one.
        self._channels_second = axis == 1
        self._is_image = rank == 4 and axis == 3
        self._channels_last = axis == rank - 1
        # The native update of half-precision statistics would lose what small batches add.
        self._native = self.moving_mean.dtype in _EXACT and not self.renorm

    def call(
        self, inputs: torch.Tensor, training: bool | None = None, mask: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Normalizes a tensor; steps that the mask leaves out do not count for the statistics."""
        if mask is not None and mask.ndim != inputs.ndim - 1:
            raise ShapeError(
                "The mask provided should be one dimension less than the inputs. Received: "
                f"mask.shape={tuple(mask.shape)}, inputs.shape={tuple(inputs.shape)}"
            )
        if inputs.dtype is not self._compute_torch_dtype:
            inputs = inputs.to(self._compute_torch_dtype)
        if not (training and self._trainable):
            return self._kernel(inputs, self.moving_mean, self.moving_variance, False)
        if mask is not None or not self._is_native(inputs):
            return self._train_in_steps(inputs, mask)
        return self._train(self._kernel, inputs)

    def _is_native(self, inputs: torch.Tensor) -> bool:
        """Whether torch's kernel can train on a batch."""
        shared = self.synchronized and several_processes()
        return self._native and not shared and inputs.numel() >= 2 * self._size

    def _train(self, kernel: Callable, inputs: torch.Tensor) -> torch.Tensor:
        """Training by torch's kernel.

        Torch adds the unbiased variance to the moving one where Keras adds the biased one: scaling the moving variance
        before and after makes up for it.
        """
        count = inputs.numel() // self._size
        variance = self.moving_variance * (count / (count - 1))
        outputs: torch.Tensor = kernel(inputs, self.moving_mean, variance, True)
        torch.mul(variance, (count - 1) / count, out=self.moving_variance)
        return outputs

    @property
    def _wants_second(self) -> bool:
        return self.built and self._is_image

    def _call_second(self, inputs: torch.Tensor) -> torch.Tensor:
        if not (is_training(self) and self._trainable):
            return self._view_kernel(inputs, self.moving_mean, self.moving_variance, False)
        if not self._is_native(inputs):
            return to_second(self._train_in_steps(to_last(inputs), None))
        return self._train(self._view_kernel, inputs)

    def _kernel(
        self, x: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor, training: bool
    ) -> torch.Tensor:
        """Runs torch's kernel on a view with channels second."""
        shape = x.shape
        if self._channels_second:
            view = x
        elif self._is_image:
            view = x.permute(0, 3, 1, 2)
        elif self._channels_last:
            view = x.reshape(1, -1, 1, self._size).permute(0, 3, 1, 2)
        else:
            view = x.movedim(self.axis, 1)
        y = self._view_kernel(view, mean, variance, training)
        if self._channels_second:
            return y
        if self._is_image:
            return y.permute(0, 2, 3, 1)
        return y.permute(0, 2, 3, 1).reshape(shape) if self._channels_last else y.movedim(1, self.axis)

    def _view_kernel(
        self, x: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor, training: bool
    ) -> torch.Tensor:
        """Runs torch's kernel on a tensor with channels second."""
        return torch.batch_norm(
            x,
            self.gamma,
            self.beta,
            mean,
            variance,
            training,
            1.0 - self.momentum,
            self.epsilon,
            torch.backends.cudnn.enabled,
        )

    def _train_in_steps(self, inputs: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Training where torch has no kernel: masks, several processes, renormalization, half precision, one sample."""
        x = inputs if inputs.dtype in _EXACT else inputs.float()
        mean, variance = self._moments(x, mask)
        gamma = None if self.gamma is None else self.gamma.to(x.dtype)
        beta = None if self.beta is None else self.beta.to(x.dtype)
        if self.renorm:
            gamma, beta = renormalization.corrected(self, mean, variance, gamma, beta)
            renormalization.update(self, mean.detach(), variance.detach())
        else:
            with torch.no_grad():
                self.moving_mean.lerp_(mean.to(self.moving_mean.dtype), 1.0 - self.momentum)
                self.moving_variance.lerp_(variance.to(self.moving_variance.dtype), 1.0 - self.momentum)
        factor = torch.rsqrt(variance + self.epsilon)
        factor = factor if gamma is None else factor * gamma
        outputs = (x - mean.view(self._broadcast)) * factor.view(self._broadcast)
        if beta is not None:
            outputs = outputs + beta.view(self._broadcast)
        return outputs.to(inputs.dtype)

    def _moments(self, x: torch.Tensor, mask: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean and the biased variance of each channel, over what the mask keeps."""
        if mask is None:
            variance, mean = torch.var_mean(x, self._other_axes, correction=0)
            count = mean.new_full((self._size,), x.numel() // self._size)
        else:
            kept = mask.bool().unsqueeze(-1).expand(x.shape)
            count = kept.to(x.dtype).sum(self._other_axes)
            weight = count + config.epsilon()
            mean = torch.where(kept, x, 0).sum(self._other_axes) / weight
            squares = torch.where(kept, x - mean.view(self._broadcast), 0).square()
            variance = squares.sum(self._other_axes) / weight
        if self.synchronized and several_processes():
            return joint_moments(mean, variance, count)
        return mean, variance

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input.

        Raises:
            ShapeError: when it has no such axis.
        """
        positions(self.axis, tuple(input_shape))
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
            "synchronized": self.synchronized,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }
