"""Reading files that hold pickled arrays without running what a pickle may say."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import IO, Any

import numpy as np

from kerastorch.errors import CorruptModelError, UnsafeModelError

_REBUILD = np.empty(0).__reduce__()[0]  # what NumPy makes the arrays of a pickle with
_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _REBUILD,
    ("numpy._core.multiarray", "_reconstruct"): _REBUILD,
}
_HEADERS = {
    1: np.lib.format.read_array_header_1_0,
    2: np.lib.format.read_array_header_2_0,
    3: np.lib.format.read_array_header_2_0,  # differs in the encoding of text that is not read here
}


class ArrayUnpickler(pickle.Unpickler):
    """An unpickler of arrays, lists, dictionaries, numbers and text, and of nothing else.

    Args:
        file: an open binary file.
        encoding: of text that Python 2 wrote; `"bytes"` leaves it as it is. Default: `"ASCII"`.

    Raises:
        UnsafeModelError: by `load`, when anything else is asked for; it is not even looked up.

    Example:
        >>> ArrayUnpickler(io.BytesIO(pickle.dumps([np.arange(3)]))).load()
        [array([0, 1, 2])]
        >>> ArrayUnpickler(io.BytesIO(pickle.dumps(print))).load()
        Traceback (most recent call last):
        kerastorch.errors.UnsafeModelError: The file asks for builtins.print, ...
    """

    def __init__(self, file: IO[bytes], encoding: str = "ASCII") -> None:
        super().__init__(file, encoding=encoding)

    def find_class(self, module: str, name: str) -> Any:
        """Returns one of the few things that arrays are made with.

        Args:
            module: where it is.
            name: what it is called there.
        """
        if (module, name) not in _ALLOWED:
            raise UnsafeModelError(
                f"The file asks for {module}.{name}, which no array needs: it is damaged or tampered with. "
                "Delete it, so that it is fetched again."
            )
        return _ALLOWED[module, name]


def object_arrays(path: str) -> dict[str, np.ndarray]:
    """Returns the arrays of an `.npz` file, of which some hold lists.

    Args:
        path: the file.

    Raises:
        CorruptModelError: when a member is no array.
    """
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
        return {name.removesuffix(".npy"): _array(archive.read(name), name) for name in names}


def _array(content: bytes, name: str) -> np.ndarray:
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)[0]
    if version not in _HEADERS:
        raise CorruptModelError(f"{name} has a version of NumPy's format that is not known: {version}.")
    dtype = _HEADERS[version](file)[2]
    if dtype.hasobject:
        array = ArrayUnpickler(file).load()
    else:
        array = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise CorruptModelError(f"{name} holds no array, but {type(array).__name__}.")
    return array
