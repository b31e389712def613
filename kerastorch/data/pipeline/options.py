"""Settings of a whole pipeline."""

from __future__ import annotations

import warnings

_GROUPS = ("autotune", "experimental_distribute", "experimental_optimization", "threading")


class _Group:
    """Settings of TensorFlow's runtime, which are kept and have no meaning here."""


class Options:
    """Settings for `Dataset.with_options`; `deterministic` has a meaning, the others are TensorFlow's own.

    Example:
        >>> options = Options()
        >>> options.deterministic = False
        >>> options.deterministic
        False

    Source: `tf.data.Options`
    """

    def __init__(self) -> None:
        self.deterministic: bool | None = None
        for group in _GROUPS:
            setattr(self, group, _Group())

    @property
    def experimental_deterministic(self) -> bool | None:
        """The former name of `deterministic`."""
        return self.deterministic

    @experimental_deterministic.setter
    def experimental_deterministic(self, value: bool | None) -> None:
        self.deterministic = value

    def merge(self, options: Options) -> Options:
        """Returns options with what the others set, and otherwise what these set.

        Args:
            options: the others.
        """
        both = Options()
        for given in (self, options):
            for name, value in vars(given).items():
                if name in _GROUPS:
                    vars(getattr(both, name)).update(vars(value))
                elif value is not None:
                    setattr(both, name, value)
        return both

    def warn_of_others(self) -> None:
        """Names, in one warning, the settings that have no meaning here."""
        names = [f"{group}.{name}" for group in _GROUPS for name in vars(getattr(self, group))]
        names += [name for name in vars(self) if name not in (*_GROUPS, "deterministic")]
        if names:
            warnings.warn(
                f"Options of TensorFlow's runtime have no effect here: {', '.join(sorted(names))}.",
                stacklevel=3,
            )

    def __repr__(self) -> str:
        return f"Options(deterministic={self.deterministic})"
