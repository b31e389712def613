"""The base class of the optimizers of Keras up to 2.10."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from kerastorch import registry
from kerastorch.errors import InvalidArgumentError, UnknownArgumentError, did_you_mean
from kerastorch.optimizers.optimizer import Optimizer

Pairs = list[tuple[Any, Any]]
_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
_KEYWORDS = (*_CLIPS, "lr", "decay")


@registry.builtin("keras.optimizers.legacy", name="Optimizer")
class LegacyOptimizer(Optimizer):
    """An optimizer of Keras up to 2.10.

    Its weights are the step counter and the state by name, without the learning rate. A subclass makes its state in
    `_create_slots(var_list)` by `add_slot`, and overrides `_resource_apply_dense(grad, var)` and `get_config()`.

    Args:
        name: a label.
        gradient_aggregator: a function that takes and returns a list of `(gradient, variable)`, before clipping;
            None for nothing.
        gradient_transformers: a list of such functions, instead of clipping; None for none.
        **kwargs: `clipnorm`, `clipvalue` and `global_clipnorm`, the first two also together; `decay`, by which the
            rate is divided as `1 + decay * iterations`; and `lr` for `learning_rate`.

    Raises:
        InvalidArgumentError: when a number is negative, or clipping is asked for twice.
        UnknownArgumentError: for any other keyword; it suggests the nearest.

    Example:
        >>> class Plain(LegacyOptimizer):
        ...     def __init__(self, learning_rate=0.1, name="Plain", **kwargs):
        ...         super().__init__(name, **kwargs)
        ...         self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        ...     def _resource_apply_dense(self, grad, var):
        ...         var.sub_(self._decayed_lr(var.dtype) * grad)
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Plain().apply([torch.tensor([1.0, 1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 1.9000])

    Source: `tf_keras.optimizers.legacy.Optimizer`.
    """

    # The names of the state in Keras 2, by those that the update uses.
    _slot_labels: dict[str, str] = {}

    def __init__(
        self,
        name: str,
        gradient_aggregator: Callable[[Pairs], Pairs] | None = None,
        gradient_transformers: Sequence[Callable[[Pairs], Pairs]] | None = None,
        **kwargs: Any,
    ) -> None:
        self._begin(name, {}, gradient_aggregator, gradient_transformers, **kwargs)

    def _begin(
        self,
        name: str,
        rule: dict[str, Any],
        gradient_aggregator: Any = None,
        gradient_transformers: Any = None,
        **kwargs: Any,
    ) -> None:
        """Runs the constructor of the rule, and takes what all optimizers of Keras 2 had in common."""
        _check(type(self), kwargs, gradient_transformers)
        clips = {clip: kwargs.pop(clip, None) for clip in _CLIPS}
        super().__init__(name=name, **rule, **kwargs)
        for clip, limit in clips.items():
            setattr(self, clip, limit)
        self.gradient_aggregator = gradient_aggregator
        self.gradient_transformers = list(gradient_transformers or [])

    def _apply(self, grads: list[Any]) -> None:
        changes = [self.gradient_aggregator] if self.gradient_aggregator is not None else []
        if self.clipvalue is not None and (self.clipnorm is not None or self.global_clipnorm is not None):
            changes.append(self._limit_values)  # the step itself clips in one way
        changes += self.gradient_transformers
        super()._apply(self._changed(grads, changes) if changes else grads)

    def _changed(self, grads: list[Any], changes: list[Callable[[Pairs], Pairs]]) -> list[Any]:
        given = zip(grads, self._params, strict=True)
        pairs = [(grad, variable) for grad, variable in given if grad is not None]
        with torch.no_grad():
            for change in changes:
                pairs = list(change(pairs))
        found = {id(variable): grad for grad, variable in pairs}
        return [found.get(id(variable)) for variable in self._params]

    def _limit_values(self, pairs: Pairs) -> Pairs:
        return [(grad.clamp(-self.clipvalue, self.clipvalue), variable) for grad, variable in pairs]

    def _own_variables(self) -> list[Any]:
        slots = {id(slot) for _, _, slot in self._slots}
        common = [variable for variable in self._tracked if id(variable) not in slots]
        return [self._iterations, *common, *self._ordered_slots()]

    def _ordered_slots(self) -> list[Any]:
        names = dict.fromkeys(name for name, _, _ in self._slots)
        return [slot for wanted in names for name, _, slot in self._slots if name == wanted]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets the values of `variables`.

        Args:
            weights: arrays in the order of `variables`; the step counter may be missing, as in old files.

        Raises:
            NotBuiltError: before `build`.
            ShapeError: when there are more or fewer than variables, or a shape differs; nothing is set then.
        """
        weights = list(weights)
        if self.built and len(weights) == len(self.variables) - 1:
            weights = [np.array(0), *weights]
        super().set_weights(weights)

    def get_slot_names(self) -> list[str]:
        """Returns the names of the optimizer's state, such as `"m"`."""
        return [self._slot_labels.get(name, name) for name in super().get_slot_names()]

    def get_slot(self, var: Any, slot_name: str) -> Any:
        """Returns the state that belongs to a variable.

        Args:
            var: a variable of the model.
            slot_name: such as `"m"`.

        Raises:
            InvalidArgumentError: when there is none of that name.
        """
        names = {label: name for name, label in self._slot_labels.items()}
        return super().get_slot(var, names.get(slot_name, slot_name))

    def get_config(self) -> dict:
        """Returns the arguments of the constructor as plain values."""
        config = {"name": self.name}
        config.update({clip: getattr(self, clip) for clip in _CLIPS if getattr(self, clip) is not None})
        return config

    def _rule_config(self, *names: str) -> dict:
        """The config of a rule: what all have, the rate, and the attributes of some names."""
        rate = {"learning_rate": self._rate_config(), "decay": self._initial_decay}
        return {**LegacyOptimizer.get_config(self), **rate, **{name: getattr(self, name) for name in names}}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict[str, Any] | None = None) -> Any:
        """Returns a new optimizer made from what `get_config` returned.

        Args:
            config: the arguments of the constructor; `lr` stands for `learning_rate`.
            custom_objects: names and the user's schedules that they stand for.
        """
        config = dict(config)
        if "lr" in config:
            config["learning_rate"] = config.pop("lr")
        return super().from_config(config, custom_objects)


def _check(cls: type, kwargs: dict[str, Any], transformers: Any) -> None:
    for name, value in kwargs.items():
        if name not in _KEYWORDS:
            raise UnknownArgumentError(
                f"Unexpected keyword argument passed to optimizer {cls.__name__}: {name!r}. Beyond those of its own "
                f"it takes {', '.join(_KEYWORDS)}.{did_you_mean(name, _KEYWORDS)}"
            )
        if isinstance(value, (int, float)) and value < 0:
            raise InvalidArgumentError(f"Expected {name} >= 0. Received: {name}={value}")
    if kwargs.get("clipnorm") is not None and kwargs.get("global_clipnorm") is not None:
        raise InvalidArgumentError(
            "Cannot accept both `clipnorm` and `global_clipnorm`. Received: "
            f"clipnorm={kwargs['clipnorm']}, global_clipnorm={kwargs['global_clipnorm']}"
        )
    given = [name for name in _CLIPS if kwargs.get(name) is not None]
    if transformers and given:
        raise InvalidArgumentError(
            f"`{given[0]}` cannot be set when `gradient_transformers` is set: clip in one of these instead."
        )
