"""`keras.backend`: the learning phase, names, and what TensorFlow calls a session."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerastorch.backend.chance import restart_sequences
from kerastorch.core.context import state
from kerastorch.errors import InvalidArgumentError, MissingMethodError
from kerastorch.utils import session


class _Session:
    """What the functions of this module set."""

    phase: int | None = None
    uids: defaultdict[str, int] = defaultdict(int)
    seeded = True


def backend() -> str:
    """Returns the name of the library that computes.

    Returns:
        Always `"torch"`.

    Example:
        >>> backend()
        'torch'

    Source: `keras.backend.backend`.
    """
    return "torch"


# The learning phase ---------------------------------------------------------------------------------------------------


def learning_phase() -> int:
    """Returns whether the code that is running trains a model.

    Returns:
        What `set_learning_phase` has set; else 1 inside a layer or model that trains, and 0 anywhere else.

    Example:
        >>> learning_phase()
        0

    Source: `keras.backend.learning_phase` of Keras 2.
    """
    if _Session.phase is not None:
        return _Session.phase
    for layer in state.stack:
        layer.__dict__["_reads_phase"] = True
    if state.training is not None:
        return int(state.training)
    return int(state.stack[-1].training) if state.stack else 0


def set_learning_phase(value: int) -> None:
    """Fixes the learning phase.

    Args:
        value: 0 for testing, 1 for training.

    Raises:
        InvalidArgumentError: for anything else.

    Example:
        >>> set_learning_phase(1)
        >>> learning_phase()
        1
        >>> clear_session()

    Source: `keras.backend.set_learning_phase` of Keras 2.
    """
    if value not in (0, 1):
        raise InvalidArgumentError(f"Expected learning phase to be 0 or 1. Received: value={value!r}.")
    _Session.phase = int(value)


@contextmanager
def learning_phase_scope(value: int) -> Iterator[None]:
    """Fixes the learning phase within a `with` block.

    Args:
        value: 0 for testing, 1 for training.

    Raises:
        InvalidArgumentError: for anything else.

    Returns:
        A context manager.

    Example:
        >>> with learning_phase_scope(1):
        ...     learning_phase()
        1

    Source: `keras.backend.learning_phase_scope` of Keras 2.
    """
    outer = _Session.phase
    set_learning_phase(value)
    try:
        yield
    finally:
        _Session.phase = outer


# Names and state ------------------------------------------------------------------------------------------------------


def clear_session(free_memory: bool = True) -> None:
    """Forgets the learning phase and lets automatic names and the sequences of seeds begin again.

    Args:
        free_memory: whether to collect unreferenced models now.

    Example:
        >>> clear_session()

    Source: `keras.backend.clear_session`, `keras.utils.clear_session`.
    """
    _Session.phase = None
    reset_uids()
    restart_sequences()
    session.clear_session(free_memory)


def get_uid(prefix: str = "") -> int:
    """Returns 1, 2, 3 and so on, counted for each prefix.

    Args:
        prefix: what is counted.

    Returns:
        An integer.

    Example:
        >>> reset_uids()
        >>> get_uid("dense"), get_uid("dense"), get_uid("conv")
        (1, 2, 1)

    Source: `keras.backend.get_uid`.
    """
    _Session.uids[prefix] += 1
    return _Session.uids[prefix]


def reset_uids() -> None:
    """Lets `get_uid` begin with 1 again.

    Example:
        >>> reset_uids()

    Source: `keras.backend.reset_uids` of Keras 2.
    """
    _Session.uids.clear()


def manual_variable_initialization(value: bool) -> None:
    """Does nothing: variables have their values from the beginning.

    Args:
        value: has no effect.

    Example:
        >>> manual_variable_initialization(True)

    Source: `keras.backend.manual_variable_initialization` of Keras 2.
    """


def get_session(op_input_list: Any = ()) -> Any:
    """Raises an error: there are no sessions, code runs as it is called.

    Args:
        op_input_list: has no meaning.

    Returns:
        Nothing.

    Raises:
        MissingMethodError: always; it says what to write in place of it.

    Example:
        >>> get_session()
        Traceback (most recent call last):
        MissingMethodError: ...

    Source: `keras.backend.get_session` of Keras 1.
    """
    raise MissingMethodError(
        "There are no TensorFlow sessions: everything runs as it is called. For `K.get_session().run(x)` write "
        "`K.get_value(x)`, or `K.function([inputs], [x])` where `x` depends on inputs."
    )


def set_session(session: Any) -> None:
    """Does nothing: there are no sessions, and torch takes GPU memory as it needs it.

    Args:
        session: has no effect.

    Example:
        >>> set_session(None)

    Source: `keras.backend.set_session` of Keras 1.
    """


# TensorFlow's random generator ----------------------------------------------------------------------------------------


def is_tf_random_generator_enabled() -> bool:
    """Returns whether Keras's own random generators were chosen over the global one.

    Returns:
        True or False; nothing depends on it.

    Example:
        >>> is_tf_random_generator_enabled()
        True

    Source: `keras.backend.experimental.is_tf_random_generator_enabled` of Keras 2.
    """
    return _Session.seeded


def enable_tf_random_generator() -> None:
    """Sets what `is_tf_random_generator_enabled` returns; `kerastorch.utils.set_random_seed` seeds either way.

    Example:
        >>> enable_tf_random_generator()

    Source: `keras.backend.experimental.enable_tf_random_generator` of Keras 2.
    """
    _Session.seeded = True


def disable_tf_random_generator() -> None:
    """Sets what `is_tf_random_generator_enabled` returns; `kerastorch.utils.set_random_seed` seeds either way.

    Example:
        >>> disable_tf_random_generator()
        >>> enable_tf_random_generator()

    Source: `keras.backend.experimental.disable_tf_random_generator` of Keras 2.
    """
    _Session.seeded = False
