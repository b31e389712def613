"""Questions about symbolic tensors."""

from __future__ import annotations

from typing import Any

from kerastorch.core.spec import KerasTensor


def is_keras_tensor(x: Any) -> bool:
    """Returns whether a value is a symbolic tensor, such as `Input` returns.

    Args:
        x: any value.

    Returns:
        True or False.

    Example:
        >>> is_keras_tensor(KerasTensor((None, 3))), is_keras_tensor(3)
        (True, False)

    Source: `keras.utils.is_keras_tensor`.
    """
    return isinstance(x, KerasTensor)


def get_source_inputs(tensor: Any, layer: Any = None, node_index: int | None = None) -> list[Any]:
    """Returns the inputs from which a symbolic tensor is computed.

    Args:
        tensor: a symbolic tensor.
        layer: ignored, Keras 2's: the layer that made the tensor, which the tensor knows.
        node_index: ignored, likewise.

    Returns:
        A list of symbolic tensors, each once; the tensor itself where nothing made it.

    Example:
        >>> from kerastorch.layers.core.input_layer import Input
        >>> x = Input((3,))
        >>> get_source_inputs(2 * x + 1)[0] is x
        True

    Source: `keras.utils.get_source_inputs`.
    """
    found: dict[int, Any] = {}
    pending, seen = [tensor], set()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        node = getattr(current, "node", None)
        inputs = node.input_tensors if node is not None else []
        if inputs:
            pending.extend(reversed(inputs))
        else:
            found[id(current)] = current
    return [*found.values()]
