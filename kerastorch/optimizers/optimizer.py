"""The base class of optimizers: Keras's interface on `torch.optim.Optimizer`."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import torch

from kerastorch.core.serializable import deserialize_keras_object
from kerastorch.core.variable import StateVariable
from kerastorch.errors import InvalidArgumentError, NotBuiltError, ShapeError
from kerastorch.naming import auto_name
from kerastorch.optimizers.arguments import check_common, read_keras2_arguments, warn_of_ignored
from kerastorch.optimizers.groups import GroupsMixin, read_parameters
from kerastorch.optimizers.keras2 import Keras2Mixin
from kerastorch.optimizers.keras2_subclasses import Keras2SubclassMixin
from kerastorch.optimizers.learning_rate import LearningRate, RateMixin, host_variable
from kerastorch.optimizers.settings import SETTINGS, SettingsMixin
from kerastorch.optimizers.stepping import SteppingMixin, updates_one_by_one
from kerastorch.optimizers.torch_state import TorchStateMixin
from kerastorch.optimizers.variables import VariablesMixin


class Optimizer(
    SteppingMixin,
    RateMixin,
    VariablesMixin,
    SettingsMixin,
    GroupsMixin,
    Keras2Mixin,
    Keras2SubclassMixin,
    TorchStateMixin,
    torch.optim.Optimizer,
):
    """Changes variables along their gradients. It is Keras's optimizer and torch's at once.

    It is made without parameters and gets them in `build`, which `fit` and `apply` call; or it is made as torch's
    are, `Adam(module.parameters(), lr=1e-3)`, also with a list of groups. `step`, `zero_grad`, `param_groups`,
    `state_dict` and torch's learning-rate schedulers work as they do in torch.

    A subclass makes its state in `build(variables)`, after `super().build(variables)`, and overrides
    `update_step(gradient, variable, learning_rate)` and `get_config()`.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or a function without arguments.
        weight_decay: the fraction, times the learning rate, by which variables shrink at each step; None for none.
        clipnorm: the largest norm of each gradient; None for no limit.
        clipvalue: the largest absolute value in a gradient; None for no limit.
        global_clipnorm: the largest common norm of all gradients; None for no limit.
        use_ema: whether to keep a moving average of the variables.
        ema_momentum: the share of the old average in the new one.
        ema_overwrite_frequency: after how many steps the variables are set to their average; None for only at the
            end, by `finalize_variable_values`.
        loss_scale_factor: what `scale_loss` multiplies the loss by and the gradients are divided by; None for nothing.
        gradient_accumulation_steps: over how many steps gradients are averaged before one update; None for one.
        name: a label; None makes one.
        jit_compile: has no effect; how TensorFlow runs. A true value is named in a warning.
        adaptive_epsilon: has no effect, as above.
        **kwargs: `lr` and `decay` of Keras 2, which are honoured: the rate is `lr / (1 + decay * iterations)`.

    Raises:
        InvalidArgumentError: when an argument is out of range.
        UnknownArgumentError: for any other keyword.

    Example:
        >>> class Plain(Optimizer):
        ...     def update_step(self, gradient, variable, learning_rate):
        ...         self.assign_sub(variable, gradient * learning_rate)
        >>> weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
        >>> Plain(0.1).apply([torch.tensor([1.0, 1.0])], [weight])
        >>> weight.data
        tensor([0.9000, 1.9000])

    Source: `keras.optimizers.Optimizer`, `torch.optim.Optimizer`.
    """

    # Whether it can train some of the variables of a `MultiOptimizer`.
    _can_be_part = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        jit_compile: bool | None = None,
        adaptive_epsilon: bool | None = None,
        **kwargs: Any,
    ) -> None:
        cls = type(self)
        warn_of_ignored(cls, jit_compile=jit_compile, adaptive_epsilon=adaptive_epsilon)
        if isinstance(learning_rate, str) and hasattr(cls, "_resource_apply_dense"):  # as in Keras up to 2.10
            learning_rate, name = 0.0, learning_rate
        parameters, learning_rate = read_parameters(cls, learning_rate, kwargs)
        learning_rate, decay = read_keras2_arguments(cls, learning_rate, kwargs)
        self.__dict__.update(built=False, _plan=None, _parts={}, _tracked=[], _slots=[])
        self._begin_groups(parameters)
        self.name = name or auto_name(cls.__name__)
        self.weight_decay = weight_decay
        self.clipnorm, self.clipvalue, self.global_clipnorm = clipnorm, clipvalue, global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        check_common(self)
        self._decay = decay
        self._kept: list[torch.Tensor] = []
        self._kept_pattern: str | None = None
        self._warned_of_missing = False
        self._each = updates_one_by_one(cls)
        rate = self._set_first_rate(learning_rate)
        self.__dict__["_iterations"] = host_variable(0, torch.int64, "iteration", self.name)
        self._begin_torch({"lr": rate})

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, StateVariable) and not isinstance(value, LearningRate):
            self._track(value)
        elif name in SETTINGS:
            self.__dict__["_plan"] = None
        super().__setattr__(name, value)

    def build(self, variables: Iterable[Any] | None = None, var_list: Iterable[Any] | None = None) -> None:
        """Takes the variables to train and makes the state for them; only the first call has an effect.

        Args:
            variables: variables or torch parameters, such as `module.parameters()`; or, as in torch, dictionaries
                with such `params` and, of their own, `lr` and `weight_decay`.
            var_list: the same, under the name of Keras 2.

        Raises:
            InvalidArgumentError: when there are none given, or a group cannot be used.
            UnknownArgumentError: when a group has another key.
        """
        if self.built:
            return
        waiting, self._waiting = self._waiting, []
        groups = self._checked_groups(waiting or self._given_variables(variables, var_list))
        self._take_variables([variable for group in groups for variable in group["params"]])
        self._place_groups(groups)
        if self._params:
            self._give_torch_parameters(groups)
        self.built = True
        self._create_setting_slots()
        self._create_slots(self._as_written(self._params))

    def _given_variables(self, variables: Iterable[Any] | None, var_list: Iterable[Any] | None) -> list[Any]:
        given = variables if variables is not None else var_list
        if given is None:
            raise InvalidArgumentError("`build` needs the list of variables to train.")
        return list(given)

    def _take_variables(self, variables: list[Any]) -> None:
        self._params = variables
        self._places = {id(v): i for i, v in enumerate(variables)}

    def _create_slots(self, variables: list[Any]) -> None:
        """Makes the state that the update needs."""

    @property
    def iterations(self) -> Any:
        """How many updates were made: a variable on the host; with gradient accumulation a tensor."""
        steps = self.gradient_accumulation_steps
        return self._iterations // steps if steps else self._iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self._iterations.assign(value)

    def _updates_taken(self) -> int:
        return int(self._iterations) // (self.gradient_accumulation_steps or 1)

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Any] | None = None) -> None:
        """Updates variables by given gradients.

        Args:
            grads: tensors with the shapes of the variables; None for a variable to leave alone.
            trainable_variables: the variables; None takes those of `build`.

        Raises:
            NotBuiltError: when the optimizer has no variables yet and none are given.
            InvalidArgumentError: when all gradients are None, their number is wrong, or a variable is not one of
                those the optimizer was built with.
            ShapeError: when a gradient has another shape than its variable.
        """
        grads = list(grads)
        if not grads:
            return
        variables = self._params
        if trainable_variables is not None:
            variables = list(trainable_variables)
            if not self.built:
                self.build(variables)
        elif not self.built:
            raise NotBuiltError(
                "When passing `grads` without `variables`, the optimizer must already be built on a list of "
                "variables. Call `optimizer.build(trainable_variables)` first."
            )
        if len(grads) != len(variables):
            raise InvalidArgumentError(
                f"Received {len(grads)} gradients for {len(variables)} trainable variables. "
                "There must be one gradient, or None, for each variable."
            )
        if any(grad is None for grad in grads):
            self._report_missing(grads, variables)
        if list(map(id, variables)) != list(self._places):
            grads = self._in_order(grads, variables)
        self._check_shapes(grads)
        self._apply(grads)

    def _in_order(self, grads: list[Any], variables: list[Any]) -> list[Any]:
        ordered: list[Any] = [None] * len(self._params)
        for grad, variable in zip(grads, variables, strict=True):
            ordered[self._get_variable_index(variable)] = grad
        return ordered

    def _check_shapes(self, grads: list[Any]) -> None:
        """The kernels do not look at shapes; torch does so for `grad`, and here it is done for given gradients."""
        for grad, variable in zip(grads, self._params, strict=True):
            if grad is not None and grad.shape != variable.shape:
                raise ShapeError(
                    f"A gradient has shape {tuple(grad.shape)}, but its variable "
                    f"{getattr(variable, 'path', '')!r} has shape {tuple(variable.shape)}."
                )

    def _report_missing(self, grads: list[Any], variables: list[Any]) -> None:
        missing = [i for i, grad in enumerate(grads) if grad is None]
        if len(missing) == len(grads):
            raise InvalidArgumentError("No gradients provided for any variable.")
        if not self._warned_of_missing:
            self._warned_of_missing = True
            names = [getattr(variables[i], "path", None) or f"variable {i}" for i in missing]
            warnings.warn(
                f"Gradients do not exist for variables {names} when minimizing the loss. If using "
                "`model.compile()`, did you forget to provide a `loss` argument?",
                stacklevel=3,
            )

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Any]],
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
        experimental_aggregate_gradients: bool = True,
    ) -> Any:
        """Updates variables by pairs of gradients and variables.

        Args:
            grads_and_vars: `(gradient, variable)` pairs, such as `zip(gradients, model.trainable_variables)`.
            name: has no effect; Keras 2 names a graph node by it.
            skip_gradients_aggregation: has no effect, since nothing is aggregated here.
            experimental_aggregate_gradients: has no effect, as above.

        Returns:
            The step counter.

        Raises:
            InvalidArgumentError: as `apply` does.
        """
        pairs = list(grads_and_vars)
        if pairs:
            grads, variables = zip(*pairs, strict=True)
            self.apply(grads, variables)
        return self._iterations

    def get_config(self) -> dict:
        """Returns the arguments of the constructor as plain values."""
        config = {"name": self.name, "learning_rate": self._rate_config()}
        config.update({setting: getattr(self, setting) for setting in SETTINGS})
        if self._decay:
            config["decay"] = self._decay
        return config

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict[str, Any] | None = None) -> Any:
        """Returns a new optimizer made from what `get_config` returned.

        Args:
            config: the arguments of the constructor.
            custom_objects: names and the user's schedules that they stand for.
        """
        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            rate = config["learning_rate"]
            config["learning_rate"] = deserialize_keras_object(
                rate, custom_objects=custom_objects, module="keras.optimizers.schedules"
            )
        return cls(**config)
