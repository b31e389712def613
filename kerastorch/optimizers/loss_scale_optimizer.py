"""Loss scaling: gradients in float16 are kept from vanishing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from kerastorch import registry
from kerastorch.core.serializable import serialize_keras_object
from kerastorch.errors import ArgumentTypeError, InvalidArgumentError, UnknownArgumentError
from kerastorch.optimizers.identifiers import deserialize
from kerastorch.optimizers.learning_rate import host_variable
from kerastorch.optimizers.optimizer import Optimizer
from kerastorch.optimizers.settings import SETTINGS
from kerastorch.optimizers.stages import is_overwritten

_DEFAULTS = {"use_ema": False, "ema_momentum": 0.99}


@registry.builtin("keras.optimizers", "loss_scale_optimizer")
class LossScaleOptimizer(Optimizer):
    """Multiplies the loss by a large factor, and divides the gradients by it before another optimizer uses them.

    A step whose gradients are not all finite is left out and halves the factor; it doubles after
    `dynamic_growth_steps` steps without such a one. `compile` puts it around the optimizer of models whose policy is
    `mixed_float16`. Whether the gradients are finite is asked of the device once a step.

    Args:
        inner_optimizer: the optimizer that updates the variables; its own `loss_scale_factor` is switched off.
        initial_scale: the first factor.
        dynamic_growth_steps: after how many steps with finite gradients the factor doubles.
        name: a label; None makes one.
        **kwargs: `dynamic` of Keras 2: False keeps the factor as it is. The settings that all optimizers share are
            taken only at their defaults, as older files have them.

    Raises:
        ArgumentTypeError: when `inner_optimizer` is no optimizer of kerastorch.
        InvalidArgumentError: when it scales the loss itself, a number is out of range, or a shared setting is given.
        UnknownArgumentError: for any other keyword.

    Example:
        >>> from kerastorch.optimizers.sgd import SGD
        >>> weight = torch.nn.Parameter(torch.tensor(1.0))
        >>> optimizer = LossScaleOptimizer(SGD(0.5))
        >>> optimizer.build([weight])
        >>> optimizer.scale_loss(weight * 1.0).backward()
        >>> optimizer.step()
        >>> weight.item(), optimizer.loss_scale
        (0.5, 32768.0)

    Source: `keras.optimizers.LossScaleOptimizer`, `torch.amp.GradScaler`; Micikevicius et al., 2018.
    """

    _can_be_part = False

    inner_optimizer: Optimizer
    step_counter: Any
    dynamic_scale: Any

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        dynamic = kwargs.pop("dynamic", True)
        _check(inner_optimizer, initial_scale, dynamic_growth_steps, kwargs)
        super().__init__(learning_rate=0.0, name=name)
        inner_optimizer.loss_scale_factor = None
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        self.dynamic = bool(dynamic)
        self.__dict__.update(
            step_counter=host_variable(0, torch.int32, "step_counter", self.name),
            dynamic_scale=host_variable(initial_scale, torch.float32, "dynamic_scale", self.name),
        )
        self._share_rate()
        if inner_optimizer.built:
            self.build(inner_optimizer._params)

    def _share_rate(self) -> None:
        """Has one group of parameters with the inner optimizer, so that torch's schedulers reach its rate."""
        self.param_groups = self.inner_optimizer.param_groups

    def build(self, variables: Iterable[Any] | None = None, var_list: Iterable[Any] | None = None) -> None:
        """Takes the variables to train, for the inner optimizer too; only the first call has an effect.

        Args:
            variables: variables or torch parameters, such as `module.parameters()`.
            var_list: the same, under the name of Keras 2.

        Raises:
            InvalidArgumentError: when there are none given.
        """
        if self.built:
            return
        given = self._given_variables(variables, var_list)
        self.inner_optimizer.build(given)
        self._take_variables(self.inner_optimizer._params)
        self._share_rate()
        self.built = True

    # The factor ----------------------------------------------------------------------------------------------------

    @property
    def scales_loss(self) -> bool:
        """Whether `scale_loss` changes the loss: always."""
        return True

    @property
    def loss_scale(self) -> float:
        """The factor by which the loss is multiplied now."""
        return float(self.dynamic_scale)

    @property
    def dynamic_counter(self) -> int:
        """How many steps had finite gradients since the factor last changed."""
        return int(self.step_counter)

    def scale_loss(self, loss: Any) -> Any:
        """Returns the loss times the factor.

        Args:
            loss: a tensor, or a function that returns one (Keras 2).
        """
        return (lambda: loss() * self.loss_scale) if callable(loss) else loss * self.loss_scale

    get_scaled_loss = scale_loss

    def get_unscaled_gradients(self, grads: Iterable[Any]) -> list[Any]:
        """Returns gradients divided by the factor, for custom loops of Keras 2.

        Args:
            grads: tensors, or None for variables without a gradient.
        """
        return [None if grad is None else grad / self.loss_scale for grad in grads]

    # Steps ---------------------------------------------------------------------------------------------------------

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Any] | None = None) -> None:
        """Updates variables by gradients of the scaled loss, which stay as they are.

        Args:
            grads: tensors with the shapes of the variables; None for a variable to leave alone.
            trainable_variables: the variables; None takes those of `build`.
        """
        super().apply([None if g is None else torch.as_tensor(g).clone() for g in grads], trainable_variables)

    def _apply(self, grads: list[Any]) -> None:
        """One step by gradients of the scaled loss, which are divided by the factor in place."""
        scaled = zip(grads, self._params, strict=True)
        finite = _unscale([None if is_overwritten(v) else grad for grad, v in scaled], self.loss_scale)
        if finite:
            self.inner_optimizer._apply(grads)
        if self.dynamic:
            self._adapt(finite)

    def _adapt(self, finite: bool) -> None:
        """Moves the factor after a step."""
        if not finite:
            self.step_counter.zero_()
            self.dynamic_scale.mul_(0.5)
        elif self.dynamic_counter == self.dynamic_growth_steps - 1:
            self.step_counter.zero_()
            self.dynamic_scale.mul_(2.0)
        else:
            self.step_counter.add_(1)

    # What is the inner optimizer's ---------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.inner_optimizer.learning_rate = value

    @property
    def iterations(self) -> Any:
        """How many updates the inner optimizer has made."""
        return self.inner_optimizer.iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self.inner_optimizer.iterations = value

    def _own_variables(self) -> list[Any]:
        own = [self._iterations, self._rate_variable, self.step_counter, self.dynamic_scale]
        return [*own, *self.inner_optimizer.variables]

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """Sets variables to their moving averages, when the inner optimizer keeps them.

        Args:
            var_list: the variables of `build`, in that order.
        """
        self.inner_optimizer.finalize_variable_values(var_list)

    def state_dict(self) -> dict[str, Any]:
        """Returns the inner optimizer's state as torch does, and the factor under `"loss_scale"`."""
        scale = {"scale": self.loss_scale, "steps": self.dynamic_counter}
        return {**self.inner_optimizer.state_dict(), "loss_scale": scale}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Sets the state from what `state_dict` returned.

        Args:
            state_dict: with `state`, `param_groups` and, unless it is an inner optimizer's, `loss_scale`.
        """
        rest = dict(state_dict)
        scale = rest.pop("loss_scale", None)
        self.inner_optimizer.load_state_dict(rest)
        self._share_rate()
        if scale is not None:
            self.dynamic_scale.fill_(scale["scale"])
            self.step_counter.fill_(scale["steps"])

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "inner_optimizer" in state:
            self._share_rate()

    def get_config(self) -> dict:
        """Returns the arguments of the constructor as plain values."""
        config = {
            "name": self.name,
            "inner_optimizer": serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }
        return config if self.dynamic else {**config, "dynamic": False}

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict[str, Any] | None = None) -> LossScaleOptimizer:
        """Returns a new optimizer made from what `get_config` returned.

        Args:
            config: the arguments of the constructor.
            custom_objects: names and the user's classes that they stand for.
        """
        config = dict(config)
        return cls(deserialize(config.pop("inner_optimizer"), custom_objects), **config)


def _unscale(grads: list[Any], scale: float) -> bool:
    """Divides gradients in place, and returns whether all of them are finite: one answer of each device."""
    groups: dict[Any, list[torch.Tensor]] = {}
    for grad in grads:
        if grad is not None:
            dense = grad._values() if grad.layout is torch.sparse_coo else grad
            groups.setdefault((dense.device, dense.dtype), []).append(dense)
    found: dict[torch.device, torch.Tensor] = {}
    with torch.no_grad():
        for (device, _), tensors in groups.items():
            bad = found.setdefault(device, torch.zeros((), device=device))
            inverse = torch.full((), 1.0 / scale, device=device)
            torch._amp_foreach_non_finite_check_and_unscale_(tensors, bad, inverse)
    return not any(bad.item() for bad in found.values())


def _check(inner: Any, scale: Any, growth: Any, kwargs: dict) -> None:
    if not isinstance(inner, Optimizer):
        raise ArgumentTypeError(
            f"`inner_optimizer` must be an optimizer such as `Adam()`. Received: inner_optimizer={inner!r}."
        )
    if isinstance(inner, LossScaleOptimizer):
        raise InvalidArgumentError(
            "`inner_optimizer` scales the loss itself: expected an optimizer that is no `LossScaleOptimizer`."
        )
    if not scale > 0 or not growth >= 1:
        raise InvalidArgumentError(
            "`initial_scale` must be positive and `dynamic_growth_steps` at least 1. Received: "
            f"initial_scale={scale!r}, dynamic_growth_steps={growth!r}."
        )
    for name in SETTINGS:
        if name in kwargs and kwargs.pop(name) not in (None, _DEFAULTS.get(name)):
            raise InvalidArgumentError(
                f"LossScaleOptimizer does not support `{name}`. Instead, set `{name}` on the `inner_optimizer`."
            )
    if kwargs:
        raise UnknownArgumentError(
            f"LossScaleOptimizer does not know the arguments: {', '.join(f'`{name}`' for name in kwargs)}. Set them on "
            "the `inner_optimizer`."
        )
