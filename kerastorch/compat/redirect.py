"""`install`: from then on `import keras` and `import tensorflow` mean kerastorch, in this process and its workers."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from kerastorch import config
from kerastorch.compat.redirect_modules import MovedModule, Uses, missing, resolve
from kerastorch.compat.redirect_names import KERAS_2, MOVED, ROOTS
from kerastorch.compat.redirect_workers import in_workers
from kerastorch.errors import AlreadyImportedError

# Says to tensorboard that it should do without TensorFlow.
_WITHOUT_TENSORFLOW = "tensorboard.compat.notf"


class Redirection:
    """What `install` puts in place, and takes back again.

    Args:
        dialect: `"keras"` or `"tf_keras"` for the whole process; None follows the imports.
        follow: whether imports may set the dialect.
    """

    def __init__(self, dialect: str | None = None, follow: bool = True) -> None:
        self.dialect = dialect
        self._follow = follow and dialect is None
        self._given = config.dialect()
        self._undo = contextlib.ExitStack()

    def start(self) -> None:
        """Puts the finders, the moved modules and the preparation of worker processes in place."""
        self._undo.callback(self._set_dialect, config.dialect())
        if self.dialect is not None:
            config.set_dialect(self.dialect)
            self._given = self.dialect
        for place, finder in (
            (0, Finder(self, ROOTS)),
            (len(sys.meta_path) + 1, Finder(self, ("kerastorch",))),
        ):
            sys.meta_path.insert(place, finder)
            self._undo.callback(sys.meta_path.remove, finder)
        for name in MOVED:
            self._attach(name)
        Uses.listener = self.used
        self._undo.callback(setattr, Uses, "listener", None)
        self._undo.enter_context(in_workers(self.dialect))

    def stop(self) -> None:
        """Takes all of it back."""
        self._undo.close()

    def imported(self, name: str, module: ModuleType) -> None:
        """Notes that a script has imported a module, by which it may tell its dialect.

        Args:
            name: the name that it imported.
            module: what that name stands for.
        """
        self._undo.callback(sys.modules.pop, name, None)
        if not hasattr(module, "__path__"):
            # What else could be imported from below it, such as `tensorflow.compat.v1`?
            self._set(module, "__path__", [])
        if self._follow and name == "keras":
            self._set_dialect("keras")
        elif self._follow and name in ("tensorflow", "tf_keras") and "keras" not in sys.modules:
            self._set_dialect("tf_keras")

    def used(self, name: str) -> None:
        """Notes that a script takes something from a moved module; one that only Keras 2 had tells the dialect.

        Args:
            name: the name of the module.
        """
        if self._follow and name in KERAS_2:
            self._set_dialect("tf_keras")

    def _set_dialect(self, dialect: str) -> None:
        """Sets the dialect, unless the script has chosen one by itself."""
        if config.dialect() == self._given:
            config.set_dialect(dialect)
            self._given = dialect

    def _attach(self, name: str) -> None:
        """Makes a moved module the attribute of the module above it: `keras.utils.np_utils`."""
        above, _, last = name.rpartition(".")
        owner = resolve(above)
        if owner is not None and not isinstance(owner, MovedModule):
            self._set(owner, last, resolve(name))

    def _set(self, owner: ModuleType, name: str, value: Any) -> None:
        if name in vars(owner):
            self._undo.callback(setattr, owner, name, vars(owner)[name])
        else:
            self._undo.callback(delattr, owner, name)
        setattr(owner, name, value)


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules of Keras and TensorFlow in kerastorch.

    One stands before all others, so that an installed Keras does not come first. Another stands behind them for
    submodules: `from keras.utils import np_utils` asks for `kerastorch.utils.np_utils`.

    Args:
        redirection: what to tell of imports.
        roots: the top-level packages whose modules it finds.
    """

    def __init__(self, redirection: Redirection, roots: Sequence[str]) -> None:
        self._redirection = redirection
        self._roots = roots

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Returns how to load a module, or None if it is none of Keras or TensorFlow.

        Args:
            fullname: its whole name.
            path: where its package looks for it.
            target: the module that is being reloaded.

        Raises:
            MissingModuleError: if kerastorch has no such module.
        """
        if fullname == _WITHOUT_TENSORFLOW and "keras" in self._roots:
            return _spec(fullname, Alias(ModuleType(fullname), self._redirection))
        if fullname.partition(".")[0] not in self._roots:
            return None
        module = resolve(fullname)
        if module is None:
            raise missing(fullname)
        return _spec(fullname, Alias(module, self._redirection))


class Alias(importlib.abc.Loader):
    """Gives a module one more name.

    Args:
        module: the module.
        redirection: what to tell that it was imported.
    """

    def __init__(self, module: ModuleType, redirection: Redirection) -> None:
        self.module = module
        self._redirection = redirection

    def exec_module(self, module: ModuleType) -> None:
        """Puts the real module in the place of the empty one that the import system has made.

        Args:
            module: the empty one.
        """
        sys.modules[module.__name__] = self.module
        self._redirection.imported(module.__name__, self.module)


def _spec(name: str, loader: Alias) -> importlib.machinery.ModuleSpec:
    origin = getattr(loader.module, "__file__", None)
    return importlib.machinery.ModuleSpec(name, loader, origin=origin, is_package=True)


class _Global:
    active: Redirection | None = None


def install(dialect: str | None = None) -> None:
    """Lets `keras`, `tensorflow`, `tf_keras` and what lies in them mean kerastorch, wherever they are imported.

    The names are those of every release: `tensorflow.keras.layers`, `keras.layers.core`, `keras.utils.np_utils`,
    `tensorflow.python.keras`. An installed Keras or TensorFlow is passed over. Worker processes that are started later
    do the same. Call it before the first such import; calling it again only sets the dialect.

    Without a dialect the imports tell it: `import keras` means `"keras"`, as in Keras 3. `tensorflow`, `tf_keras` and
    modules that only Keras 2 had, such as `keras.engine`, mean `"tf_keras"`. A script that has called
    `kerastorch.config.set_dialect` keeps what it chose.

    Args:
        dialect: `"keras"` or `"tf_keras"`; None takes that of the environment variable `KERASTORCH_DIALECT`, or else
            follows the imports.

    Raises:
        AlreadyImportedError: if Keras or TensorFlow itself has been imported before.
        InvalidArgumentError: if there is no such dialect.

    Example:
        >>> install()  # doctest: +SKIP
        >>> from tensorflow.keras import layers  # doctest: +SKIP
        >>> layers.Dense  # doctest: +SKIP
        <class 'kerastorch.layers.core.dense.Dense'>
    """
    chosen = dialect or os.environ.get("KERASTORCH_DIALECT") or None
    if _Global.active is not None:
        if dialect is None:
            return
        uninstall()
    for root in ROOTS:
        if root in sys.modules:
            where = getattr(sys.modules[root], "__file__", None) or "an unknown place"
            raise AlreadyImportedError(
                f"`{root}` has been imported already, from {where}, so it cannot mean kerastorch any more. Call "
                f"`kerastorch.install()` before the first import of {' or '.join(ROOTS)}; in a notebook, restart the "
                "kernel first.",
                name=root,
            )
    started = Redirection(chosen)
    try:
        started.start()
    except BaseException:
        started.stop()
        raise
    _Global.active = started


def uninstall() -> None:
    """Takes back what `install` did: later imports find an installed Keras or TensorFlow again, if there is one.

    Modules that were imported in between stay what they are. Without `install` before, nothing happens.

    Example:
        >>> uninstall()
    """
    if _Global.active is not None:
        active, _Global.active = _Global.active, None
        active.stop()


@contextlib.contextmanager
def redirected() -> Iterator[None]:
    """Redirects the names inside a `with` block only, also where Keras itself is in use; the dialect stays.

    Example:
        >>> with redirected():
        ...     import tf_keras
        >>> tf_keras.layers.__name__
        'kerastorch.layers'
    """
    if _Global.active is not None:
        yield
        return
    aside = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in ROOTS}
    _Global.active = Redirection(follow=False)
    try:
        _Global.active.start()
        yield
    finally:
        uninstall()
        sys.modules.update(aside)
