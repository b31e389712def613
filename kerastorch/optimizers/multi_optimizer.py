"""Several optimizers as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.serializable import deserialize_keras_object, serialize_keras_object
from kerastorch.errors import InvalidArgumentError, NoSharedRateError
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.optimizer_map import OptimizerMap

_MODULE = "keras.optimizers"


@registry.builtin(_MODULE, "multioptimizer")
class MultiOptimizer(Optimizer):
    """Trains each variable with the optimizer that is chosen for it.

    The parts are in `optimizers`; each has a learning rate of its own, which callbacks and torch's schedulers reach.
    `param_groups` holds the groups of all parts.

    Args:
        optimizer_map: an `OptimizerMap`, or a function that takes a variable and returns its optimizer.
        loss_scale_factor: what `scale_loss` multiplies the loss by and the gradients are divided by; it takes the
            place of those of the parts. None for nothing.
        name: a label; None makes one.

    Raises:
        InvalidArgumentError: in `build`, when the optimizer of a variable is none, scales the loss itself or has
            parts itself.
        NoSharedRateError: when `learning_rate` or `lr` is read or set.

    Example:
        >>> from kerastorch.optimizers import SGD
        >>> body, head = (torch.nn.Parameter(torch.ones(1)) for _ in range(2))
        >>> slow, fast = SGD(0.1), SGD(0.5)
        >>> optimizer = MultiOptimizer(lambda variable: slow if variable is body else fast)
        >>> optimizer.apply([torch.ones(1), torch.ones(1)], [body, head])
        >>> body.data, head.data
        (tensor([0.9000]), tensor([0.5000]))

    Source: `keras.optimizers.MultiOptimizer`.
    """

    _can_be_part = False

    _inner_optimizers: list[Optimizer]
    _shares: list[list[int]]
    _loss_scale_factor: float | None

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Any], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        self.__dict__.update(_inner_optimizers=[], _shares=[])
        super().__init__(learning_rate=0.0, loss_scale_factor=loss_scale_factor, name=name)
        self._optimizer_map = optimizer_map
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (
                *(optimizer_map[key] for key in optimizer_map),
                optimizer_map.default_optimizer,
            ):
                self._place_of(optimizer)
        self._share_groups()

    def _place_of(self, optimizer: Optimizer) -> int:
        """Where an optimizer stands among the parts, after adding it if it is new."""
        for place, known in enumerate(self._inner_optimizers):
            if known is optimizer:
                return place
        optimizer.loss_scale_factor = self.loss_scale_factor
        self._inner_optimizers.append(optimizer)
        return len(self._inner_optimizers) - 1

    def _share_groups(self) -> None:
        """Has the parameter groups of the parts, so that torch's schedulers reach their rates."""
        groups = [group for part in self._inner_optimizers for group in part.param_groups]
        self.param_groups = groups or self.param_groups

    def build(self, variables: Iterable[Any] | None = None, var_list: Iterable[Any] | None = None) -> None:
        """Chooses the optimizer of each variable and gives it to it; only the first call has an effect.

        Args:
            variables: variables or torch parameters, such as `module.parameters()`.
            var_list: the same, under the name of Keras 2.

        Raises:
            InvalidArgumentError: when there are none given, or a variable has no optimizer that can be a part.
        """
        if self.built:
            return
        given = self._given_variables(variables, var_list)
        if any(isinstance(variable, dict) for variable in given):
            raise InvalidArgumentError(
                "A MultiOptimizer takes variables, not parameter groups: its parts have rates of their own."
            )
        chosen = [_checked(self._optimizer_map(variable), variable) for variable in given]
        places = [self._place_of(optimizer) for optimizer in chosen]
        self._take_variables(given)
        self._var_to_optimizer_idx = {self._var_key(v): p for v, p in zip(given, places, strict=True)}
        shares = [[i for i, p in enumerate(places) if p == n] for n in range(len(self._inner_optimizers))]
        self._shares = shares
        for part, share in zip(self._inner_optimizers, shares, strict=True):
            if share:
                part.build([given[i] for i in share])
        self._share_groups()
        self.built = True

    @property
    def optimizers(self) -> list[Optimizer]:
        """The parts: those of the map in its order, its default, then others as variables ask for them."""
        return self._inner_optimizers

    def _apply(self, grads: list[Any]) -> None:
        """One step of every part that has a gradient."""
        taken = False
        for part, share in zip(self._inner_optimizers, self._shares, strict=True):
            own = [grads[i] for i in share]
            if any(grad is not None for grad in own):
                part._apply(own)
                taken = True
        if taken or not self.built:
            self._iterations.add_(1)

    # What is the parts' --------------------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """There is none: each part has its own."""
        raise NoSharedRateError(
            "The learning rate cannot be accessed on a MultiOptimizer, whose parts have one each. Read "
            "`optimizer.optimizers[0].learning_rate` and so on."
        )

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise NoSharedRateError(
            "The learning rate cannot be set on a MultiOptimizer, whose parts have one each. Set "
            "`optimizer.optimizers[0].learning_rate` and so on."
        )

    @property
    def loss_scale_factor(self) -> Any:
        """What `scale_loss` multiplies the loss by; each part divides its gradients by it."""
        return self._loss_scale_factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self._loss_scale_factor = value
        for part in self._inner_optimizers:
            part.loss_scale_factor = value

    @property
    def _slots(self) -> list[tuple[str, Any, Any]]:  # type: ignore[override]
        return [slot for part in self._inner_optimizers for slot in part._slots]

    def _before_reading(self) -> None:
        for part in self._inner_optimizers:
            part._before_reading()

    def _own_variables(self) -> list[Any]:
        inner = [variable for part in self._inner_optimizers for variable in part.variables]
        return [self._iterations, self._rate_variable, *inner]

    def exclude_from_weight_decay(
        self, var_list: Iterable[Any] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Keeps variables from shrinking by the `weight_decay` of a part; it must come before `build`.

        Args:
            var_list: variables.
            var_names: regular expressions; a variable is kept whose name or path has a match.

        Raises:
            InvalidArgumentError: after `build`.
        """
        kept = list(var_list or [])
        super().exclude_from_weight_decay(kept, var_names)
        for part in self._inner_optimizers:
            part.exclude_from_weight_decay(kept, var_names)

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """Sets variables to their moving averages, where a part keeps them.

        Args:
            var_list: the variables of `build`, in that order.

        Raises:
            InvalidArgumentError: when there are more or fewer of them.
        """
        for part, share in zip(self._inner_optimizers, self._shares, strict=True):
            if share:
                part.finalize_variable_values([var_list[i] for i in share])

    def _exact_state(self) -> dict[str, torch.Tensor]:
        return {
            f"{place}/{key}": value
            for place, part in enumerate(self._inner_optimizers)
            for key, value in (part._exact_state() if part.built else {}).items()
        }

    def _set_exact_state(self, state: dict[str, torch.Tensor]) -> None:
        for place, part in enumerate(self._inner_optimizers):
            start = f"{place}/"
            own = {key.removeprefix(start): value for key, value in state.items() if key.startswith(start)}
            if own:
                part._set_exact_state(own)

    def state_dict(self) -> dict[str, Any]:
        """Returns the state of all parts as torch does, with the numbers of parameters running on, and the steps."""
        whole: dict[str, Any] = {"state": {}, "param_groups": [], "iterations": int(self._iterations)}
        first = 0
        for part, share in zip(self._inner_optimizers, self._shares, strict=bool(self._shares)):
            own = part.state_dict()
            whole["state"].update({first + number: entry for number, entry in own["state"].items()})
            whole["param_groups"] += [_shifted(group, first) for group in own["param_groups"]]
            first += len(share)
        return whole

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Sets the state from what `state_dict` returned.

        Args:
            state_dict: with `state`, `param_groups` and `iterations`.

        Raises:
            NotBuiltError: before `build`.
            InvalidArgumentError: when it holds other state than the parts have.
        """
        self._whole_plan()
        first, groups = 0, list(state_dict["param_groups"])
        for part, share in zip(self._inner_optimizers, self._shares, strict=True):
            own = groups[: len(part.param_groups)]
            del groups[: len(part.param_groups)]
            if share:
                numbers = range(first, first + len(share))
                state = {n - first: state_dict["state"][n] for n in numbers if n in state_dict["state"]}
                part.load_state_dict(
                    {"state": state, "param_groups": [_shifted(group, -first) for group in own]}
                )
            first += len(share)
        self._share_groups()
        self._iterations.fill_(state_dict.get("iterations", 0))

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_inner_optimizers" in state:
            self._share_groups()
            if self.built:
                places = self._var_to_optimizer_idx.values()
                self._var_to_optimizer_idx = dict(zip(map(self._var_key, self._params), places, strict=True))

    def get_config(self) -> dict:
        """Returns the arguments of the constructor as plain values."""
        return {
            "optimizer_map": serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict[str, Any] | None = None) -> MultiOptimizer:
        """Returns a new optimizer made from what `get_config` returned.

        Args:
            config: the arguments of the constructor.
            custom_objects: names and the user's classes that they stand for.
        """
        config = dict(config)
        chooser = deserialize_keras_object(
            config.pop("optimizer_map"), custom_objects=custom_objects, module=_MODULE
        )
        return cls(chooser, **config)


def _checked(optimizer: Any, variable: Any) -> Optimizer:
    label = getattr(variable, "path", None) or tuple(variable.shape)
    if not isinstance(optimizer, Optimizer):
        raise InvalidArgumentError(
            f"The optimizer for variable {label!r} is not an Optimizer instance. Received: {optimizer!r}"
        )
    if not optimizer._can_be_part:
        kind = type(optimizer).__name__
        raise InvalidArgumentError(
            f"{kind} cannot be used inside an MultiOptimizer. It was chosen for variable {label!r}."
        )
    return optimizer


def _shifted(group: dict[str, Any], by: int) -> dict[str, Any]:
    return {**group, "params": [number + by for number in group["params"]]}
