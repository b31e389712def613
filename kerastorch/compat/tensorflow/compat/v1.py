"""`tf.compat.v1`: what of TensorFlow 1 has a meaning without graphs and sessions, and else the names of `tf`."""

from __future__ import annotations

import contextlib
import importlib
import logging as python_logging
import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import torch

from kerastorch.compat.tensorflow import config
from kerastorch.compat.tensorflow.absent import missing
from kerastorch.compat.tensorflow.compat.optimizers import (
    AdagradOptimizer,
    AdamOptimizer,
    GradientDescentOptimizer,
    MomentumOptimizer,
    RMSPropOptimizer,
)
from kerastorch.compat.tensorflow.functions import executing_eagerly
from kerastorch.compat.tensorflow.placement import device
from kerastorch.compat.tensorflow.test import gpu_device_name, is_gpu_available
from kerastorch.compat.tensorflow.variables import Variable
from kerastorch.core.context import name_scope
from kerastorch.core.seeds import set_random_seed
from kerastorch.naming import reset_names

_logger = python_logging.getLogger("kerastorch")


def get_logger() -> python_logging.Logger:
    """Returns the logger of kerastorch.

    Example:
        >>> get_logger().name
        'kerastorch'
    """
    return _logger


def _set_verbosity(v: Any) -> None:
    """Sets which messages the logger passes on; takes numbers and names."""
    _logger.setLevel(v)


logging = SimpleNamespace(
    DEBUG=python_logging.DEBUG,
    ERROR=python_logging.ERROR,
    FATAL=python_logging.FATAL,
    INFO=python_logging.INFO,
    WARN=python_logging.WARNING,
    debug=_logger.debug,
    error=_logger.error,
    fatal=_logger.critical,
    get_verbosity=_logger.getEffectiveLevel,
    info=_logger.info,
    log=_logger.log,
    set_verbosity=_set_verbosity,
    warn=_logger.warning,
    warning=_logger.warning,
)


def disable_eager_execution() -> None:
    """Warns that everything runs eagerly all the same.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     disable_eager_execution()
    """
    warnings.warn(
        "`disable_eager_execution` has no effect: there are no graphs and sessions, everything runs eagerly.",
        stacklevel=2,
    )


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Does nothing: everything runs eagerly.

    Args:
        config: has no effect.
        device_policy: has no effect.
        execution_mode: has no effect.

    Example:
        >>> enable_eager_execution()
    """


def disable_v2_behavior() -> None:
    """Warns that everything runs as in TensorFlow 2 all the same.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore")
        ...     disable_v2_behavior()
    """
    warnings.warn(
        "`disable_v2_behavior` has no effect: there are no graphs and sessions, everything runs eagerly.",
        stacklevel=2,
    )


def enable_v2_behavior() -> None:
    """Does nothing: everything runs as in TensorFlow 2.

    Example:
        >>> enable_v2_behavior()
    """


enable_resource_variables = disable_resource_variables = enable_v2_behavior


def reset_default_graph() -> None:
    """Lets the names of layers begin anew; there is no graph to reset.

    Example:
        >>> reset_default_graph()
    """
    reset_names()


class _Initialized:
    """What `global_variables_initializer` returns: variables have their values when they are made."""

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Does nothing.

        Args:
            feed_dict: has no effect.
            session: has no effect.
        """


def global_variables_initializer() -> _Initialized:
    """Returns an object without effect: variables have their values when they are made.

    Example:
        >>> global_variables_initializer().run()
    """
    return _Initialized()


local_variables_initializer = tables_initializer = initialize_all_variables = global_variables_initializer


class GPUOptions(SimpleNamespace):
    """Settings of GPUs for `ConfigProto`, of which `per_process_gpu_memory_fraction` has an effect.

    Args:
        **kwargs: the settings.

    Example:
        >>> GPUOptions(allow_growth=True).allow_growth
        True

    Source: `tf.compat.v1.GPUOptions`
    """

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "per_process_gpu_memory_fraction" and torch.cuda.is_available():
            torch.cuda.set_per_process_memory_fraction(value)


class ConfigProto(SimpleNamespace):
    """Settings of a session, of which those of `gpu_options` and `intra_op_parallelism_threads` have an effect.

    Args:
        gpu_options: settings of GPUs. Default: none.
        intra_op_parallelism_threads: number of threads of one operation. Default: torch's.
        **kwargs: settings without effect.

    Example:
        >>> settings = ConfigProto(allow_soft_placement=True)
        >>> settings.gpu_options.allow_growth = True

    Source: `tf.compat.v1.ConfigProto`
    """

    def __init__(self, gpu_options: Any = None, intra_op_parallelism_threads: int = 0, **kwargs: Any) -> None:
        super().__init__(gpu_options=gpu_options or GPUOptions(), **kwargs)
        config.threading.set_intra_op_parallelism_threads(intra_op_parallelism_threads)


@contextlib.contextmanager
def variable_scope(name_or_scope: Any, default_name: str | None = None, **kwargs: Any) -> Iterator[str]:
    """A block in which variables get a name before theirs; none are shared by name.

    Args:
        name_or_scope: the name.
        default_name: the name where that is None.
        **kwargs: settings without effect here; `reuse` is named in a warning.

    Returns:
        A context manager that gives the name.

    Example:
        >>> with variable_scope("encoder"):
        ...     print(Variable(1.0, name="w").path)
        encoder/w

    Source: `tf.compat.v1.variable_scope`
    """
    if kwargs.get("reuse"):
        warnings.warn(
            "`variable_scope(reuse=...)` shares no variables here: keep a layer and call it twice.",
            stacklevel=3,
        )
    name = name_or_scope or default_name or "scope"
    with name_scope(str(name)):
        yield str(name)


train = SimpleNamespace(
    AdagradOptimizer=AdagradOptimizer,
    AdamOptimizer=AdamOptimizer,
    GradientDescentOptimizer=GradientDescentOptimizer,
    MomentumOptimizer=MomentumOptimizer,
    RMSPropOptimizer=RMSPropOptimizer,
)
test = SimpleNamespace(gpu_device_name=gpu_device_name, is_gpu_available=is_gpu_available)

__all__ = [
    "ConfigProto",
    "GPUOptions",
    "Variable",
    "config",
    "device",
    "disable_eager_execution",
    "disable_v2_behavior",
    "enable_eager_execution",
    "enable_v2_behavior",
    "executing_eagerly",
    "get_logger",
    "global_variables_initializer",
    "local_variables_initializer",
    "logging",
    "name_scope",
    "reset_default_graph",
    "set_random_seed",
    "tables_initializer",
    "test",
    "train",
    "variable_scope",
]


def __getattr__(name: str) -> Any:
    # What has not changed since TensorFlow 1 is that of `tf`, which imports this file.
    whole = vars(importlib.import_module("kerastorch.compat.tensorflow"))
    if name in whole and not name.startswith("_"):
        return whole[name]
    raise missing("tf.compat.v1", name)
