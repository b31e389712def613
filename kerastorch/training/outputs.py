"""The outputs of a model by name and place, and compile arguments and targets spread over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kerastorch import tree
from kerastorch.errors import did_you_mean

Path = tuple


def at(structure: Any, path: Path) -> Any:
    """Returns what lies at a path of keys and indices in a nested structure."""
    for key in path:
        structure = structure[key]
    return structure


class Outputs:
    """The outputs of a model, flat.

    Args:
        y_pred: the nested outputs, or a structure like them.
        names: the model's own names for the flat outputs; None makes names from the structure.

    Attributes:
        names: the name of each output.
        paths: where each lies in the nested outputs.
    """

    def __init__(self, y_pred: Any, names: list[str] | None = None) -> None:
        pairs = tree.flatten_with_path(y_pred)
        self.paths: list[Path] = [path for path, _ in pairs]
        given = names if names and len(names) == len(pairs) else None
        if isinstance(y_pred, dict) or given is None:
            self.names = [_name(path) for path in self.paths]
        else:
            self.names = list(given)
        self.structure = tree.map_structure(lambda _: None, y_pred)
        if isinstance(y_pred, dict) and given and set(given) == set(self.names):
            order = [self.names.index(name) for name in given]  # the model's own order
            self.names, self.paths = list(given), [self.paths[i] for i in order]

    def __len__(self) -> int:
        return len(self.names)

    def spread(self, value: Any, what: str, faults: list[str], leaf: Callable[[Any], bool]) -> list[Any]:
        """Returns one value for each output, None where it has none.

        Args:
            value: the user's argument: one value for all outputs, a list in their order, a dictionary by name, or a
                structure like the outputs.
            what: the argument's name.
            faults: texts of what is wrong are appended here.
            leaf: whether a value belongs to one output, although it is a list.
        """
        if value is None:
            return [None] * len(self)
        if leaf(value):
            return [value] * len(self)
        if isinstance(value, dict):
            return self._by_name(value, what, faults, leaf)
        if len(value) == len(self) and all(v is None or leaf(v) for v in value):
            return list(value)
        if isinstance(self.structure, (list, tuple)) and len(value) == len(self.structure):
            return self._nested(value, what, faults, leaf)
        faults.append(
            f"`{what}` is a list of {len(value)}, but the model has {len(self)} output(s): {self.names}. Expected one "
            f"entry for each output, or a dictionary by name. Received: {what}={value!r}."
        )
        return [None] * len(self)

    def _by_name(self, value: dict, what: str, faults: list[str], leaf: Callable) -> list[Any]:
        if isinstance(self.structure, dict) and set(value) <= set(self.structure):
            return self._nested(value, what, faults, leaf)
        for key in value:
            if key not in self.names:
                known = sorted(map(str, self.names))
                faults.append(
                    f"`{what}` has the key {key!r}, which is no output of the model. Expected keys {known}."
                    f"{did_you_mean(str(key), known)}"
                )
        return [value.get(name) for name in self.names]

    def _nested(self, value: Any, what: str, faults: list[str], leaf: Callable) -> list[Any]:
        found = []
        for path, name in zip(self.paths, self.names, strict=True):
            here = value
            for key in path:
                if here is None or leaf(here):
                    break
                if isinstance(here, dict):
                    here = here.get(key)
                elif isinstance(key, int) and key < len(here):
                    here = here[key]
                else:
                    faults.append(f"`{what}` has no entry for output {name!r}. Received: {what}={value!r}.")
                    here = None
            found.append(here)
        return found

    def locate(self, y: Any, needed: list[bool], what: str, faults: list[str]) -> list[Path | None]:
        """Returns where the targets of each output lie in the nested targets, None for outputs that need none.

        Args:
            y: the targets as the user gave them.
            needed: whether each output has a loss or metric.
            what: `"y"` or `"sample_weight"`, for the error.
            faults: texts of what is wrong are appended here.
        """
        wanted = [i for i, need in enumerate(needed) if need]
        if not tree.is_nested(y):
            if len(wanted) > 1:
                faults.append(
                    f"`{what}` is one array, but the model has {len(wanted)} outputs that need targets: "
                    f"{[self.names[i] for i in wanted]}. Expected a list, or a dictionary by name."
                )
            return [() if need else None for need in needed]
        if isinstance(y, dict):
            return [self._key(y, i, what, faults) if need else None for i, need in enumerate(needed)]
        if len(self) == 1:
            leaves = tree.flatten_with_path(y)
            if len(leaves) != 1:
                faults.append(
                    f"`{what}` holds {len(leaves)} arrays, but the model has one output, {self.names[0]!r}."
                )
            return [leaves[0][0]] if leaves else [None]
        if len(y) == len(self) and not any(tree.is_nested(v) for v in y):
            return [(i,) if need else None for i, need in enumerate(needed)]
        if len(y) == len(wanted) and not any(tree.is_nested(v) for v in y):
            return [(wanted.index(i),) if need else None for i, need in enumerate(needed)]
        if len(y) == len(self.structure) and _has_places(y, [self.paths[i] for i in wanted]):
            return [self.paths[i] if need else None for i, need in enumerate(needed)]
        faults.append(
            f"`{what}` is a list of {len(y)}, but the model has {len(self)} output(s): {self.names}. Expected one "
            "array for each output, or a dictionary by name."
        )
        return [None] * len(self)

    def _key(self, y: dict, index: int, what: str, faults: list[str]) -> Path | None:
        name, path = self.names[index], self.paths[index]
        if name in y and not tree.is_nested(y[name]):
            return (name,)
        if _has_places(y, [path]) and path:
            return path
        if len(self) == 1 and len(y) == 1:
            return tree.flatten_with_path(y)[0][0]
        faults.append(
            f"`{what}` has no entry for output {name!r}. Received keys: {sorted(map(str, y))}; expected: {self.names}."
            f"{did_you_mean(name, map(str, y))}"
        )
        return None


def _name(path: Path) -> str:
    return "_".join(str(key) if isinstance(key, str) else f"output_{key + 1}" for key in path) or "output"


def _has_places(structure: Any, paths: list[Path]) -> bool:
    try:
        return all(not tree.is_nested(at(structure, path)) for path in paths)
    except (KeyError, IndexError, TypeError):
        return False
