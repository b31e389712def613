"""Muon: momentum whose steps are made orthogonal, for the matrices inside a network."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import torch

from kerastorch import config, registry
from kerastorch.errors import ShapeError
from kerastorch.optimizers.adam import bias_corrected, update_adam
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.plan import Bucket

# Rows from which on it is faster on a CPU to leave out half of a symmetric product.
_LEAST = {torch.float32: 128, torch.float64: 128, torch.bfloat16: 512}


def times_transpose(x: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
    """Returns `x @ x.mT`, of which one corner is the other's mirror image and need not be computed.

    Args:
        x: matrices of shape (N, rows, columns).
        out: where the result goes, of shape (N, rows, rows); None makes a new tensor.

    Example:
        >>> times_transpose(torch.tensor([[[1.0, 2.0]]])).tolist()
        [[[5.0]]]
    """
    rows = x.shape[1]
    out = x.new_empty(x.shape[0], rows, rows) if out is None else out
    if not _is_large(x):
        return _times(x, x.mT, out)
    half = rows // 2
    upper, lower = x[:, :half], x[:, half:]
    times_transpose(upper, out[:, :half, :half])
    times_transpose(lower, out[:, half:, half:])
    corner = _times(upper, lower.mT, x.new_empty(x.shape[0], half, rows - half))
    out[:, :half, half:] = corner
    out[:, half:, :half] = corner.mT
    return out


def _is_large(x: torch.Tensor) -> bool:
    """Whether leaving out half of a symmetric product is faster for such matrices."""
    return x.device.type == "cpu" and x.shape[1] >= _LEAST.get(x.dtype, math.inf)


def _times(x: torch.Tensor, y: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    if x.dtype is not torch.bfloat16 or x.device.type != "cpu" or x.shape[1] < 256:
        return torch.bmm(x, y, out=out)
    for left, right, place in zip(
        x, y, out, strict=True
    ):  # `bmm` is slow where the matrices are parts of others
        torch.mm(left, right, out=place)
    return out


@registry.builtin("keras.optimizers", "muon")
class Muon(Optimizer):
    """Muon: `m = momentum * m + g`, and the matrix moves along the orthogonal matrix nearest to `m`.

    That matrix is approached by a few Newton-Schulz iterations `x = a * x + (b * s + c * s @ s) @ x` with
    `s = x @ x.T`. Whatever is no matrix, embeddings, and the layers in `exclude_layers` take steps of AdamW; the
    output layer should be among them.

    The iterations are computed in the precision of the weights, as in Keras. After
    `torch.set_float32_matmul_precision("medium")` they are computed in bfloat16, as in `torch.optim.Muon`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        adam_beta_1: the share of the old mean of gradients in the new one, where AdamW is used.
        adam_beta_2: the share of the old mean of squares in the new one, where AdamW is used.
        adam_weight_decay: the weight decay where AdamW is used; None for none.
        epsilon: what AdamW adds to the root of the mean square; None takes `config.epsilon()`.
        weight_decay: the weight decay of the matrices; None for none.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name, kwargs: as in `Optimizer`.
        exclude_layers: regular expressions; AdamW is used for a variable whose path has a match; None for none.
        exclude_embeddings: whether AdamW is used for variables with "embedding" in their path.
        muon_a: the factor of the first power in an iteration.
        muon_b: the factor of the third power.
        muon_c: the factor of the fifth power.
        adam_lr_ratio: what the learning rate is multiplied by where AdamW is used.
        momentum: the share of the old `m` in the new one.
        ns_steps: the number of iterations.
        nesterov: whether to look one step of the momentum ahead.
        rms_rate: the root mean square of a matrix's step at a learning rate of 1, which makes rates fit for AdamW
            fit here; None leaves the orthogonal matrix as it is.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for keywords of neither Keras.

    Example:
        >>> weight = torch.nn.Parameter(torch.eye(2))
        >>> Muon(0.1, weight_decay=None, rms_rate=None).apply([torch.eye(2)], [weight])
        >>> weight.data.diag() < 1.0
        tensor([True, True])

    Source: https://github.com/KellerJordan/Muon; Liu et al. 2025, https://arxiv.org/abs/2502.16982;
    `keras.optimizers.Muon`.
    """

    _fuses_weight_decay = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float | None = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **kwargs,
        )
        self.adam_beta_1, self.adam_beta_2 = adam_beta_1, adam_beta_2
        self.adam_weight_decay, self.adam_lr_ratio = adam_weight_decay, adam_lr_ratio
        self.epsilon = config.epsilon() if epsilon is None else epsilon
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = exclude_embeddings
        self.muon_a, self.muon_b, self.muon_c = muon_a, muon_b, muon_c
        self.momentum, self.nesterov = momentum, nesterov
        self.ns_steps, self.rms_rate = ns_steps, rms_rate

    def _should_use_adamw(self, variable: Any) -> bool:
        if variable.ndim != 2:
            return True
        path = getattr(variable, "path", None) or ""
        if self.exclude_embeddings and "embedding" in path.lower():
            return True
        return any(re.search(pattern, path) for pattern in self.exclude_layers)

    def _create_slots(self, variables: list[Any]) -> None:
        self.momentums, self.adam_velocities = [], []
        for variable in variables:
            self.momentums.append(self.add_variable_from_reference(variable, "momentum"))
            adam = self._should_use_adamw(variable)
            velocity = self.add_variable_from_reference(variable, "velocity") if adam else None
            self.adam_velocities.append(velocity)

    def _kind(self, variable: Any) -> Any:
        """None for AdamW; else the shape, since the iterations treat matrices of one shape together."""
        return None if self._should_use_adamw(variable) else tuple(variable.shape)

    def _weight_decay_of(self, variable: Any) -> float | None:
        return self.adam_weight_decay if self._should_use_adamw(variable) else self.weight_decay

    def _update(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        if bucket.kind is None:
            self._update_adamw(bucket, grads, lr)
            return
        if bucket.decays:
            torch._foreach_mul_(bucket.params, 1.0 - self.weight_decay * lr)
        moments = bucket.slots["momentum"]
        torch._foreach_mul_(moments, self.momentum)
        torch._foreach_add_(moments, grads)
        ahead = torch._foreach_add(grads, moments, alpha=self.momentum) if self.nesterov else moments
        updates = self.zeropower_via_newtonschulz5(torch.stack(ahead), self.ns_steps)
        torch._foreach_add_(bucket.params, list(updates.unbind()), alpha=-lr * self._scale(bucket.kind))

    def _update_adamw(self, bucket: Bucket, grads: list[torch.Tensor], lr: float) -> None:
        step = self._updates_taken() + 1
        rate = bias_corrected(
            lr * self.adam_lr_ratio, self.adam_beta_1, self.adam_beta_2, step, bucket.params[0].dtype
        )
        shrink = (self.adam_weight_decay or 0.0) * lr if bucket.decays else 0.0
        update_adam(bucket, grads, rate, (self.adam_beta_1, self.adam_beta_2), self.epsilon, shrink)

    def _scale(self, shape: Sequence[int]) -> float:
        return 1.0 if self.rms_rate is None else math.sqrt(max(shape[0], shape[1])) * self.rms_rate

    def lr_adjust(self, x: Any) -> Any:
        """Returns the update of a matrix scaled to the root mean square that `rms_rate` asks for."""
        return x * self._scale(x.shape)

    def transpose_last_axis(self, X: Any) -> Any:
        """Returns a tensor with its last two axes exchanged."""
        return X.mT

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Returns matrices near the orthogonal ones that are nearest to those given.

        Args:
            x: a tensor of shape `(..., rows, columns)`.
            steps: the number of iterations.

        Raises:
            ShapeError: when it has fewer than two axes.
        """
        if x.ndim < 2:
            raise ShapeError(
                "Expected gradient or momentum to have at least 2 dimensions. "
                f"Received: shape={tuple(x.shape)}"
            )
        wide = x if x.shape[-2] <= x.shape[-1] else x.mT
        norms = torch.linalg.vector_norm(wide, dim=(-2, -1), keepdim=True)
        batch = (wide / (norms + 1e-7)).reshape(math.prod(wide.shape[:-2]), *wide.shape[-2:])
        if x.dtype is torch.float32 and torch.get_float32_matmul_precision() == "medium":
            batch = batch.bfloat16()
        for _ in range(steps):
            square = times_transpose(batch)
            if _is_large(square):
                factor = times_transpose(square).mul_(self.muon_c).add_(square, alpha=self.muon_b)
            else:
                factor = torch.baddbmm(square, square, square, beta=self.muon_b, alpha=self.muon_c)
            batch = torch.baddbmm(batch, factor, batch, beta=self.muon_a)
        batch = batch.to(x.dtype).reshape(wide.shape)
        return batch if wide is x else batch.mT

    def get_config(self) -> dict:
        own = (
            "adam_beta_1",
            "adam_beta_2",
            "epsilon",
            "exclude_layers",
            "muon_a",
            "muon_b",
            "muon_c",
            "adam_lr_ratio",
            "momentum",
            "ns_steps",
            "nesterov",
            "exclude_embeddings",
            "adam_weight_decay",
            "rms_rate",
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}
