"""The graph of objects of a checkpoint: which object holds which under which name, and the keys of their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kerastorch.errors import CorruptModelError
from kerastorch.saving.tensorflow.bundle import Bundle
from kerastorch.saving.tensorflow.wire import Message

KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
_VALUE = "VARIABLE_VALUE"


@dataclass(frozen=True)
class Slot:
    """State that an optimizer of Keras up to 2.10 keeps for a variable.

    Attributes:
        variable: the number of the variable.
        name: such as `"momentum"`.
        state: the number of the state.
    """

    variable: int
    name: str
    state: int


@dataclass(frozen=True)
class Node:
    """An object.

    Attributes:
        children: the numbers of the objects that it holds, by the names of its attributes.
        key: under which its value lies in the checkpoint; None for objects that are no variable.
        name: the name of the variable.
        slots: the state that it keeps for variables, when it is an optimizer.
    """

    children: dict[str, int]
    key: str | None
    name: str
    slots: list[Slot]


def read_graph(bundle: Bundle) -> list[Node]:
    """Returns the objects of a checkpoint; the first one is the one that was saved.

    Args:
        bundle: the checkpoint.

    Raises:
        CorruptModelError: when it has no graph, as checkpoints of TensorFlow 1, or it is damaged.
    """
    if KEY not in bundle:
        raise CorruptModelError(
            f"{bundle.label} has no graph of objects: a `tf.compat.v1.train.Saver` has written it, and its values "
            "only have names. Read them by `tf.train.load_checkpoint`, and set them by `set_weights`."
        )
    content: Any = bundle[KEY].item() if bundle[KEY].shape == () else None
    if not isinstance(content, bytes):
        raise CorruptModelError(f"{bundle.label} is damaged: its graph of objects is no text.")
    nodes = [_node(message) for message in Message(content, bundle.label).messages(1)]
    for node in nodes:
        numbers = [*node.children.values(), *(n for slot in node.slots for n in (slot.variable, slot.state))]
        if any(not 0 <= number < len(nodes) for number in numbers):
            raise CorruptModelError(
                f"{bundle.label} is damaged: its graph tells of an object that is not there."
            )
        if node.key is not None and node.key not in bundle:
            raise CorruptModelError(
                f"{bundle.label} is damaged: a value that its graph tells of is not there."
            )
    if not nodes:
        raise CorruptModelError(f"{bundle.label} is damaged: its graph of objects is empty.")
    return nodes


def _node(message: Message) -> Node:
    children = {child.text(2): child.number(1) for child in message.messages(1)}
    values = {value.text(1): value for value in message.messages(2)}
    own = values.get(_VALUE)
    slots = [Slot(slot.number(1), slot.text(2), slot.number(3)) for slot in message.messages(3)]
    return Node(children, own.text(3) if own else None, own.text(2) if own else "", slots)
