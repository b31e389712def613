"""The operations that Keras writes between the layers of a graph, such as `x * 2`, as torch functions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

import torch

from kerastorch.core.graph import FunctionOp
from kerastorch.errors import UnsafeModelError

_PLAIN: dict[str, Callable] = {
    "Abs": operator.abs,
    "Absolute": operator.abs,
    "Add": operator.add,
    "Ceil": torch.ceil,
    "Cos": torch.cos,
    "Divide": operator.truediv,
    "Equal": operator.eq,
    "Exp": torch.exp,
    "Floor": torch.floor,
    "FloorDivide": operator.floordiv,
    "GetItem": operator.getitem,
    "Greater": operator.gt,
    "GreaterEqual": operator.ge,
    "Less": operator.lt,
    "LessEqual": operator.le,
    "Log": torch.log,
    "Log1p": torch.log1p,
    "LogicalAnd": torch.logical_and,
    "LogicalNot": torch.logical_not,
    "LogicalOr": torch.logical_or,
    "Matmul": operator.matmul,
    "Maximum": torch.maximum,
    "Minimum": torch.minimum,
    "Mod": operator.mod,
    "Multiply": operator.mul,
    "Negative": operator.neg,
    "NotEqual": operator.ne,
    "Power": operator.pow,
    "Reciprocal": torch.reciprocal,
    "Relu": torch.relu,
    "Sigmoid": torch.sigmoid,
    "Sign": torch.sign,
    "Silu": torch.nn.functional.silu,
    "Sin": torch.sin,
    "Softplus": torch.nn.functional.softplus,
    "Sqrt": torch.sqrt,
    "Square": torch.square,
    "Subtract": operator.sub,
    "Tanh": torch.tanh,
    "TrueDivide": operator.truediv,
    "Where": torch.where,
}

_OVER_AXES = {"axis": "dim", "keepdims": "keepdim"}

# Operations with arguments of their own: the function, and the names that torch has for them.
_WITH_ARGUMENTS: dict[str, tuple[Callable, dict[str, str]]] = {
    "All": (torch.all, _OVER_AXES),
    "Any": (torch.any, _OVER_AXES),
    "Concatenate": (torch.cat, {"axis": "dim"}),
    "ExpandDims": (torch.unsqueeze, {"axis": "dim"}),
    "LogSoftmax": (torch.log_softmax, {"axis": "dim"}),
    "Max": (torch.amax, _OVER_AXES),
    "Mean": (torch.mean, _OVER_AXES),
    "Min": (torch.amin, _OVER_AXES),
    "Prod": (torch.prod, _OVER_AXES),
    "Softmax": (torch.softmax, {"axis": "dim"}),
    "Squeeze": (torch.squeeze, {"axis": "dim"}),
    "Stack": (torch.stack, {"axis": "dim"}),
    "Sum": (torch.sum, _OVER_AXES),
}


def read_operation(config: Mapping) -> tuple[FunctionOp, dict] | None:
    """Returns the operation that a config of Keras describes, and keyword arguments for its calls.

    Args:
        config: an entry of `layers` in the config of a functional model.

    Returns:
        None when the config is not of one of Keras's own operations.

    Raises:
        UnsafeModelError: when there is no torch function for it.
    """
    if not str(config.get("module", "")).startswith("keras.src.ops."):
        return None
    name, inner = config["class_name"], config.get("config") or {}
    own_name = str(config.get("name") or inner.get("name"))
    if name in _PLAIN:
        return FunctionOp(_PLAIN[name], False, own_name), {}
    function, arguments = _WITH_ARGUMENTS.get(name, (None, {}))
    given = {k: v for k, v in inner.items() if k != "name" and v is not None}
    unknown = set(given) - set(arguments)
    if function is None or unknown:
        raise UnsafeModelError(
            f"The graph uses Keras's operation {name!r} with the arguments {given}, which has no counterpart here. "
            f"Expected one of {sorted([*_PLAIN, *_WITH_ARGUMENTS])}. Put the computation into a `Layer`."
        )
    kwargs = {arguments[k]: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
    return FunctionOp(function, False, own_name), kwargs
