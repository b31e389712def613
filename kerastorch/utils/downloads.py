"""Files from the web or of this machine: fetched whole or not at all."""

from __future__ import annotations

import hashlib
import os
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import url2pathname
from uuid import uuid4

from kerastorch.callbacks.bar import Progbar
from kerastorch.callbacks.screen import print_line
from kerastorch.errors import DownloadError, HashMismatchError, InvalidArgumentError

_BLOCK = 1 << 16  # bytes that are read at a time
_PATIENCE = 60  # seconds without an answer after which a download fails
_HANDLERS = (
    urllib.request.ProxyHandler,
    urllib.request.UnknownHandler,
    urllib.request.HTTPHandler,
    urllib.request.HTTPSHandler,
    urllib.request.HTTPDefaultErrorHandler,
    urllib.request.HTTPRedirectHandler,
    urllib.request.HTTPErrorProcessor,
)  # none for `file:` and `ftp:`, so that no redirect leads there


def download(origin: str, path: Path, file_hash: str | None, algorithm: str) -> None:
    """Fetches a file; it appears under its name only when it is whole and its hash fits.

    Args:
        origin: its address, `http:`, `https:` or `file:`; no address on the web leads to a file of this machine.
        path: where it goes.
        file_hash: what it must be; None takes anything.
        algorithm: `"sha256"`, `"md5"` or `"auto"`.

    Raises:
        InvalidArgumentError: for another kind of address.
        DownloadError: when it cannot be fetched.
        HashMismatchError: when it is another file.

    Example:
        >>> download("ftp://host/data", Path("data"), None, "auto")
        Traceback (most recent call last):
        kerastorch.errors.InvalidArgumentError: Only http:, https: and file: addresses ... Received: ftp://host/data.
    """
    address = urlsplit(origin)
    if address.scheme not in ("http", "https", "file") or (address.scheme == "file" and address.netloc):
        raise InvalidArgumentError(
            f"Only http:, https: and file: addresses (the latter without a host) can be downloaded. Received: {origin}."
        )
    print_line(f"Downloading data from {origin}")
    hasher = new_hasher(algorithm, file_hash)
    partial = path.with_name(f"{path.name}.{uuid4().hex}.partial")
    try:
        with partial.open("xb") as file:
            for block in _blocks_of_file(origin) if address.scheme == "file" else _blocks(origin):
                hasher.update(block)
                file.write(block)
        if file_hash is not None and hasher.hexdigest() != file_hash.lower():
            raise HashMismatchError(
                f"Incomplete or corrupted file from {origin}: not the one that is wanted. Expected the {hasher.name} "
                f"hash {file_hash}, received {hasher.hexdigest()}. Nothing was kept."
            )
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _blocks_of_file(origin: str) -> Iterator[bytes]:
    path = Path(url2pathname(urlsplit(origin).path))
    if path.exists() and not path.is_file():
        raise DownloadError(f"URL fetch failure on {origin}: that is no regular file.")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except OSError as error:
        raise DownloadError(f"URL fetch failure on {origin}: {error.strerror}.") from error


def _blocks(origin: str) -> Iterator[bytes]:
    """What an address answers, with a bar of the bytes received."""
    try:
        with _opener().open(origin, timeout=_PATIENCE) as answer:
            yield from _shown(answer, origin)
    except HTTPError as error:
        raise DownloadError(f"URL fetch failure on {origin}: {error.code} -- {error.msg}.") from error
    except URLError as error:
        raise DownloadError(f"URL fetch failure on {origin}: {error.reason}.") from error
    except DownloadError:
        raise
    except (HTTPException, OSError) as error:
        raise DownloadError(f"URL fetch failure on {origin}: {error!r}.") from error


def _opener() -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    for handler in _HANDLERS:
        opener.add_handler(handler())
    return opener


def _shown(answer: Any, origin: str) -> Iterator[bytes]:
    length = answer.headers.get("Content-Length")
    total = int(length) if length and length.isdigit() else None
    bar = Progbar(total)
    received = 0
    while block := answer.read(_BLOCK):
        received += len(block)
        bar.update(received)
        yield block
    bar.close()
    if total is not None and received != total:
        raise DownloadError(
            f"The download from {origin} broke off after {received} of {total} bytes. Nothing was kept; try again."
        )


def new_hasher(algorithm: str, file_hash: str | None) -> Any:
    """Returns what computes a hash of the given kind; `"auto"` tells it by its length.

    Args:
        algorithm: `"sha256"`, `"md5"` or `"auto"`.
        file_hash: the hash that is expected.

    Raises:
        InvalidArgumentError: for another algorithm.

    Example:
        >>> new_hasher("auto", "0" * 64).name, new_hasher("auto", "0" * 32).name
        ('sha256', 'md5')
    """
    if algorithm == "auto":
        algorithm = "md5" if file_hash is not None and len(file_hash) == 32 else "sha256"
    if algorithm not in ("sha256", "md5"):
        raise InvalidArgumentError(
            f"`hash_algorithm` must be 'auto', 'sha256' or 'md5'. Received: {algorithm!r}."
        )
    return hashlib.new(algorithm, usedforsecurity=algorithm != "md5")


def hash_of(path: Path, algorithm: str, file_hash: str | None) -> str:
    """Returns the hash of a file, in hexadecimal digits.

    Args:
        path: the file.
        algorithm: as in `new_hasher`.
        file_hash: the hash that is expected.
    """
    hasher = new_hasher(algorithm, file_hash)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            hasher.update(block)
    return str(hasher.hexdigest())
