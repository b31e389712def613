"""`%load_ext kerastorch`: the cells of a notebook that say `keras` or `tensorflow` run on kerastorch."""

from __future__ import annotations

from typing import Any

from kerastorch.compat.redirect import install, uninstall


def load_ipython_extension(ipython: Any) -> None:
    """Redirects the names of Keras and TensorFlow, as `install` does; called by `%load_ext kerastorch`.

    Args:
        ipython: the running shell.

    Raises:
        AlreadyImportedError: if Keras or TensorFlow itself has been imported before.

    Example:
        >>> load_ipython_extension(get_ipython())  # doctest: +SKIP
    """
    install()


def unload_ipython_extension(ipython: Any) -> None:
    """Takes the redirection back, as `uninstall` does; called by `%unload_ext kerastorch`.

    Args:
        ipython: the running shell.

    Example:
        >>> unload_ipython_extension(None)
    """
    uninstall()
