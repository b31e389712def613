"""`Config`: named values that can be frozen."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

from kerastorch.errors import InvalidArgumentError, did_you_mean


class Config:
    """Named values, as attributes and as items, that can be frozen and written as JSON.

    Args:
        **kwargs: the first values.

    Raises:
        InvalidArgumentError: when a value is set or removed while the others are frozen.

    Example:
        >>> config = Config(rate=0.1)
        >>> config.seed = 3
        >>> config["seed"], config.to_json()
        (3, '{"rate": 0.1, "seed": 3}')

    Source: `keras.utils.Config`.
    """

    _config: dict[str, Any]
    _frozen: bool

    def __init__(self, **kwargs: Any) -> None:
        vars(self).update(_config=kwargs, _frozen=False)

    @property
    def frozen(self) -> bool:
        """Whether the values cannot change."""
        return self._frozen

    def freeze(self) -> None:
        """Keeps all values as they are."""
        vars(self)["_frozen"] = True

    def unfreeze(self) -> None:
        """Lets values change again."""
        vars(self)["_frozen"] = False

    def _open(self) -> dict[str, Any]:
        """The values, to be changed."""
        if self._frozen:
            raise InvalidArgumentError("Cannot mutate attribute(s) because the config is frozen.")
        return self._config

    def as_dict(self) -> dict[str, Any]:
        """Returns a dictionary of the values."""
        return dict(self._config)

    def to_json(self) -> str:
        """Returns the values as JSON."""
        return json.dumps(self._config)

    def keys(self) -> KeysView[str]:
        """Returns the names."""
        return self._config.keys()

    def values(self) -> ValuesView[Any]:
        """Returns the values."""
        return self._config.values()

    def items(self) -> ItemsView[str, Any]:
        """Returns names and values."""
        return self._config.items()

    def pop(self, *args: Any) -> Any:
        """Removes a value and returns it, as `dict.pop` does."""
        return self._open().pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Sets values, as `dict.update` does."""
        self._open().update(*args, **kwargs)

    def get(self, keyname: str, value: Any = None) -> Any:
        """Returns a value, or another one where there is none.

        Args:
            keyname: the name.
            value: what is returned otherwise.
        """
        return self._config.get(keyname, value)

    def __setattr__(self, name: str, value: Any) -> None:
        self._open()[name] = value

    def __getattr__(self, name: str) -> Any:
        values = vars(self).get("_config", {})
        if name in values:
            return values[name]
        raise AttributeError(f"Unknown attribute: {name!r}.{did_you_mean(name, values)}")

    def __setitem__(self, key: str, item: Any) -> None:
        self._open()[key] = item

    def __getitem__(self, key: str) -> Any:
        return self._config[key]

    def __delitem__(self, key: str) -> None:
        del self._open()[key]

    def __contains__(self, item: object) -> bool:
        return item in self._config

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._config))

    def __len__(self) -> int:
        return len(self._config)

    def __repr__(self) -> str:
        return f"<Config {self._config}>"
