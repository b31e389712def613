"""Which module stands for a name of Keras or TensorFlow: one of kerastorch, or a thin one for a path that has moved."""

from __future__ import annotations

import functools
import importlib
import importlib.machinery
import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

from kerastorch.compat.redirect_names import AREAS, HOMES, MOVED, RENAMED, canonical, is_on_the_way
from kerastorch.errors import MissingModuleError, did_you_mean


class Uses:
    """What to call with the name of a moved module when something is taken from it."""

    listener: Callable[[str], None] | None = None


class MovedModule(ModuleType):
    """A module that has moved: it looks its names up where they are now.

    Args:
        name: its whole name, in the spelling of `canonical`.
        sources: the objects to look in, in this order, each given by a function so that it is loaded when first needed.
        renamed: the whole present name by the former one.
    """

    def __init__(self, name: str, sources: list[Callable[[], Any]], renamed: dict[str, str]) -> None:
        super().__init__(name, f"What used to be `{name}`, as far as kerastorch has it.")
        self.__path__: list[str] = []
        self._sources = sources
        self._renamed = renamed

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [each for each in dir(self) if not each.startswith("_")]
        if name.startswith("__"):
            raise AttributeError(name)
        for found in self._find(name):
            if Uses.listener is not None:
                Uses.listener(self.__name__)
            return found
        raise AttributeError(absence(f"{self.__name__}.{name}"), name=name, obj=self)

    def _find(self, name: str) -> Iterator[Any]:
        """Every meaning of a name: a renamed object, one of the sources, a module below this one."""
        if name in self._renamed:
            yield from _looked_up(self._renamed[name])
        for source in self._sources:
            owner = source()
            if owner is not None and hasattr(owner, name):
                yield getattr(owner, name)
        if f"{self.__name__}.{name}" in MOVED:
            yield resolve(f"{self.__name__}.{name}")

    def __dir__(self) -> list[str]:
        names = {each for each, present in self._renamed.items() if any(True for _ in _looked_up(present))}
        for source in self._sources:
            owner = source()
            names.update(getattr(owner, "__all__", None) or (each for each in dir(owner) if each[0] != "_"))
        return sorted(names)


def _looked_up(name: str) -> Iterator[Any]:
    """The object that lies at `area.name` in kerastorch, if it is there."""
    area, _, last = name.rpartition(".")
    owner = importlib.import_module(f"kerastorch.{area}")
    if hasattr(owner, last):
        yield getattr(owner, last)


@functools.cache
def _moved(name: str) -> MovedModule:
    real = _real_module(f"kerastorch{name.removeprefix('keras')}") if name.startswith("keras.") else None
    sources: list[Callable[[], Any]] = [functools.partial(resolve, source) for source in MOVED.get(name, ())]
    # kerastorch's own module of that name, such as `kerastorch.layers.core`, keeps what lies in it within reach.
    return MovedModule(name, [*sources, lambda: real], RENAMED.get(name.removeprefix("keras."), {}))


def resolve(name: str) -> ModuleType | None:
    """Returns the module that stands for a name, or None where there is none.

    Args:
        name: a dotted name of Keras or TensorFlow, in any spelling.

    Example:
        >>> resolve("tf_keras.layers").__name__
        'kerastorch.layers'
        >>> resolve("keras.utils.np_utils").to_categorical([1]).tolist()
        [[0.0, 1.0]]
    """
    whole = canonical(name)
    if whole in HOMES:
        return importlib.import_module(HOMES[whole])
    if whole in MOVED:
        return _moved(whole)
    found = _below(whole)
    if found is None and (is_on_the_way(name) or is_on_the_way(whole)):
        return _moved(whole)
    return found


def _below(name: str) -> ModuleType | None:
    """The module that is an attribute of the one above it, or a file beside it."""
    above, _, last = name.rpartition(".")
    owner = resolve(above)
    if owner is None or last.startswith("_") or not _is_public(above, last, owner):
        return None
    try:
        value = getattr(owner, last)
    except AttributeError:
        return _real_module(f"{_home(above)}.{last}")
    if isinstance(value, SimpleNamespace):
        return MovedModule(name, [lambda: value], {})
    return value if isinstance(value, ModuleType) else None


def _is_public(above: str, last: str, owner: ModuleType) -> bool:
    """Whether it is a name of Keras or TensorFlow, and not one of the folders that kerastorch is made of."""
    if above == "keras":
        return last in AREAS or last in importlib.import_module("kerastorch").__all__
    return above != "tensorflow" or last in owner.__all__


def _home(name: str) -> str:
    """The module of kerastorch for a name in the spelling of `canonical`."""
    if name.partition(".")[0] == "keras":
        return f"kerastorch{name.removeprefix('keras')}"
    return f"{HOMES['tensorflow']}{name.removeprefix('tensorflow')}"


def _real_module(name: str) -> ModuleType | None:
    """A module of kerastorch, or None if there is no such file."""
    folder = getattr(sys.modules.get(name.rpartition(".")[0]), "__path__", None)
    if folder is None or importlib.machinery.PathFinder.find_spec(name, folder) is None:
        return None
    return importlib.import_module(name)


def absence(name: str) -> str:
    """Returns what to say about a name that is not there, with what to use in its place where that is known.

    Args:
        name: the whole name, in any spelling.

    Example:
        >>> absence("keras.layers.core.Dens")
        "kerastorch has no `keras.layers.core.Dens`. Did you mean 'Dense'?"
    """
    whole = canonical(name)
    above, _, last = whole.rpartition(".")
    if above == "keras" and last in AREAS:
        return f"kerastorch has no `{whole}` yet."
    owner = resolve(above)
    if owner is None:
        return absence(above)
    hints = importlib.import_module("kerastorch.compat.tensorflow.absent")
    known = [each for each in dir(owner) if not each.startswith("_")]
    hint = hints.instead(whole.replace("tensorflow", "tf", 1)) or did_you_mean(last, known).strip()
    return f"kerastorch has no `{whole}`. {hint}".rstrip()


def missing(name: str) -> MissingModuleError:
    """Returns the error for the import of a name that is not there.

    Args:
        name: the whole name as it was imported.

    Example:
        >>> str(missing("tensorflow.lite"))
        'kerastorch has no `tensorflow.lite`. Export with `torch.export.export(model, args)`, or `torch.onnx.export`.'
    """
    whole = canonical(name)
    # `from module import name` keeps an error to itself, and tells less, if it names the module that was looked for.
    return MissingModuleError(absence(name), name=_home(whole) if whole == name else whole)
