"""Which names stand for which classes and functions: built-in ones by module, users' own by package.

A config or a string identifier can only name what is in these tables. Nothing is ever imported by a name that
comes from a file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from kerastorch.errors import InvalidArgumentError, UnknownIdentifierError, did_you_mean
from kerastorch.naming import to_snake_case

T = TypeVar("T")

_builtin: dict[str, dict[str, Any]] = {}  # module -> every accepted string -> object
_builtin_functions: dict[str, dict[str, Any]] = {}  # functions whose names stand for classes
_home: dict[Any, tuple[str, str]] = {}  # object -> (module, name in configs)
_custom: dict[str, Any] = {}  # "package>name" -> object
_custom_names: dict[Any, str] = {}
_later: dict[str, Callable[[], Any]] = {}  # module -> what imports it, and so fills the tables


class _Scopes(threading.local):
    """The `custom_object_scope`s that are open in this thread, innermost last."""

    def __init__(self) -> None:
        self.stack: list[dict[str, Any]] = []


_scopes = _Scopes()


def builtin(module: str, *aliases: str, name: str | None = None) -> Callable[[T], T]:
    """Registers a class or function of the library under the module and name that Keras's configs use.

    Args:
        module: Keras's public module, such as `"keras.layers"`.
        *aliases: further strings that name it, such as `"mse"`.
        name: the name in configs; None takes the object's own.

    Returns:
        A decorator that returns its argument. The snake-case form of a class name is an alias as well, unless a
        function registered before has that name.

    Example:
        >>> find("keras.initializers", "zeros").__name__
        'Zeros'
    """

    def register(obj: Any) -> Any:
        table = _builtin.setdefault(module, {})
        label = name or obj.__name__
        _home.setdefault(obj, (module, label))
        for key in (label, *aliases):
            if table.setdefault(key, obj) is not obj:
                raise InvalidArgumentError(f"{module}.{key} is registered twice: {table[key]} and {obj}.")
        if isinstance(obj, type):
            table.setdefault(to_snake_case(label), obj)
        return obj

    return register


def builtin_function(module: str) -> Callable[[T], T]:
    """Registers a function for configs only: as a string identifier its name stands for a class of `module`.

    Args:
        module: Keras's public module, such as `"keras.metrics"`.

    Returns:
        A decorator that returns its argument.

    Example:
        >>> find_builtin_function("keras.metrics", "binary_accuracy").__name__
        'binary_accuracy'
    """

    def register(obj: Any) -> Any:
        _home.setdefault(obj, (module, obj.__name__))
        _builtin_functions.setdefault(module, {})[obj.__name__] = obj
        return obj

    return register


def register_later(module: str, load: Callable[[], Any]) -> None:
    """Says how the functions of a module, and of those below it, are registered once a config names one of them.

    Args:
        module: Keras's public module of two parts, such as `"keras.ops"`.
        load: a function that imports it.
    """
    _later[module] = load


def home_of(obj: Any) -> tuple[str, str] | None:
    """Returns `(module, name)` of a built-in class or function, None for anything else."""
    try:
        return _home.get(obj)
    except TypeError:  # not hashable
        return None


def names_in(module: str) -> list[str]:
    """Returns every string that names something in `module`, sorted."""
    return sorted(_builtin.get(module, ()))


def find(module: str, name: str) -> Any:
    """Returns the built-in object that `name` stands for in `module`, or None."""
    return _builtin.get(module, {}).get(name)


def find_builtin_function(module: str, name: str) -> Any:
    """Returns the built-in function of that name in `module`, even where a class has the name too, or None."""
    load = _later.pop(".".join(module.split(".")[:2]), None)
    if load is not None:
        load()
    found = _builtin_functions.get(module, {}).get(name) or find(module, name)
    return None if isinstance(found, type) else found


def find_custom(name: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """Returns a user's object: given now, in an open scope, or registered; None when there is none.

    Args:
        name: a class or function name, or a registered `"package>name"`.
        custom_objects: names and objects given by the caller; they come first.
    """
    for table in (custom_objects or {}, *reversed(_scopes.stack), _custom):
        if name in table:
            return table[name]
    return None


def lookup(module: str, name: str, what: str) -> Any:
    """Returns what a string identifier stands for: users' own objects first, then built-in ones.

    Args:
        module: Keras's public module, such as `"keras.losses"`.
        name: the identifier.
        what: the kind of thing, for the error message, such as `"loss"`.

    Raises:
        UnknownIdentifierError: when nothing has that name; it suggests the nearest.
    """
    found = find_custom(name)
    if found is None:
        found = find(module, name)
    if found is None:
        known = [
            *names_in(module),
            *(k.split(">")[-1] for k in _custom),
            *(k for s in _scopes.stack for k in s),
        ]
        raise UnknownIdentifierError(f"Unknown {what}: {name!r}.{did_you_mean(name, known)}")
    return found


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Registers a user's class or function, so that saved models may name it.

    Args:
        package: a prefix that keeps names of different libraries apart.
        name: the name within the package; None takes the object's own.

    Returns:
        A decorator that returns its argument.

    Raises:
        InvalidArgumentError: when it is no class or function, or a class without `get_config` that is no
            `torch.nn.Module`.

    Example:
        >>> @register_keras_serializable(package="docs")
        ... def double(x):
        ...     return 2 * x
        >>> get_registered_name(double)
        'docs>double'
    """

    def register(obj: Any) -> Any:
        is_module = hasattr(obj, "named_parameters")  # torch modules are described by their attributes
        if isinstance(obj, type) and not hasattr(obj, "get_config") and not is_module:
            raise InvalidArgumentError(
                f"Cannot register a class that does not have a get_config() method: {obj}."
            )
        if not callable(obj):
            raise InvalidArgumentError(f"Only classes and functions can be registered. Received: {obj!r}.")
        key = f"{package}>{name or obj.__name__}"
        _custom[key] = obj
        _custom_names[obj] = key
        return obj

    return register


