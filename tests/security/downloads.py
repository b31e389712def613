"""Archives, data sets and answers of servers that `get_file` must not take (S13, S19, S21)."""

from __future__ import annotations

import contextlib
import io
import pickle
import stat
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import kerastorch
from kerastorch import datasets
from kerastorch.datasets import sources
from tests.security import web
from tests.security.archives import OUTSIDE, Command
from tests.security.guard import NETWORK, Case
from tests.utils.archives import NOISE, UNSAFE, special, tar_of, zip_of, zip_special, zip_with

# Archives (S13) -------------------------------------------------------------------------------------------------------

_NAMES = tuple(name for name in OUTSIDE if "\0" not in name and "//" not in name)


def _long_header(kind: bytes, size: int) -> bytes:
    """A tar archive that begins with a long name of zeros."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = kind, size
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz", compresslevel=1) as tar:
        tar.fileobj.write(info.tobuf(tarfile.GNU_FORMAT))  # type: ignore[union-attr]
        for _ in range(size >> 20):
            tar.fileobj.write(bytes(1 << 20))  # type: ignore[union-attr]
    return stream.getvalue()


def _second_damaged() -> bytes:
    """A zip archive whose second member has another checksum than the directory says."""
    content = bytearray(zip_of(("fine.txt", b"fine"), ("b", NOISE)))
    place = content.rindex(b"PK\x01\x02") + 16
    content[place : place + 4] = b"\1\2\3\4"
    return bytes(content)


ARCHIVES: dict[str, Callable[[], bytes]] = {
    **{f"tar {name!r}": lambda n=name: tar_of((n, b"x")) for name in _NAMES},
    **{f"zip {name!r}": lambda n=name: zip_of((n, b"x")) for name in _NAMES},
    **{name: lambda n=name: UNSAFE[n] for name in UNSAFE},
    "symbolic link": lambda: tar_of(special("sub", tarfile.SYMTYPE, ".."), ("sub/owned", b"x")),
    "hard link": lambda: tar_of(special("h", tarfile.LNKTYPE, "../canary"), ("h", b"changed")),
    "chain of links": lambda: tar_of(
        *[special(f"{'d' * 247}{i}", tarfile.SYMTYPE, "d" * 247) for i in range(16)], ("x/../../owned", b"x")
    ),
    "link in zip": lambda: zip_special("l", stat.S_IFLNK | 0o777, "../canary"),
    "second member": _second_damaged,
    "long name": lambda: _long_header(tarfile.GNUTYPE_LONGNAME, 1 << 30),
    "long facts": lambda: _long_header(tarfile.XHDTYPE, 1 << 30),
    "claimed length of a name": lambda: (
        special("n", tarfile.GNUTYPE_LONGNAME).tobuf()[:124]
        + b"77777777777\0"
        + special("n", tarfile.GNUTYPE_LONGNAME).tobuf()[136:]
    ),
    "bomb": lambda: zip_with(zip_of(("zeros", bytes(1 << 22))), "<I", 24, 0xF0000000),
    "no archive": lambda: NOISE,
}
PAGES: dict[str, Callable[[], bytes]] = {f"archive-{i}": made for i, made in enumerate(ARCHIVES.values())}


def _get(origin: str, **arguments: Any) -> None:
    kerastorch.utils.get_file("got", origin, cache_dir="cache", **arguments)


def _is_empty(folder: Path) -> str | None:
    left = [path.name for path in (folder / "cache" / "datasets").iterdir()]
    return f"the cache holds {left}" if left else None


def _of_file(made: Callable[[], bytes]) -> Callable[[Path], str]:
    def craft(folder: Path) -> str:
        (folder / "archive").write_bytes(made())
        return (folder / "archive").as_uri()

    return craft


def _unpack(origin: str) -> None:
    _get(origin, extract=True)


_UNPACKED = [
    case
    for place, (name, made) in enumerate(ARCHIVES.items())
    for case in (
        Case(f"S13 {name}, file", _of_file(made), _unpack, "ValueError", after=_is_empty),
        Case(
            f"S19 {name}, web",
            lambda folder, i=place: web.address(f"archive-{i}"),
            _unpack,
            "ValueError",
            NETWORK,
            _is_empty,
        ),
    )
]

# Answers of servers (S19) ---------------------------------------------------------------------------------------------

ANSWERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "wrong hash": ("file.txt", "HashMismatchError", {"file_hash": "0" * 64}),
    "wrong MD5": ("file.txt", "HashMismatchError", {"md5_hash": "0" * 32}),
    "wrong hash of an archive": ("data.zip", "HashMismatchError", {"file_hash": "0" * 64, "extract": True}),
    "cut off": ("short.bin", "DownloadError", {}),
    "chunks cut off": ("chunks-cut-off", "DownloadError", {}),
    "to a file": ("moved?file:///etc/passwd", "DownloadError", {}),
    "to a share": ("moved?file://127.0.0.1/x", "DownloadError", {}),
    "to FTP": ("moved?ftp://127.0.0.1/x", "DownloadError", {}),
    "to data": ("moved?data:text/plain,x", "DownloadError", {}),
    "in circles": ("circle", "DownloadError", {}),
    "nothing": ("nowhere", "DownloadError", {}),
}
_ANSWERED = [
    Case(
        f"S19 {name}",
        lambda folder, p=page: web.address(p),
        lambda origin, a=arguments: _get(origin, **a),
        error,
        NETWORK,
        _is_empty,
    )
    for name, (page, error, arguments) in ANSWERS.items()
]
_ORIGINS = (
    "ftp://127.0.0.1/x",
    "gopher://127.0.0.1/x",
    "data:text/plain,x",
    "file://127.0.0.1/x",
    "//127.0.0.1/x",
    "x",
)
_ANSWERED += [
    Case(f"S19 origin {origin}", lambda folder, o=origin: o, _get, "ValueError") for origin in _ORIGINS
]


def _get_named(name: str) -> None:
    kerastorch.utils.get_file(name, web.address("file.txt"), cache_dir="cache")


_ANSWERED += [
    Case(f"S19 name {name!r}", lambda folder, n=name: n, _get_named, "ValueError", NETWORK)
    for name in ("../x", "/abs", "a/b", "..", "a\0b")
]

# Data sets whose files in the cache are others (S21) ------------------------------------------------------------------


def _npz() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, x=np.array([Command()], dtype=object))
    return stream.getvalue()


_FILES: dict[str, tuple[Callable[[], Any], str, Callable[[], bytes]]] = {
    "mnist": (datasets.mnist.load_data, "mnist.npz", _npz),
    "boston_housing": (datasets.boston_housing.load_data, "boston_housing.npz", _npz),
    "california_housing": (datasets.california_housing.load_data, "california_housing.npz", _npz),
    "imdb": (datasets.imdb.load_data, "imdb.npz", _npz),
    "imdb words": (datasets.imdb.get_word_index, "imdb_word_index.json", lambda: b"{}"),
    "reuters": (datasets.reuters.load_data, "reuters.npz", _npz),
    "reuters words": (datasets.reuters.get_word_index, "reuters_word_index.json", lambda: b"{}"),
    "cifar10": (
        datasets.cifar10.load_data,
        "cifar-10-batches-py-target_archive",
        lambda: pickle.dumps(Command()),
    ),
    "cifar100": (
        datasets.cifar100.load_data,
        "cifar-100-python-target_archive",
        lambda: pickle.dumps(Command()),
    ),
    "fashion_mnist": (
        datasets.fashion_mnist.load_data,
        "fashion-mnist/train-labels-idx1-ubyte.gz",
        lambda: pickle.dumps(Command()),
    ),
}


def _cached(name: str, made: Callable[[], bytes]) -> Callable[[Path], None]:
    def craft(folder: Path) -> None:
        path = folder.with_name("home") / "datasets" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(made())

    return craft


def _with_sources_at(place: str, load: Callable[[], Any]) -> Callable[[Any], None]:
    """A data set whose files are fetched from this server; only the process of the case sees the change."""

    def act(_: Any) -> None:
        sources.PINNED = {
            web.address(f"{place}/{address.rpartition('/')[2]}"): digest
            for address, digest in sources.PINNED.items()
        }
        load()

    return act


_TAMPERED = [
    Case(
        f"S21 {name}, {place}",
        _cached(file, made),
        _with_sources_at(place, load),
        "HashMismatchError",
        NETWORK,
    )
    for name, (load, file, made) in _FILES.items()
    for place in ("gone", "others")
]
PAGES |= {f"others/{address.rpartition('/')[2]}": _npz for address in sources.PINNED}


def warm_up() -> None:
    """Fetches one file, and fails to fetch another."""
    with tempfile.TemporaryDirectory() as folder:
        kerastorch.utils.get_file("got", web.address("data.zip"), extract=True, cache_dir=folder)
        with contextlib.suppress(OSError):
            kerastorch.utils.get_file("gone", web.address("gone"), cache_dir=folder)


CASES = [*_UNPACKED, *_ANSWERED, *_TAMPERED]
