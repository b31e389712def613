"""The errors that kerastorch raises, each also the builtin that Keras raises in its place.

KerasTorchError
├── InvalidArgumentError (ValueError)      an argument has a wrong value
│   ├── ArgumentTypeError (TypeError)       an argument has a wrong type
│   ├── ShapeError                         an array or tensor has a wrong shape
│   ├── AxisError (IndexError)              a tensor has no such axis, or no such place along it
│   ├── OperationError (RuntimeError)       torch refuses the tensors that a function was called with
│   ├── UnknownIdentifierError             a string names nothing that is registered
│   ├── GraphError                         inputs and outputs do not make a graph
│   ├── CompileError                       the arguments of `compile` do not fit the model
│   ├── DataError                          `fit`, `evaluate` or `predict` got data they cannot use
│   ├── UnknownNameError (KeyError)         a path or template asks for a name that there is none of
│   ├── NotBuiltError                      weights are asked for before they exist
│   │   └── NoVocabularyError (RuntimeError)   a lookup layer is called before it has a vocabulary
│   ├── NotCompiledError (RuntimeError)    training is asked for before `compile`
│   ├── CorruptModelError                  a file is damaged, or holds something else than a model or weights
│   ├── MissingFileError (FileNotFoundError)   there is no file to load
│   ├── FileInTheWayError (FileExistsError)    a file is there already and must not be replaced
│   ├── HashMismatchError                  a file is not the one that its hash tells of
│   ├── UnsafeArchiveError                 an archive would write outside its folder, or more than there is room for
│   └── SerializationError (TypeError)     an object cannot be written, or a config cannot be read
│       └── UnsafeModelError               a config names something that is not registered
├── UnknownArgumentError (TypeError, ValueError)   a keyword that the function does not take
├── MissingMethodError (NotImplementedError)   a class lacks a method that it must define
├── NotInitializedError (RuntimeError)         `super().__init__()` has not been called
├── GradientError (RuntimeError)           gradients are asked for that are not there any more
├── DownloadError (OSError)                a file cannot be fetched from its address
├── WorkerError (RuntimeError)             a worker process ended before its work was done
├── NonFiniteLossError (RuntimeError)       the loss is NaN or infinite, and training was to end then
├── ReadOnlyError (TypeError)              an attribute that cannot be set as things are
├── NoSharedRateError (AttributeError)      several optimizers in one have no learning rate in common
├── MissingDependencyError (ImportError)   an optional package is not installed
├── MissingModuleError (ModuleNotFoundError)   a module or name of Keras or TensorFlow is not there to import
└── AlreadyImportedError (ImportError)     Keras or TensorFlow itself is in use, and cannot be redirected any more
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class KerasTorchError(Exception):
    """The root of every error that kerastorch raises on purpose."""


class InvalidArgumentError(KerasTorchError, ValueError):
    """An argument has a value that cannot be used."""


class ArgumentTypeError(InvalidArgumentError, TypeError):
    """An argument has a value of a type that cannot be used."""


class ShapeError(InvalidArgumentError):
    """An array, a tensor or a shape does not fit the layer or loss it is given to."""


class AxisError(InvalidArgumentError, IndexError):
    """A function of `keras.ops` is asked for an axis, or a place along an axis, that the tensor does not have."""


class OperationError(InvalidArgumentError, RuntimeError):
    """torch refuses the tensors that a function of `keras.ops` was called with, such as for their shapes."""


class UnknownIdentifierError(InvalidArgumentError):
    """A string identifier names no registered class or function."""


class GraphError(InvalidArgumentError):
    """The inputs and outputs given to a functional model do not make a graph."""


class CompileError(InvalidArgumentError):
    """The arguments of `compile` do not fit each other or the outputs of the model.

    Args:
        text: the message.
        faults: the text of each fault alone.
    """

    def __init__(self, text: str, faults: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.faults = tuple(faults)


class DataError(InvalidArgumentError):
    """The data given to `fit`, `evaluate` or `predict` cannot be used."""


class UnknownNameError(InvalidArgumentError, KeyError):
    """A path, such as that of a `ModelCheckpoint`, asks for a name that nothing has."""

    __str__ = Exception.__str__  # that of `KeyError` shows the message as a literal


class NotBuiltError(InvalidArgumentError):
    """Weights are asked for before the layer or model has made them."""


class NoVocabularyError(NotBuiltError, RuntimeError):
    """A lookup layer is called, or asked for the shape of its output, before it has a vocabulary."""


class NotCompiledError(InvalidArgumentError, RuntimeError):
    """A training method was called before `compile` (Keras 3: ValueError; Keras 2 and the wrappers: RuntimeError)."""


class CorruptModelError(InvalidArgumentError):
    """A file is damaged, or holds something else than the model or the weights that it should hold."""


class MissingFileError(InvalidArgumentError, FileNotFoundError):
    """There is no file or folder of the name to load."""


class FileInTheWayError(InvalidArgumentError, FileExistsError):
    """A file or folder of the name to save to is there already, and must not be replaced."""


class HashMismatchError(InvalidArgumentError):
    """A file is not the one that its hash tells of: it is damaged, outdated or tampered with."""


class UnsafeArchiveError(InvalidArgumentError):
    """An archive would write outside its folder, make links, or fill up the disk; nothing of it is extracted."""


class SerializationError(InvalidArgumentError, TypeError):
    """An object cannot be written as a config, or a config cannot be read."""


class UnsafeModelError(SerializationError):
    """A config names a class or a function that is neither registered nor given."""


class UnknownArgumentError(KerasTorchError, TypeError, ValueError):
    """A keyword argument that the function or class does not take (Keras 2: TypeError, Keras 3: ValueError)."""


class MissingMethodError(KerasTorchError, NotImplementedError):
    """A subclass does not define a method that it must define, such as `call`."""


class NotInitializedError(KerasTorchError, RuntimeError):
    """A subclass sets attributes before it calls `super().__init__()`."""


class GradientError(KerasTorchError, RuntimeError):
    """Gradients are asked for that cannot be computed, such as twice from a tape that gives them once."""


class DownloadError(KerasTorchError, OSError):
    """A file cannot be fetched from its address, or arrived only in part."""


class WorkerError(KerasTorchError, RuntimeError):
    """A worker process ended before its work was done, could not be started, or raised what cannot be sent."""


class NonFiniteLossError(KerasTorchError, RuntimeError):
    """The loss is NaN or infinite, and `TerminateOnNaN(raise_error=True)` ends the training."""


class ReadOnlyError(KerasTorchError, TypeError):
    """An attribute that cannot be set as things are, such as the rate of an optimizer that follows a schedule."""


class NoSharedRateError(KerasTorchError, AttributeError):
    """The learning rate of a `MultiOptimizer` is asked for, whose parts have one each."""


class MissingDependencyError(KerasTorchError, ImportError):
    """An optional package that the call needs is not installed."""


class MissingModuleError(KerasTorchError, ModuleNotFoundError):
    """A script imports a module or a name of Keras or TensorFlow that kerastorch does not have."""


class AlreadyImportedError(KerasTorchError, ImportError):
    """Keras or TensorFlow itself has been imported, and its names cannot mean kerastorch any more."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns `" Did you mean 'x'?"` for the nearest of `known`, or an empty string.

    Args:
        name: what was received.
        known: the names that would have been accepted.

    Example:
        >>> did_you_mean("adm", ["adam", "sgd"])
        " Did you mean 'adam'?"
    """
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""
