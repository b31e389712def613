"""The weights of a layer: how they are made, registered with the module, ordered, read and set."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from kerastorch import constraints, regularizers, tree
from kerastorch.core.arrays import as_tensor
from kerastorch.core.context import current_path, name_scope, state
from kerastorch.core.shapes import outside_inference
from kerastorch.core.variable import StateVariable, Variable, host_array
from kerastorch.dtypes import is_float, standardize_dtype
from kerastorch.errors import (
    ArgumentTypeError,
    InvalidArgumentError,
    NotBuiltError,
    ShapeError,
    UnknownArgumentError,
    did_you_mean,
)
from kerastorch.initializers import identifiers as initializers
from kerastorch.initializers.postponed import draw_later, wait_for_values, without_values
from kerastorch.layers.attributes import AttributeOwner
from kerastorch.layers.plain_modules import set_trainable
from kerastorch.precision import DTypePolicyMap

_KERAS2_ORDER = ("name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint")


def _either_order(add_weight: Callable) -> Callable:
    """Lets `add_weight("kernel", (2, 3), ...)`, the order of Keras 2, work beside that of Keras 3."""

    @functools.wraps(add_weight)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            kwargs = {**dict(zip(_KERAS2_ORDER, args, strict=False)), **kwargs}
            args = ()
        if kwargs.get("trainable", True) is None:  # Keras 2's default
            kwargs["trainable"] = True
        return add_weight(self, *args, **kwargs)

    return method


class WeightOwner(AttributeOwner):
    """The half of `Layer` that owns weights. See `Layer`."""

    name: str
    built: bool
    _trainable: bool
    _auto_named: set

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # torch declares `Tensor | Module` for every attribute

    @_either_order
    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
        memory_order: tuple[int, ...] | None = None,
        **keras2: Any,
    ) -> Any:
        """Makes a weight, registers it with the module and returns it.

        Args:
            shape: a tuple of integers; None makes a scalar. A string in its place is the name, and the order that of
                Keras 2: `add_weight(name, shape, dtype, initializer, regularizer, trainable, constraint)`.
            initializer: a name, an initializer or a function of `(shape, dtype)`; None takes Glorot's uniform one for
                floats and zeros for the rest.
            dtype: a data type; None takes the layer's `variable_dtype`.
            trainable: True makes a parameter, False makes state kept as a buffer.
            autocast: whether mixed precision may lower it.
            regularizer: a name or function of the weight whose value is added to the loss.
            constraint: a name or function that projects the weight after each update.
            aggregation: how copies on several devices combine.
            overwrite_with_gradient: whether the update replaces the weight by its gradient.
            name: the weight's name, without slashes; None makes one.
            memory_order: the order of the axes in memory, slowest first; None is the order of `shape`. Convolution
                kernels use it so that torch sees them in its own layout.
            **keras2: `use_resource`, `synchronization` and the like, which have no meaning in torch.

        Returns:
            A `Variable`.

        Raises:
            InvalidArgumentError: when the shape holds None, or the name a slash.
            ArgumentTypeError: when `trainable` is no boolean, such as a name in its place.
            UnknownArgumentError: for a keyword that is none of these.

        Example:
            >>> from kerastorch.layers.layer import Layer
            >>> Layer().add_weight(shape=(2, 3), initializer="ones", name="kernel").shape
            torch.Size([2, 3])
        """
        self._check_policy()
        unknown = set(keras2) - {
            "use_resource",
            "synchronization",
            "experimental_autocast",
            "partitioner",
            "getter",
        }
        if unknown:
            known = [name for name in _KERAS2_ORDER if name != "name"] + ["autocast", "aggregation", "name"]
            raise UnknownArgumentError(
                f"`add_weight` of layer {self.name!r} received unknown arguments: {sorted(unknown)}. Expected some of "
                f"{known}.{did_you_mean(min(unknown), known)}"
            )
        if not isinstance(trainable, (bool, int, np.bool_)):
            raise ArgumentTypeError(
                f"`add_weight` of layer {self.name!r} expects `trainable` to be a boolean; it takes at most 3 "
                f"positional arguments (shape, initializer, dtype). Received: trainable={trainable!r}."
            )
        dtype = standardize_dtype(dtype) if dtype is not None else self.variable_dtype
        make = initializers.get(initializer or ("glorot_uniform" if is_float(dtype) else "zeros"))
        shape = self._weight_shape(shape, name)
        is_late = draw_later(make, shape)
        with name_scope(self.name, caller=self), outside_inference():
            variable: Any = Variable(
                _in_memory_order(without_values if is_late else make, memory_order),
                shape=shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                aggregation=aggregation,
                name=name,
            )
        if is_late:
            wait_for_values(variable, make)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._register_variable(self._free_attribute(variable.name), variable)
        return variable

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """Makes a weight: the older name of `add_weight`."""
        return self.add_weight(*args, **kwargs)

    def _weight_shape(self, shape: Any, name: str | None) -> tuple[int, ...]:
        shape = () if shape is None else tuple(shape) if hasattr(shape, "__iter__") else (shape,)
        if any(not hasattr(d, "__index__") or int(d) < 0 for d in shape):
            raise InvalidArgumentError(
                f"The weight {name!r} of layer {self.name!r} cannot have the shape {shape}: every dimension must be a "
                "known number that is not negative, an integer. Give the input of the layer a full shape."
            )
        return tuple(int(d) for d in shape)

    def _free_attribute(self, name: str) -> str:
        base = name.replace(".", "_")
        taken = (*self._parameters, *self._buffers, *self._modules)
        candidates = [base, *(f"{base}_{i}" for i in range(1, len(taken) + 1))]
        attribute = next(c for c in candidates if c not in taken)
        self._auto_named.add(attribute)
        return attribute

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        state_variables = {k: v for k, v in self._buffers.items() if isinstance(v, StateVariable)}
        super()._apply(fn, recurse)
        for key, variable in state_variables.items():
            moved = self._buffers[key]
            if moved is not variable and moved is not None:
                variable.data = moved.data  # the variable keeps its identity, as parameters do
                self._buffers[key] = variable
        self._follow_type(fn)
        self._forget_inputs()
        return self

    def train(self, mode: bool = True) -> Any:
        """Sets torch's training mode on this module and its children; it counts more than the defaults of `call`."""
        self.__dict__["_has_mode"] = True
        return super().train(bool(mode))

    # Sublayers -----------------------------------------------------------------------------------------------------

    def _own_variables(self, trainable: bool) -> list[torch.Tensor]:
        modules = [self, *self._containers()]
        if trainable:
            return [p for m in modules for p in m._parameters.values() if p is not None]
        return [b for m in modules for b in m._buffers.values() if isinstance(b, StateVariable)]

    @property
    def weights(self) -> list[torch.Tensor]:
        """All weights in Keras's order: own ones, trainable first, then those of each sublayer."""
        found = self._own_variables(True) + self._own_variables(False)
        for child in self._child_modules():
            found.extend(child.weights if isinstance(child, WeightOwner) else plain_weights(child))
        return list({id(v): v for v in found}.values())

    @property
    def variables(self) -> list[torch.Tensor]:
        """All weights, and the states of seeds; those of metrics are `metrics_variables`."""
        return list({id(v): v for v in [*self.weights, *self._seed_states()]}.values())

    def _seed_states(self) -> list[torch.Tensor]:
        """The states of the seed generators that are attributes, or in lists and dictionaries that are."""
        return [
            generator.state
            for module in self.modules()
            for name, value in module.__dict__.items()
            if name[:1] != "_" or not isinstance(value, (list, tuple, dict))
            for generator in (tree.flatten(value) if isinstance(value, (list, tuple, dict)) else (value,))
            if getattr(generator, "is_seed_generator", False)
        ]

    @property
    def trainable_weights(self) -> list[torch.Tensor]:
        """The weights that training changes; none while the layer is frozen."""
        if not self._trainable:
            return []
        found = [v for v in self._own_variables(True) if v.requires_grad]
        for child in self._child_modules():
            if isinstance(child, WeightOwner):
                found.extend(child.trainable_weights)
            else:
                found.extend(p for p in child.parameters() if p.requires_grad)
        return list({id(v): v for v in found}.values())

    @property
    def non_trainable_weights(self) -> list[torch.Tensor]:
        """The weights that training leaves alone: state, and everything frozen."""
        trained = {id(v) for v in self.trainable_weights}
        return [v for v in self.weights if id(v) not in trained]

    trainable_variables = trainable_weights

    @property
    def non_trainable_variables(self) -> list[torch.Tensor]:
        """The non-trainable weights, and the states of seeds."""
        trained = {id(v) for v in self.trainable_weights}
        return [v for v in self.variables if id(v) not in trained]

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights of this layer and its sublayers; settable."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for parameter in self._own_variables(True):
            parameter.requires_grad_(self._trainable)
        for child in self._child_modules():
            if isinstance(child, WeightOwner):
                child.trainable = self._trainable
            else:
                set_trainable(child, self._trainable)

    def count_params(self) -> int:
        """Returns the number of values in all weights.

        Raises:
            NotBuiltError: when the weights do not exist yet.
        """
        if not self.built:
            raise NotBuiltError(
                f"You tried to call `count_params` on layer {self.name!r}, but the layer isn't built. You can build it "
                "manually via: `layer.build(input_shape)`."
            )
        return sum(w.numel() for w in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Returns the values of `weights` as NumPy arrays that share no memory with them."""
        return [host_array(w) for w in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Sets the values of `weights`.

        Args:
            weights: arrays in the order and with the shapes of `get_weights()`.

        Raises:
            ShapeError: when their number or a shape differs; nothing is changed then.
            InvalidArgumentError: when they hold something else than numbers.
        """
        mine, given = (
            self.weights,
            [host_array(w) if isinstance(w, torch.Tensor) else np.asarray(w) for w in weights],
        )
        if len(mine) != len(given):
            hint = "" if self.built else " It isn't built: call it on data, or `build(input_shape)`, first."
            raise ShapeError(
                f"You called `set_weights(weights)` on layer {self.name!r} with a weight list of length {len(given)}, "
                f"but the layer was expecting {len(mine)} weights.{hint}"
            )
        for variable, value in zip(mine, given, strict=True):
            if value.dtype.kind in "USO":
                raise InvalidArgumentError(
                    f"`set_weights` of layer {self.name!r} takes arrays of numbers. Received: dtype {value.dtype}."
                )
            if tuple(variable.shape) != value.shape:
                label = getattr(variable, "path", "")
                raise ShapeError(
                    f"Layer {self.name!r} weight {label!r} of shape {tuple(variable.shape)} is not compatible with "
                    f"provided weight shape {value.shape}."
                )
        with torch.no_grad():
            for variable, value in zip(mine, given, strict=True):
                variable.copy_(as_tensor(value, dtype=variable.dtype))

    @property
    def path(self) -> str:
        """The names of the enclosing layers and this one, joined by slashes."""
        return self.__dict__.get("_path") or self.name

    def _remember_path(self) -> None:
        if state.scopes:
            self.__dict__["_path"] = current_path()
            if isinstance(self._dtype_policy, DTypePolicyMap):
                self._follow_policy()


def plain_weights(module: torch.nn.Module) -> list[torch.Tensor]:
    """Returns the parameters, then the buffers, of a plain torch module."""
    return [*module.parameters(), *module.buffers()]


def _in_memory_order(make: Any, order: tuple[int, ...] | None) -> Any:
    if order is None:
        return make
    back = [order.index(axis) for axis in range(len(order))]

    def initializer(shape: tuple[int, ...], dtype: Any = None) -> torch.Tensor:
        return torch.as_tensor(make(shape, dtype=dtype)).permute(order).contiguous().permute(back)

    return initializer
