"""Activations as torch functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerastorch.activations import functions, smooth
from kerastorch.export.source.calls import Call, NoRuleError, arguments, literal, unless
from kerastorch.layers.activations.activation import Activation
from kerastorch.layers.activations.elu import ELU
from kerastorch.layers.activations.leaky_relu import LeakyReLU
from kerastorch.layers.activations.prelu import PReLU
from kerastorch.layers.activations.relu import ReLU, ThresholdedReLU
from kerastorch.layers.activations.softmax import Softmax

# What takes each value by itself: {x} is the tensor.
_ELEMENTWISE: dict[Callable, str] = {
    functions.linear: "{x}",
    functions.relu: "F.relu({x})",
    functions.leaky_relu: "F.leaky_relu({x}, 0.2)",
    functions.relu6: "F.relu6({x})",
    functions.sigmoid: "torch.sigmoid({x})",
    functions.log_sigmoid: "F.logsigmoid({x})",
    functions.hard_sigmoid: "F.hardsigmoid({x})",
    functions.tanh: "torch.tanh({x})",
    functions.hard_tanh: "F.hardtanh({x})",
    functions.exponential: "torch.exp({x})",
    smooth.elu: "F.elu({x})",
    smooth.selu: "F.selu({x})",
    smooth.celu: "F.celu({x})",
    smooth.gelu: "F.gelu({x})",
    smooth.silu: "F.silu({x})",
    smooth.hard_silu: "F.hardswish({x})",
    smooth.mish: "F.mish({x})",
    smooth.softplus: "F.softplus({x})",
    smooth.softsign: "F.softsign({x})",
    smooth.tanh_shrink: "F.tanhshrink({x})",
    smooth.soft_shrink: "F.softshrink({x})",
    smooth.hard_shrink: "F.hardshrink({x})",
}

# What looks at an axis: {axis} is where the last one of Keras is.
_OVER_AXIS: dict[Callable, str] = {
    functions.softmax: "F.softmax({x}, dim={axis})",
    functions.log_softmax: "F.log_softmax({x}, dim={axis})",
    smooth.glu: "F.glu({x}, dim={axis})",
}


def activated(call: Call, function: Any, x: str) -> str:
    """Returns the expression of an activation.

    Args:
        call: the call whose output is activated.
        function: the activation; None is none.
        x: the expression of what it takes, in the form that the call returns.

    Raises:
        NoRuleError: when torch has no such function.
    """
    if function is None:
        return x
    if isinstance(function, (Activation, ELU, LeakyReLU, ReLU, Softmax)):
        raise NoRuleError(f"its activation is the layer {function.name!r}; call that on its own")
    template = _ELEMENTWISE.get(function) or _OVER_AXIS.get(function)
    if template is None:
        raise NoRuleError(
            f"torch has no function for its activation {getattr(function, '__name__', function)!r}"
        )
    return template.format(x=x, axis=1 if call.returns_second else -1)


def activation(call: Call) -> str:
    """The rule of `Activation`."""
    function = call.layer.activation
    if function in _OVER_AXIS:
        return activated(call, function, call.x)
    return activated(call, function, call.either())


def relu(call: Call) -> str:
    """The rule of `ReLU`."""
    layer, x = call.layer, call.either()
    if layer.threshold or (layer.negative_slope and layer.max_value is not None):
        raise NoRuleError("torch has no rectifier with its threshold or slope and its upper limit")
    if layer.negative_slope:
        return f"F.leaky_relu({x}, {literal(layer.negative_slope)})"
    if layer.max_value is None:
        return f"F.relu({x})"
    return (
        f"F.relu6({x})" if layer.max_value == 6 else f"torch.relu({x}).clamp(max={literal(layer.max_value)})"
    )


def leaky_relu(call: Call) -> str:
    """The rule of `LeakyReLU`."""
    return f"F.leaky_relu({call.either()}, {literal(call.layer.negative_slope)})"


def elu(call: Call) -> str:
    """The rule of `ELU`."""
    alpha = arguments(unless(call.layer.alpha, 1.0))
    return f"F.elu({call.either()}{', ' if alpha else ''}{alpha})"


def threshold(call: Call) -> str:
    """The rule of `ThresholdedReLU`."""
    return f"F.threshold({call.either()}, {literal(call.layer.theta)}, 0.0)"


def prelu(call: Call) -> str:
    """The rule of `PReLU`."""
    alpha, x = call.weight("alpha", call.layer.alpha), call.x
    return f"torch.addcmul(torch.relu({x}), {alpha}, torch.relu(-{x}), value=-1.0)"


def softmax(call: Call) -> str:
    """The rule of `Softmax`."""
    if not isinstance(call.layer._axis, int):
        raise NoRuleError("torch has no softmax over several axes")
    return f"F.softmax({call.x}, dim={call.layer._axis})"


RULES: dict[type, Callable[[Call], str]] = {
    Activation: activation,
    ReLU: relu,
    LeakyReLU: leaky_relu,
    ELU: elu,
    ThresholdedReLU: threshold,
    PReLU: prelu,
    Softmax: softmax,
}
