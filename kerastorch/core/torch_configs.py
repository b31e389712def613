"""Plain `torch.nn` modules as the arguments of their constructors, and back.

The public modules of `torch.nn` are registered, so that configs may name them as they name layers. What such a module
was made with is read from its attributes; a few arguments need a rule, because torch keeps them under another name.
"""

from __future__ import annotations

import copy
import inspect
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from kerastorch import registry
from kerastorch.core.bounds import reserve
from kerastorch.errors import SerializationError, did_you_mean

HOME = "torch.nn"  # the module that configs name
_NO_MODULES = {
    "Container",
    "DataParallel",
    "Module",
    "ParameterDict",
    "ParameterList",
    "RNNBase",
    "RNNCellBase",
}
_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
_NOT_KEPT = frozenset({"device", "size_average", "reduce", "min_value", "max_value", "_weight", "_freeze"})
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_RECURRENT = (
    *("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional"),
    "dtype",
)
# What classes take whose constructors do not say it.
_SIGNATURES = {
    nn.RNN: (*_RECURRENT, "nonlinearity"),
    nn.GRU: _RECURRENT,
    nn.LSTM: (*_RECURRENT, "proj_size"),
}
_TRANSFORMER_LAYER: dict[str, Callable] = {
    "d_model": lambda m: m.self_attn.embed_dim,
    "nhead": lambda m: m.self_attn.num_heads,
    "dim_feedforward": lambda m: m.linear1.out_features,
    "dropout": lambda m: m.dropout.p,
    "activation": lambda m: {nn.functional.relu: "relu", nn.functional.gelu: "gelu"}.get(
        m.activation, m.activation
    ),
    "layer_norm_eps": lambda m: m.norm1.eps,
    "batch_first": lambda m: m.self_attn.batch_first,
    "bias": lambda m: m.linear1.bias is not None,
}
# How to read arguments that are no attributes of the same name; None is left out.
_RULES: dict[type, dict[str, Callable]] = {
    nn.AdaptiveLogSoftmaxWithLoss: {"cutoffs": lambda m: m.cutoffs[:-1]},
    nn.MultiheadAttention: {
        "bias": lambda m: m.in_proj_bias is not None,
        "add_bias_kv": lambda m: m.bias_k is not None,
    },
    nn.PairwiseDistance: {"p": lambda m: m.norm},
    nn.Transformer: {
        "custom_encoder": lambda m: m.encoder,
        "custom_decoder": lambda m: m.decoder,
        **dict.fromkeys(
            ("num_encoder_layers", "num_decoder_layers", "dim_feedforward", "dropout", "activation"),
            lambda m: None,
        ),
        **dict.fromkeys(
            ("layer_norm_eps", "norm_first", "bias"), lambda m: None
        ),  # the encoder and decoder have them
    },
    nn.TransformerDecoder: {"decoder_layer": lambda m: m.layers[0]},
    nn.TransformerDecoderLayer: _TRANSFORMER_LAYER,
    nn.TransformerEncoder: {"encoder_layer": lambda m: m.layers[0]},
    nn.TransformerEncoderLayer: _TRANSFORMER_LAYER,
}


def _is_offered(name: str, found: Any) -> bool:
    is_module = isinstance(found, type) and issubclass(found, nn.Module)
    return is_module and found.__name__ == name and name[0] != "_" and name not in _NO_MODULES


for _name, _class in vars(nn).items():
    if _is_offered(_name, _class):
        registry.builtin(HOME)(_class)


def is_described(module: Any) -> bool:
    """Returns whether an object is a plain module, which `arguments_of` describes: it has no `get_config`."""
    return isinstance(module, nn.Module) and not hasattr(module, "get_config")


def fresh_copy(module: nn.Module) -> nn.Module:
    """Returns a copy of a plain module, its weights drawn again where its parts know how.

    A module without weights, such as a loss, is returned as it is.
    """
    if not any(True for _ in module.parameters()):
        return module
    module = copy.deepcopy(module)
    for part in module.modules():
        reset = getattr(part, "reset_parameters", None) or getattr(part, "_reset_parameters", None)
        if callable(reset):
            reset()
    return module


def arguments_of(module: nn.Module) -> dict[str, Any]:
    """Returns what a plain module was made with; modules among the arguments stay modules.

    Args:
        module: a module of `torch.nn`, or of a class that keeps the arguments of its constructor as attributes.

    Raises:
        SerializationError: when an argument is not known any more, or the module was changed by hooks.

    Example:
        >>> arguments_of(nn.Linear(3, 2, bias=False))
        {'in_features': 3, 'out_features': 2, 'bias': False}
    """
    _check_unchanged(module)
    if type(module) in _CONTAINERS:
        return {"modules": dict(module._modules)}
    rules = {k: rule for base in reversed(type(module).__mro__) for k, rule in _RULES.get(base, {}).items()}
    found: dict[str, Any] = {}
    for name in _names(type(module)):
        value = rules[name](module) if name in rules else _attribute(module, name)
        if value is not None or name not in (*_NOT_KEPT, *rules, "dtype"):
            found[name] = value
    return found


