"""The settings that all optimizers share, beyond the learning rate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from kerastorch.errors import InvalidArgumentError
from kerastorch.optimizers import stages

SETTINGS = (
    "weight_decay",
    "clipnorm",
    "global_clipnorm",
    "clipvalue",
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
    "loss_scale_factor",
    "gradient_accumulation_steps",
)


class SettingsMixin:
    """The part of an optimizer for weight decay, moving averages, accumulation and loss scaling."""

    built: bool
    weight_decay: Any
    clipnorm: Any
    clipvalue: Any
    global_clipnorm: Any
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: Any
    gradient_accumulation_steps: Any
    _each: str
    _group_places: dict[int, int]
    _params: list[Any]
    _weight_decay_of: Callable[[Any], float | None]

    # Whether `_update` applies the weight decay of its buckets.
    _fuses_weight_decay = False

    def _create_setting_slots(self) -> None:
        """Makes the state that averages and accumulation need, where it is wanted and not there yet."""
        if self.use_ema and not hasattr(self, "_model_variables_moving_average"):
            self._model_variables_moving_average = self._add_slots("average")
        if self.gradient_accumulation_steps and not hasattr(self, "_accumulated_gradients"):
            self._accumulated_gradients = self._add_slots("gradient_accumulator")

    def _add_slots(self, name: str) -> list[Any]:
        return self.add_optimizer_variables(self._params, name)  # type: ignore[attr-defined]

    @property
    def scales_loss(self) -> bool:
        """Whether `scale_loss` changes the loss."""
        return self.loss_scale_factor is not None

    def scale_loss(self, loss: Any) -> Any:
        """Returns the loss times `loss_scale_factor`, for which the gradients are made up at the update."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def exclude_from_weight_decay(
        self, var_list: Iterable[Any] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Keeps variables from shrinking by `weight_decay`; it must come before `build`.

        Args:
            var_list: variables.
            var_names: regular expressions; a variable is kept whose name or path has a match.

        Raises:
            InvalidArgumentError: after `build`.
        """
        if self.built:
            raise InvalidArgumentError(
                "`exclude_from_weight_decay()` can only be configured before the optimizer is built."
            )
        self._kept = list(var_list or [])
        self._kept_pattern = "|".join(var_names) if var_names else None

    def _decays(self, variable: Any) -> bool:
        if not self._weight_decay_of(variable) or stages.is_overwritten(variable):
            return False
        if any(variable is kept for kept in self._kept):
            return False
        pattern = self._kept_pattern
        names = (
            getattr(variable, "name", None),
            getattr(variable, "path", None),
        )  # Keras 3 looks at one, 2 at both
        return pattern is None or not any(name and re.search(pattern, name) for name in names)

    def _clip_gradients(self, grads: Sequence[Any]) -> list[Any]:
        """Returns gradients clipped as `clipnorm`, `clipvalue` or `global_clipnorm` say; None stays None."""
        clipped = iter(stages.clip(self, [torch.as_tensor(grad) for grad in grads if grad is not None]))
        return [None if grad is None else next(clipped) for grad in grads]

    @property
    def _decays_in_update(self) -> bool:
        return self._fuses_weight_decay and not self._each and not self._group_places

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """Sets variables to their moving averages, when `use_ema` keeps them.

        Args:
            var_list: the variables of `build`, in that order.

        Raises:
            InvalidArgumentError: when there are more or fewer of them.
        """
        if not self.use_ema or not self.built:
            return
        averages = self._model_variables_moving_average
        if len(var_list) != len(averages):
            raise InvalidArgumentError(
                f"The length of model variables ({len(var_list)}) to override does not match the length of model "
                f"variables stored in the optimizer ({len(averages)}). Please check if the optimizer was called on "
                "your model."
            )
        for variable, average in zip(var_list, averages, strict=True):
            self.assign(variable, average)  # type: ignore[attr-defined]
