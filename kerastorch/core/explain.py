"""Context for errors: which layer of which model failed, at which step, and what it received.

Deep code raises short messages. Each layer that an error leaves adds its name, the training loop adds the step, so that
the text that arrives says where. See `in_layer` and `in_step`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from kerastorch import tree
from kerastorch.core.spec import KerasTensor
from kerastorch.errors import KerasTorchError

# Errors of torch and of users' code that are made anew with the context; others (a KeyError, say) get a note.
_EXPLAINED = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, torch.OutOfMemoryError)


@dataclass
class Where:
    """Where an error happened.

    Attributes:
        body: the short message.
        layers: the names of the layers that were being called, outermost first.
        kind: the class of the innermost one.
        model: the name of the outermost model.
        received: the arguments of the innermost layer.
        step: such as `"epoch 1, step 3"`.
    """

    body: str
    layers: list[str] = field(default_factory=list)
    kind: str = ""
    model: str = ""
    received: str = ""
    step: str = ""

    def text(self) -> str:
        """Returns the whole message."""
        model = f"model {self.model!r}" if self.model else ""
        if not self.kind:
            place = ", ".join(part for part in (model, self.step) if part)
            return f"{place[:1].upper()}{place[1:]}: {self.body}" if place else self.body
        path = "/".join(self.layers)
        place = f"layer {path!r} ({self.kind})" if path else f"{model} ({self.kind})"
        place += f" in {model}" if path and model else ""
        place += f", {self.step}" if self.step else ""
        return (
            f"Exception encountered when calling {place}.\n\n{self.body}\n\n"
            f"Arguments received by {self.kind}.call(): {self.received}"
        )


def where(error: BaseException) -> Where | None:
    """Returns the context that an error has got so far, or None."""
    return getattr(error, "_kerastorch_where", None)


def in_layer(error: Exception, layer: Any, arguments: dict[str, Any]) -> Exception:
    """Returns the error with a layer that it has left: the first one says what it received, others join the path.

    Args:
        error: what was raised in the layer's `call` or `build`.
        layer: the layer.
        arguments: the arguments of `call`, by name.

    Returns:
        The same error, or for errors of torch and Python one of the same type; raise it from the original.
    """
    context = where(error)
    found = error
    if context is None:
        if type(error) in _EXPLAINED:
            found = type(error)()
        elif not isinstance(error, KerasTorchError):
            return _noted(error, layer)
        context = Where(
            str(error), kind=type(layer).__name__, received=str(tree.map_structure(_shown, arguments))
        )
    if context.model:
        context.layers.insert(0, context.model)
        context.model = ""
    if getattr(layer, "is_model", False):
        context.model = layer.name
    else:
        context.layers.insert(0, layer.name)
    return attach(found, context)


def in_step(error: Exception, number: int, place: str, model: str) -> None:
    """Notes the step in which an error came; one of kerastorch's, or one that has left a layer, says it in its text.

    Args:
        error: what was raised.
        number: the number of the step in its loop, from 1.
        place: words before the number, such as `"epoch 1, "`.
        model: the name of the model.
    """
    step = f"{place}step {number}"
    error._kerastorch_step = step  # type: ignore[attr-defined]
    context = where(error)
    if context is None:
        if not isinstance(error, KerasTorchError):
            return
        context = Where(str(error), model=model)
    context.step = step
    attach(error, context)


def step_of(error: BaseException | None) -> str | None:
    """Returns the step in which an error came, such as `"epoch 1, step 3"`, or None."""
    return getattr(error, "_kerastorch_step", None)


def attach(error: Exception, context: Where) -> Exception:
    """Gives an error a context and the text that goes with it."""
    error._kerastorch_where = context  # type: ignore[attr-defined]
    error.args = (context.text(),)
    return error


def _noted(error: Exception, layer: Any) -> Exception:
    if hasattr(error, "add_note") and not getattr(error, "__notes__", None):  # Python 3.11 and newer
        error.add_note(f"This happened when calling layer {layer.path!r} ({type(layer).__name__}).")
    return error


def _shown(x: Any) -> Any:
    if isinstance(x, torch.Tensor):
        return f"tensor(shape={tuple(x.shape)}, dtype={str(x.dtype).removeprefix('torch.')})"
    if isinstance(x, KerasTensor):
        return f"KerasTensor(shape={x.shape}, dtype={x.dtype})"
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        return f"{type(x).__name__}(shape={tuple(x.shape)}, dtype={x.dtype})"
    return x