def _check_unchanged(module: nn.Module) -> None:
    hooks = len(module._forward_hooks) + len(module._forward_pre_hooks)
    if hooks and not isinstance(module, nn.modules.lazy.LazyModuleMixin):
        raise SerializationError(
            f"A {type(module).__name__} has {hooks} forward hooks, which no config can hold. Remove them before "
            "saving, or put what they do into the module's `forward`."
        )


def _names(cls: type[nn.Module]) -> list[str]:
    """The arguments of a constructor that an instance still has."""
    if cls in _SIGNATURES:
        return list(_SIGNATURES[cls])
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    written_by = next(base for base in cls.__mro__ if "__init__" in vars(base))
    if any(p.kind in _VARIADIC for p in parameters) and not written_by.__module__.startswith(f"{HOME}."):
        raise SerializationError(
            f"A {cls.__name__} cannot be written to a config: `{cls.__name__}.__init__` takes any arguments, of which "
            f"the module does not know the values. {_advice(cls)}"
        )
    return [p.name for p in parameters if p.kind not in _VARIADIC]


def _attribute(module: nn.Module, name: str) -> Any:
    if name in _NOT_KEPT:
        return None
    if name == "dtype" and "dtype" not in vars(module):
        types = (p.dtype for p in module.parameters() if p.is_floating_point())
        dtype = next(types, torch.float32)
        return None if dtype is torch.float32 else dtype
    value = getattr(module, name, inspect.Parameter.empty)
    if name == "bias" and (value is None or isinstance(value, nn.Parameter)):
        return value is not None
    if value is inspect.Parameter.empty or isinstance(value, nn.Parameter):
        cls = type(module)
        raise SerializationError(
            f"A {cls.__name__} cannot be written to a config: the module does not say with which `{name}` it was made. "
            f"{_advice(cls)}"
        )
    return value


def _advice(cls: type) -> str:
    if registry.home_of(cls):
        return "Write a `Layer` that makes it in `__init__`."
    return (
        f"Keep every argument of `{cls.__name__}.__init__` as an attribute of the same name, or give the class "
        "`get_config()` and `from_config()`; decorate it with `@kerastorch.saving.register_keras_serializable()`."
    )


def module_from(cls: type[nn.Module], arguments: Mapping[str, Any]) -> nn.Module:
    """Returns a module made with what `arguments_of` returned.

    Args:
        cls: its class.
        arguments: the arguments of its constructor; modules of containers by name.

    Raises:
        SerializationError: when the class does not take such arguments.

    Example:
        >>> module_from(nn.Linear, {"in_features": 3, "out_features": 2})
        Linear(in_features=3, out_features=2, bias=True)
    """
    if not isinstance(arguments, Mapping):
        raise SerializationError(
            f"The config of a {cls.__name__} must be a dictionary. Received: {arguments!r}."
        )
    if registry.home_of(cls):
        arguments = {name: _checked(cls, name, value) for name, value in arguments.items()}
    try:
        if cls in _CONTAINERS:
            return _filled(cls, arguments)
        if registry.home_of(cls):
            _reserve(cls, arguments)
        return cls(**arguments)
    except (ArithmeticError, AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise SerializationError(
            f"A {cls.__name__} could not be made from its config {dict(arguments)!r}. The error was: {error}"
        ) from error


def _reserve(cls: type[nn.Module], arguments: Mapping[str, Any]) -> None:
    """Takes the memory of a module's weights from what there is room for; those of modules in it are taken already."""
    if any(isinstance(value, nn.Module) for value in arguments.values()):
        return
    with torch.device("meta"):
        module = cls(**arguments)
    for tensor in (*module.parameters(), *module.buffers()):
        if not nn.parameter.is_lazy(tensor):
            reserve(tuple(tensor.shape), tensor.itemsize)


def _filled(cls: Any, arguments: Mapping[str, Any]) -> nn.Module:
    modules = OrderedDict(arguments["modules"])
    if not all(isinstance(module, nn.Module) for module in modules.values()):
        raise TypeError("a container holds modules only.")
    return cls(modules.values()) if cls is nn.ModuleList else cls(modules)


def _checked(cls: type, name: str, value: Any) -> Any:
    """The value of an argument of a module of `torch.nn`: plain, a tensor or a module."""
    known = ["modules"] if cls in _CONTAINERS else [n for n in _names(cls) if n not in _NOT_KEPT]
    if name not in known:
        raise SerializationError(
            f"The config of a {cls.__name__} holds {name!r}. Expected some of {known}.{did_you_mean(name, known)}"
        )
    if name == "dtype" and isinstance(value, str):
        dtype = getattr(torch, value, None)
        return dtype if isinstance(dtype, torch.dtype) else value
    if isinstance(value, (list, tuple)):
        return tuple(_checked(cls, name, v) for v in value)
    return value
