"""A first call or a build that fails leaves layers as they were: unbuilt, without weights and records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_TABLES = (dict, list, set)


class as_before_if_it_fails:
    """A block after which, if it failed, the attributes of modules are those from before it.

    Args:
        modules: the modules; their tables of weights, children and recorded calls are copied, not what is in them.
    """

    def __init__(self, modules: Iterable[Any]) -> None:
        self._saved = [(module, dict(vars(module)), _tables(vars(module))) for module in modules]

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None:
            return
        for module, attributes, tables in self._saved:
            vars(module).clear()
            vars(module).update(attributes)
            for table, copied in tables:
                table.clear()
                (table.extend if isinstance(table, list) else table.update)(copied)


def _tables(attributes: dict[str, Any]) -> list[tuple[Any, Any]]:
    return [(value, value.copy()) for value in attributes.values() if type(value) in _TABLES]