def get_registered_name(obj: Any) -> str:
    """Returns the name that `register_keras_serializable` gave an object, else its own name.

    Args:
        obj: a class or function.

    Example:
        >>> get_registered_name(len)
        'len'
    """
    return _custom_names.get(obj, getattr(obj, "__name__", str(obj)))


def get_registered_object(
    name: str, custom_objects: dict[str, Any] | None = None, module_objects: dict[str, Any] | None = None
) -> Any:
    """Returns the user's object of that name, or None.

    Args:
        name: `"package>name"`, or a name in an open `custom_object_scope`.
        custom_objects: names and objects that come first.
        module_objects: names and objects that come last.

    Example:
        >>> get_registered_object("nowhere") is None
        True
    """
    found = find_custom(name, custom_objects)
    return found if found is not None else (module_objects or {}).get(name)


def get_custom_objects() -> dict[str, Any]:
    """Returns the live dictionary of registered objects; adding to it registers.

    Example:
        >>> get_custom_objects()["answer"] = lambda x: 42 + x
        >>> find_custom("answer")(0)
        42
    """
    return _custom


class CustomObjectScope:
    """Lets configs and identifiers read inside a `with` block name the given classes and functions.

    Args:
        custom_objects: a dictionary of names and objects, or an iterable of them.

    Example:
        >>> def triple(x):
        ...     return 3 * x
        >>> with CustomObjectScope({"triple": triple}):
        ...     find_custom("triple") is triple
        True
    """

    def __init__(self, custom_objects: dict[str, Any] | Iterable[dict[str, Any]]) -> None:
        given = [custom_objects] if isinstance(custom_objects, dict) else list(custom_objects or [])
        self.custom_objects = {key: value for table in given for key, value in table.items()}

    def __enter__(self) -> CustomObjectScope:
        _scopes.stack.append(self.custom_objects)
        return self

    def __exit__(self, *exc: object) -> None:
        _scopes.stack.remove(self.custom_objects)


custom_object_scope = CustomObjectScope
