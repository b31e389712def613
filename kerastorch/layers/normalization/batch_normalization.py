"""Batch normalization.

Legend: N batch, C channels (the size of `axis`).
"""

from __future__ import annotations

import warnings
from typing import Any

import torch

from kerastorch import config, constraints, registry, regularizers
from kerastorch.core.spec import InputSpec
from kerastorch.errors import InvalidArgumentError, ShapeError
from kerastorch.initializers import identifiers as initializers
from kerastorch.layers.layer import Layer
from kerastorch.layers.normalization import renormalization

_KERAS2_ONLY = ("fused", "virtual_batch_size", "adjustment")
_EXACT = (torch.float32, torch.float64)


@registry.builtin("keras.layers", "BatchNormalizationV1", "BatchNormalizationV2")
class BatchNormalization(Layer):
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
        synchronized: accepted with a warning; each process uses the statistics of its own batch.
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

    supports_masking = True

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
        ignored = [k for k in _KERAS2_ONLY if kwargs.pop(k, None)] + (
            ["synchronized"] if synchronized else []
        )
        super().__init__(**kwargs)
        if ignored:
            warnings.warn(
                f"BatchNormalization accepts {ignored} and does not use them: torch chooses its own kernel, and "
                "statistics are those of the batch in each process.",
                stacklevel=2,
            )
        self.axis = _one_axis(axis)
        self.momentum = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.renorm = renorm
        self.renorm_clipping = (
            renormalization.checked_clipping(renorm_clipping) if renorm else renorm_clipping
        )
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized

    def build(self, input_shape: tuple) -> None:
        """Makes `gamma`, `beta` and the moving statistics, each of shape `(C,)`."""
        rank = len(input_shape)
        if not -rank <= self.axis < rank:
            raise ShapeError(
                f"Axis {self.axis} is out of bounds for input shape {tuple(input_shape)}. Received: axis={self.axis}"
            )
        size = input_shape[self.axis]
        if size is None:
            raise ShapeError(
                f"Axis {self.axis} of input tensor should have a defined dimension but the layer received an input "
                f"with shape {tuple(input_shape)}."
            )
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self._trained("gamma", size)
        if self.center:
            self.beta = self._trained("beta", size)
        self.moving_mean = self.add_state("moving_mean", size, self.moving_mean_initializer)
        self.moving_variance = self.add_state("moving_variance", size, self.moving_variance_initializer)
        if self.renorm:
            renormalization.make_state(self, size)
        self.input_spec = InputSpec(ndim=rank, axes={self.axis: size})
        self._prepare(rank, size)

    def _trained(self, name: str, size: int) -> Any:
        return self.add_weight(
            name=name,
            shape=(size,),
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
            autocast=False,
        )

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
        count = inputs.numel() // self._size
        if mask is not None or not self._native or count < 2:
            return self._train_in_steps(inputs, mask)
        # Torch adds the unbiased variance to the moving one where Keras adds the biased one: scaling the moving
        # variance before and after makes up for it.
        variance = self.moving_variance * (count / (count - 1))
        outputs = self._kernel(inputs, self.moving_mean, variance, True)
        torch.mul(variance, (count - 1) / count, out=self.moving_variance)
        return outputs

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
        y = torch.batch_norm(
            view,
            self.gamma,
            self.beta,
            mean,
            variance,
            training,
            1.0 - self.momentum,
            self.epsilon,
            torch.backends.cudnn.enabled,
        )
        if self._channels_second:
            return y
        if self._is_image:
            return y.permute(0, 2, 3, 1)
        return y.permute(0, 2, 3, 1).reshape(shape) if self._channels_last else y.movedim(1, self.axis)

    def _train_in_steps(self, inputs: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """Training where torch has no kernel: with masks, renormalization, half-precision weights or one sample."""
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
            return mean, variance
        kept = mask.bool().unsqueeze(-1).expand(x.shape)
        weight = kept.to(x.dtype).sum(self._other_axes) + config.epsilon()
        mean = torch.where(kept, x, 0).sum(self._other_axes) / weight
        squares = torch.where(kept, x - mean.view(self._broadcast), 0).square()
        return mean, squares.sum(self._other_axes) / weight

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """Returns the shape of the input.

        Raises:
            ShapeError: when it has no such axis.
        """
        if not -len(input_shape) <= self.axis < len(input_shape):
            raise ShapeError(
                f"Axis {self.axis} is out of bounds for input shape {tuple(input_shape)}. Received: axis={self.axis}"
            )
        return tuple(input_shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
            "beta_regularizer": regularizers.serialize(self.beta_regularizer),
            "gamma_regularizer": regularizers.serialize(self.gamma_regularizer),
            "beta_constraint": constraints.serialize(self.beta_constraint),
            "gamma_constraint": constraints.serialize(self.gamma_constraint),
            "synchronized": self.synchronized,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }


def _one_axis(axis: Any) -> int:
    """The axis as an integer; files of Keras 2 hold a list of one."""
    if isinstance(axis, (list, tuple)) and len(axis) == 1:
        axis = axis[0]
    if isinstance(axis, bool) or not hasattr(axis, "__index__"):
        raise InvalidArgumentError(f"Expected an integer for the argument `axis`. Received: axis={axis!r}.")
    return int(axis)
