"""The base class of all layers."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from kerastorch import precision, registry, regularizers, tree
from kerastorch.core.arrays import as_tensor
from kerastorch.core.context import is_training, name_scope, state
from kerastorch.core.devices import current_device
from kerastorch.core.explain import in_layer
from kerastorch.core.shapes import unknown_axes
from kerastorch.core.spec import check_input_spec
from kerastorch.core.strings import StringTensor, as_strings, is_strings
from kerastorch.core.tracing import any_symbolic
from kerastorch.dtypes import torch_dtype
from kerastorch.errors import (
    ArgumentTypeError,
    InvalidArgumentError,
    MissingMethodError,
    UnknownArgumentError,
    did_you_mean,
)
from kerastorch.layers import masks
from kerastorch.layers.added_losses import LossOwner
from kerastorch.layers.added_metrics import MetricOwner
from kerastorch.layers.channels_second import SecondCalls
from kerastorch.layers.described import Described
from kerastorch.layers.masked_calls import MaskedCalls, is_tensors
from kerastorch.layers.mixed import call_apart, call_mixed
from kerastorch.layers.plain_modules import in_mode
from kerastorch.layers.restoring import as_before_if_it_fails
from kerastorch.layers.seen import SeenInputs, as_seen
from kerastorch.layers.signature import CallSignature, build_parameters, check_build_names
from kerastorch.layers.state import StateOwner
from kerastorch.layers.symbolic import SymbolicCalls
from kerastorch.layers.weights import WeightOwner
from kerastorch.naming import auto_name

_Tensor = torch.Tensor
# fmt: off
_INPUT_ARGUMENTS = ("input_shape", "batch_input_shape", "input_dim", "input_length", "batch_size", "input_dtype")
# fmt: on


@registry.builtin("keras.layers")
class Layer(
    SeenInputs,
    SecondCalls,
    SymbolicCalls,
    MaskedCalls,
    LossOwner,
    MetricOwner,
    Described,
    StateOwner,
    WeightOwner,
):
    """A `torch.nn.Module` with Keras's life cycle: made, built on its first input, called.

    Subclasses define `call(inputs, ...)`, and `build(input_shape)` if their weights depend on the input. Called on a
    symbolic tensor a layer records itself; called on data it runs.

    Args:
        activity_regularizer: a name or function of the output whose value is added to the loss.
        trainable: whether training changes the weights.
        dtype: a data type or policy; None takes the global policy.
        autocast: whether floating-point inputs are cast to the layer's compute type.
        name: a name without slashes; None makes one from the class name.
        **kwargs: `input_shape`, `input_dim`, `batch_input_shape`, `batch_size` (the shape of the input, for
            `Sequential`), `weights` (first values of the weights) and `dynamic`, as in Keras 1 and 2.

    Raises:
        UnknownArgumentError: for any other keyword.
        InvalidArgumentError: when the name has a slash.

    Example:
        >>> class Scale(Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        ...     def call(self, x):
        ...         return x * self.factor
        >>> Scale()(torch.ones(2, 3)).shape
        torch.Size([2, 3])

    Source: `keras.layers.Layer`, `torch.nn.Module`.
    """

    supports_masking = False
    _has_mode = False  # whether `train` or `eval` has been called, as `fit` and `predict` do
    _signature = CallSignature(lambda inputs: None)
    _input_shape_arg: Any = None
    _initial_weights: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls)
        object.__setattr__(layer, "_init_arguments", (args, kwargs))
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _finishing_build(cls.__dict__["build"])  # type: ignore[method-assign]
        if "call" in cls.__dict__:
            cls._signature = CallSignature(cls.__dict__["call"])
            if "forward" not in cls.__dict__:
                cls.forward = (  # type: ignore[method-assign]
                    _forward_with_training if cls._signature.takes_training else cls.__dict__["call"]
                )
        elif "forward" in cls.__dict__:
            cls._signature = CallSignature(cls.__dict__["forward"])
            cls.call = cls.__dict__["forward"]  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise InvalidArgumentError(
                f"Argument `name` of {type(self).__name__} must be a string and cannot contain character `/`. "
                f"Received: name={name!r}."
            )
        if not isinstance(trainable, (bool, np.bool_)):
            raise InvalidArgumentError(
                f"Argument `trainable` of {type(self).__name__} is expected to be a boolean. Received: "
                f"trainable={trainable!r}."
            )
        self.__dict__.update(
            name=name or auto_name(type(self).__name__),
            training=False,  # Keras's layers start in inference mode
            built=False,
            autocast=autocast,
            _dtype_policy=precision.get(dtype),
            activity_regularizer=regularizers.get(activity_regularizer),
            input_spec=None,
            _trainable=bool(trainable),
            _auto_named=set(),
            _ticks={},
            _inbound_nodes=[],
            _loss_values=[],
            _loss_functions=[],
            _added_metrics={},
            _records_losses=False,
            _build_arguments=None,
            _seen_shape=None,
            _seen_dtype=None,
            _seen_list=None,
            _seen_mask=None,
            _seen_maker=None,
            _seen_second=None,
        )
        self._compute_torch_dtype = torch_dtype(self.dtype_policy.compute_dtype)
        self._take_keras2_arguments(kwargs)

    def _take_keras2_arguments(self, kwargs: dict) -> None:
        self._initial_weights = kwargs.pop("weights", None)
        kwargs.pop("dynamic", None)  # every layer here is dynamic: it runs Python eagerly
        given = {k: kwargs.pop(k) for k in _INPUT_ARGUMENTS if kwargs.get(k) is not None}
        for key in _INPUT_ARGUMENTS:
            kwargs.pop(key, None)
        if kwargs:
            raise UnknownArgumentError(_unknown_text(type(self), kwargs))
        batch = given.get("batch_size")
        if "batch_input_shape" in given:
            self._input_shape_arg = tuple(given["batch_input_shape"])
        elif "input_shape" in given:
            shape = given["input_shape"]
            self._input_shape_arg = (batch, *(shape if hasattr(shape, "__iter__") else (shape,)))
        elif "input_dim" in given:
            length = given.get("input_length")
            self._input_shape_arg = (
                batch,
                *([length] if "input_length" in given else []),
                given["input_dim"],
            )

    def __getstate__(self) -> dict:
        # Symbolic calls belong to the graph that holds them, which restores them; copies of a layer start without any.
        return {**self.__dict__, "_inbound_nodes": [], "_loss_values": []}

    # Building ------------------------------------------------------------------------------------------------------

    def build(self, *args: Any, **kwargs: Any) -> None:
        """Makes the weights for inputs of a shape; subclasses override it. It runs once, before the first call.

        Args:
            *args: `input_shape`, a tuple with None for unknown sizes, or a nested structure of them. A method with
                several parameters gets the shape of the argument `x` of `call` as `x_shape`.
            **kwargs: the same by name.
        """
        self._mark_built(args, kwargs)

    def _mark_built(self, args: tuple, kwargs: dict) -> None:
        self._build_arguments = (args, kwargs)
        self.built = True
        if self._initial_weights is not None:
            values, self._initial_weights = self._initial_weights, None
            self.set_weights(values)
        if not self._trainable:
            self.trainable = False

    def _build_at_init(self) -> None:
        """Marks a layer without weights as built, unless a subclass has a `build` of its own."""
        self.built = type(self).build is Layer.build

    def _build_for(self, args: tuple, kwargs: dict) -> None:
        """Builds from the arguments of a first call."""
        with name_scope(self.name, caller=self):
            self._remember_path()
            shapes = {
                f"{key}_shape": tree.map_structure(self._shape_to_build_for, value)
                for key, value in self._signature.named(args, kwargs).items()
                if is_tensors(value)
            }
            names = build_parameters(self.build)
            if not names:
                self.build(next(iter(shapes.values()), None))
            elif len(names) == 1:
                self.build(**{names[0]: next(iter(shapes.values()), None)})
            else:
                check_build_names(self.build, self._signature)
                self.build(**{name: shapes[name] for name in names if name in shapes})
            self.built = True

    def _shape_to_build_for(self, x: torch.Tensor) -> tuple:
        """The shape that `build` receives for an input of a first call."""
        return unknown_axes(tuple(x.shape))

    # Calling -------------------------------------------------------------------------------------------------------

    def call(self, inputs: Any) -> Any:
        """Computes the outputs; subclasses override it.

        Args:
            inputs: a tensor or nested tensors. Further arguments are free; `training` and `mask` are filled in.

        Raises:
            MissingMethodError: when a subclass does not define it.
        """
        raise MissingMethodError(
            f"Layer {self.name!r} of class {type(self).__name__} does not have a `call` method implemented. Define "
            "`call(self, inputs)` in the class."
        )

    def forward(self, inputs: Any) -> Any:
        """Runs `call`: what `torch.nn.Module` calls."""
        return self.call(inputs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            # An input like the last one, with nothing to watch for: straight to the module. The rest is checked.
            if args and not kwargs:
                x = args[0] if len(args) == 1 else args
                if (
                    type(x) is _Tensor
                    and x.shape == self._seen_shape
                    and x.dtype is self._seen_dtype
                    and not hasattr(x, "_keras_mask")
                ):
                    return self._call_impl(x)
                seen = self._seen_list
                if seen is not None and type(x) is type(seen) and as_seen(x, seen):
                    return self._call_impl(*args)
            elif self._seen_mask is not None and self._is_seen_with_mask(args, kwargs):
                return self._call_with_mask(args[0], kwargs["mask"])
            return self._checked_call(args, kwargs)
        except Exception as error:
            found = self._unknown_keyword(kwargs) if type(error) is TypeError and kwargs else None
            found = found or self._strings_given(error, args)
            explained = in_layer(found or error, self, self._signature.named(args, kwargs))
            if explained is error:
                raise
            raise explained from error

    def _is_called_plainly(self) -> bool:
        """Whether no subclass has a way of its own to be called."""
        return type(self).__call__ is Layer.__call__

    def _strings_given(self, error: Exception, args: tuple) -> Exception | None:
        """The error for text given to a layer of numbers, None when that is not what happened."""
        texts = [x for x in tree.flatten(args) if isinstance(x, (StringTensor, np.ndarray)) and is_strings(x)]
        if not texts or type(error) not in (AttributeError, TypeError):
            return None
        return ArgumentTypeError(
            f"Layer {self.name!r} ({type(self).__name__}) takes numbers. Received: text of shape "
            f"{tuple(np.shape(texts[0]))}. Text goes into a layer such as `StringLookup` or `TextVectorization`, which "
            f"makes numbers of it. ({type(error).__name__}: {error})"
        )

    def _unknown_keyword(self, kwargs: dict) -> Exception | None:
        """The error for a keyword that `call` does not take, None when all are known."""
        signature = self._signature
        known = ["training", "mask", *(p.name for p in signature.parameters)]
        unknown = [] if signature.takes_any_keyword else [k for k in kwargs if k not in known]
        if not unknown:
            return None
        return UnknownArgumentError(
            f"`call` of {type(self).__name__} got an unexpected keyword argument {unknown[0]!r}. Expected some of "
            f"{known}.{did_you_mean(unknown[0], known)}"
        )

    def _checked_call(self, args: tuple, kwargs: dict) -> Any:
        if self.built or state.stack or state.scopes:
            return self._watched_call(args, kwargs)
        with as_before_if_it_fails(self.modules()):
            return self._watched_call(args, kwargs)

    def _watched_call(self, args: tuple, kwargs: dict) -> Any:
        if any_symbolic(args, kwargs):
            return self._symbolic_call(args, kwargs)
        if not self.built and isinstance(self._dtype_policy, precision.DTypePolicyMap):
            with name_scope(self.name, caller=self):
                self._remember_path()  # by which the layer finds its policy
        args, kwargs = self._convert(args, kwargs)
        training, args, kwargs = self._pop_training(args, kwargs)
        if self.input_spec is not None:
            self._check_inputs(args, kwargs)
        if not self.built:
            self._build_for(args, kwargs)
        first = self._first_input(args, kwargs)
        previous_masks = self._fill_masks(args, kwargs)
        watched = len(state.stack)
        if not watched and self._records_losses:
            self._clear_losses()
        outer = state.training
        state.stack.append(self)
        try:
            if training is not None:
                state.training = bool(training)
            if state.training is outer:
                outputs = self._run(args, kwargs)
            else:
                with in_mode(self.modules(), bool(training)):
                    outputs = self._run(args, kwargs)
            if self.activity_regularizer is not None:
                self._regularize_activity(outputs)
        finally:
            state.training = outer
            del state.stack[watched:]
        self._mask_outputs(first, outputs, previous_masks)
        self._remember_input(args, kwargs, training)
        return outputs

    def _run(self, args: tuple, kwargs: dict) -> Any:
        with name_scope(self.name, caller=self):
            if self.dtype_policy.is_mixed:
                return call_mixed(self, args, kwargs)
            if state.autocasting:
                return call_apart(self, args, kwargs)
            return self._call_impl(*args, **kwargs)

    def _convert(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """Arrays become tensors, and floating-point tensors take the layer's compute type."""
        return tuple(_map_leaves(self._convert_leaf, a) for a in args), {
            k: v if k == "training" else _map_leaves(self._convert_leaf, v) for k, v in kwargs.items()
        }

    def _convert_leaf(self, x: Any) -> Any:
        if isinstance(x, np.ndarray) or (
            hasattr(x, "__array__") and not isinstance(x, (torch.Tensor, np.generic))
        ):
            if is_strings(x):
                return as_strings(x)
            x = as_tensor(np.asarray(x)).to(self._device() or current_device())
        if (
            isinstance(x, torch.Tensor)
            and self.autocast
            and x.is_floating_point()
            and x.dtype is not self._compute_torch_dtype
        ):
            mask = masks.get_mask(x)
            x = x.to(self._compute_torch_dtype)
            if mask is not None:
                masks.set_mask(x, mask)
        return x

    def _device(self) -> torch.device | None:
        parameter = next(self.parameters(), None)
        return None if parameter is None else parameter.device

    def _pop_training(self, args: tuple, kwargs: dict) -> tuple[Any, tuple, dict]:
        """Takes an explicit `training` out of the arguments: the enclosing state carries it to all layers inside."""
        position = self._signature.training_position
        if position is not None and len(args) > position:
            return args[position], args, kwargs
        if "training" not in kwargs:
            return None, args, kwargs
        rest = {k: v for k, v in kwargs.items() if k != "training"}
        return kwargs["training"], args, rest

    def _first_input(self, args: tuple, kwargs: dict) -> Any:
        return args[0] if args else kwargs.get(self._signature.first)

    def _check_inputs(self, args: tuple, kwargs: dict) -> None:
        check_input_spec(self.input_spec, tree.flatten(self._first_input(args, kwargs)), self.name)


def _finishing_build(build: Callable) -> Callable:
    """Wraps a class's `build`, so that calling it by hand leaves a built layer with the right weight paths."""

    @functools.wraps(build)
    def wrapped(self: Layer, *args: Any, **kwargs: Any) -> None:
        with name_scope(self.name, caller=self):
            self._remember_path()
            build(self, *args, **kwargs)
        self._mark_built(args, kwargs)

    return wrapped


def _forward_with_training(self: Layer, *args: Any, **kwargs: Any) -> Any:
    """`forward` of layers whose `call` takes `training`: the explicit value, the enclosing call's, or the module's."""
    signature = self._signature
    position = signature.training_position
    if position is not None and len(args) > position:
        if args[position] is None:
            args = (*args[:position], is_training(self), *args[position + 1 :])
    elif kwargs.get("training") is None:
        kwargs["training"] = is_training(self)
    return self.call(*args, **kwargs)


def _unknown_text(cls: Any, given: dict) -> str:
    base = inspect.signature(Layer.__init__).parameters
    known = sorted(set(inspect.signature(cls.__init__).parameters) | set(base) - {"self", "kwargs"})
    return (
        f"Unrecognized keyword arguments passed to {cls.__name__}: {given}. Expected some of {known}."
        f"{did_you_mean(next(iter(given)), known)}"
    )


def _map_leaves(func: Callable, value: Any) -> Any:
    return tree.map_structure(func, value) if tree.is_nested(value) else func(value)
