"""Operators, tensor methods, torch functions and functions of `keras.ops` that a graph holds."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from kerastorch.core.spec import KerasTensor
from kerastorch.export.source.calls import Call, NoRuleError, literal

_OPERATORS = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "truediv": "{0} / {1}",
    "floordiv": "{0} // {1}",
    "mod": "{0} % {1}",
    "pow": "{0} ** {1}",
    "matmul": "{0} @ {1}",
    "neg": "-{0}",
    "pos": "+{0}",
    "abs": "torch.abs({0})",
    "invert": "~{0}",
    "eq": "{0} == {1}",
    "ne": "{0} != {1}",
    "lt": "{0} < {1}",
    "le": "{0} <= {1}",
    "gt": "{0} > {1}",
    "ge": "{0} >= {1}",
    "and_": "{0} & {1}",
    "or_": "{0} | {1}",
    "xor": "{0} ^ {1}",
}
_EACH_VALUE = frozenset({"add", "sub", "mul", "truediv", "neg", "pow", "abs"})
_EACH_VALUE_OF_TORCH = frozenset(
    [f"torch.{name}" for name in ("relu", "sigmoid", "tanh", "exp", "sqrt", "add", "sub", "mul", "div")]
    + [
        f"F.{name}"
        for name in ("relu", "relu6", "leaky_relu", "elu", "selu", "silu", "gelu", "mish", "softplus")
    ]
)

# Functions of `keras.ops` and the same in torch, by the names of their arguments.
_ARITHMETIC = {
    "add": "{x1} + {x2}",
    "subtract": "{x1} - {x2}",
    "multiply": "{x1} * {x2}",
    "divide": "{x1} / {x2}",
    "true_divide": "{x1} / {x2}",
    "power": "{x1} ** {x2}",
    "matmul": "{x1} @ {x2}",
    "maximum": "torch.maximum({x1}, {x2})",
    "minimum": "torch.minimum({x1}, {x2})",
}
_OF_TORCH = (
    *(
        "exp",
        "expm1",
        "log",
        "log1p",
        "sqrt",
        "rsqrt",
        "square",
        "reciprocal",
        "sin",
        "cos",
        "tanh",
        "sigmoid",
        "erf",
    ),
    *("abs", "sign", "floor", "ceil"),
)
_OF_FUNCTIONAL = ("relu", "relu6", "elu", "selu", "silu", "mish", "softplus", "softsign")
_OPS = {
    **{name: f"torch.{name}({{x}})" for name in _OF_TORCH},
    **{name: f"F.{name}({{x}})" for name in _OF_FUNCTIONAL},
    "negative": "-{x}",
    "absolute": "torch.abs({x})",
    "reshape": "{x}.reshape({newshape})",
    "expand_dims": "{x}.unsqueeze({axis})",
    "concatenate": "torch.cat({xs}, dim={axis})",
    "stack": "torch.stack({x}, dim={axis})",
    "transpose": "{x}.permute({axes})",
    "softmax": "F.softmax({x}, dim={axis})",
    "log_softmax": "F.log_softmax({x}, dim={axis})",
    "clip": "{x}.clamp({x_min}, {x_max})",
    "flip": "{x}.flip({axis})",
}
_REDUCTIONS = {"mean": "mean", "sum": "sum", "max": "amax", "min": "amin"}


def function(call: Call) -> str:
    """Returns the expression of a function's call.

    Raises:
        NoRuleError: when plain PyTorch has no such function.
    """
    operation = call.layer
    if operation.is_method:
        return _method(call)
    if getattr(operation.target, "__module__", "") == "_operator":
        return _operator(call)
    name = torch.overrides.resolve_name(operation.target) or ""
    if name.startswith("torch."):
        return _torch_function(call, name.replace("torch.nn.functional.", "F."))
    return _keras_function(call)


def _operator(call: Call) -> str:
    name = call.layer.target.__name__
    if name == "getitem":
        return f"{call.last(call.tensors[0])}[{_index(call, call.node.args[1])}]"
    if name not in _OPERATORS:
        raise NoRuleError(f"the operator {name!r} has none")
    _choose_form(call, name in _EACH_VALUE)
    return _OPERATORS[name].format(*(_written(call, value) for value in call.node.args))


def _method(call: Call) -> str:
    target = call.layer.target
    _choose_form(call, False)
    subject, *rest = [_written(call, value) for value in call.node.args]
    named = [f"{k}={_written(call, v)}" for k, v in call.node.kwargs.items()]
    if target.startswith("__"):
        raise NoRuleError(f"the method {target!r} has none")
    return f"{subject}.{target}({', '.join([*rest, *named])})"


def _torch_function(call: Call, name: str) -> str:
    _choose_form(call, name in _EACH_VALUE_OF_TORCH)
    given = {k: v for k, v in call.node.kwargs.items() if k != "_stacklevel" and v is not None}
    texts = [_written(call, value) for value in call.node.args]
    return f"{name}({', '.join([*texts, *(f'{k}={_written(call, v)}' for k, v in given.items())])})"


def _keras_function(call: Call) -> str:
    target, kwargs = call.layer.target, call.node.kwargs
    if not getattr(target, "__module__", "").startswith("kerastorch.ops."):
        raise NoRuleError("it is a function of your own")
    bound = inspect.signature(target).bind(*call.node.args, **kwargs)
    bound.apply_defaults()
    values, name = bound.arguments, target.__name__
    _choose_form(call, False)
    if name in _REDUCTIONS:
        return _reduction(call, _REDUCTIONS[name], values)
    template = {**_ARITHMETIC, **_OPS}.get(name)
    if template is None or any(
        f"{{{key}}}" not in template and v is not None for key, v in _extra(values).items()
    ):
        raise NoRuleError(f"`keras.ops.{name}` has none with these arguments")
    return template.format(**{key: _written(call, value) for key, value in values.items()})


def _extra(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v is not False}


def _reduction(call: Call, name: str, values: dict[str, Any]) -> str:
    x, axis = _written(call, values["x"]), values.get("axis")
    if axis is None or values.get("initial") is not None or values.get("where") is not None:
        raise NoRuleError("a reduction over all axes, or with more arguments, has none")
    return f"{x}.{name}({_written(call, axis)}{', keepdim=True' if values.get('keepdims') else ''})"


def _choose_form(call: Call, is_elementwise: bool) -> None:
    """Brings all inputs to one order of axes, which for what takes each value by itself may be torch's."""
    sizes = {len(t.shape) for t in call.tensors}
    plain = all(isinstance(v, (KerasTensor, int, float)) for v in call.node.args)
    if is_elementwise and plain and len(sizes) == 1:
        call.alike()
        return
    for tensor in call.tensors:
        call.last(tensor)


def _written(call: Call, value: Any) -> str:
    """An argument as text."""
    if isinstance(value, KerasTensor):
        return call.name_of(value)
    if isinstance(value, torch.Tensor):
        return call.constant(value)
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_written(call, part) for part in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, (torch.dtype, bool, int, float, str, type(None))):
        return literal(value)
    raise NoRuleError(f"its argument {value!r} cannot be written")


def _index(call: Call, key: Any) -> str:
    """A subscript as text."""
    if isinstance(key, tuple):
        return ", ".join(_index(call, part) for part in key)
    if isinstance(key, slice):
        ends = [("" if part is None else _written(call, part)) for part in (key.start, key.stop)]
        return ":".join(ends if key.step is None else [*ends, _written(call, key.step)])
    return "..." if key is Ellipsis else _written(call, key)
