"""`get_file`: files from the web, kept in a cache."""

from __future__ import annotations

import os
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kerastorch.callbacks.screen import print_line
from kerastorch.errors import DownloadError, HashMismatchError, InvalidArgumentError
from kerastorch.utils.downloads import download, hash_of
from kerastorch.utils.extraction import extract as unpack


def get_file(
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """Returns the path of a file from the web in a cache, fetched when it is not there yet.

    Give `file_hash` whenever it is known: without it, whoever controls the address or the way to it controls the file.

    Args:
        fname: the name of the file in the cache. Default: None, the last part of `origin`.
        origin: the address, `http:`, `https:` or `file:`.
        untar: an older way to write `extract=True, archive_format="tar"`. Default: False.
        md5_hash: an older way to write `file_hash`. Default: None.
        file_hash: the SHA-256 (or MD5) of the file, in hexadecimal digits. Default: None, anything is taken.
        cache_subdir: the folder in the cache. Default: `"datasets"`.
        hash_algorithm: `"sha256"`, `"md5"`, or `"auto"` by the length of the hash. Default: `"auto"`.
        extract: whether the file is an archive to unpack, each time that it is asked for. Default: False.
        archive_format: `"tar"`, `"zip"`, a list of them, or `"auto"` for both. Default: `"auto"`.
        cache_dir: the cache. Default: None, the environment variable `KERAS_HOME`, else `~/.keras`.
        force_download: whether to fetch a file that is there again. Default: False.

    Returns:
        The path of the file; of the folder with its members for an archive that was unpacked.

    Raises:
        InvalidArgumentError: when there is no origin, a name means nothing, or the file is no archive.
        DownloadError: when the file cannot be fetched; the cache is as it was.
        HashMismatchError: when the file is another one.
        UnsafeArchiveError: when an archive would write outside its folder; nothing is unpacked.

    Example:
        >>> get_file("data", origin="ftp://host/data", cache_dir=".")
        Traceback (most recent call last):
        kerastorch.errors.InvalidArgumentError: Only http:, https: and file: addresses ... Received: ftp://host/data.

    Source: keras.utils.get_file
    """
    if origin is None:
        raise InvalidArgumentError("`get_file` needs `origin`, the address of the file.")
    if file_hash is None and md5_hash is not None:
        file_hash, hash_algorithm = md5_hash, "md5"
    extract = extract or untar
    folder = _cache(cache_dir) / cache_subdir
    file, unpacked = _names(fname, origin, extract)
    path = folder / file
    check = _Check(path, file_hash, hash_algorithm)
    fetch = force_download or not path.exists() or check.outdated()
    if fetch:
        folder.mkdir(parents=True, exist_ok=True)
        check.fetch(origin)
    if not extract:
        return str(path)
    try:
        unpack(path, folder / unpacked, "tar" if untar else archive_format)
    except (InvalidArgumentError, OSError):
        if fetch:
            path.unlink(missing_ok=True)
        raise
    return str(folder / unpacked)


@dataclass
class _Check:
    """A file of the cache and what it must be."""

    path: Path
    file_hash: str | None
    algorithm: str
    found: str | None = None  # the hash of a file that is there and must be fetched anew

    def outdated(self) -> bool:
        """Whether the file that is there is not the one that is wanted, of which a line tells."""
        if self.file_hash is None:
            return False
        found = hash_of(self.path, self.algorithm, self.file_hash)
        if found == self.file_hash.lower():
            return False
        self.found = found
        print_line(
            f"A local file was found, but it is incomplete or outdated: its hash is {found} instead of "
            f"{self.file_hash}. It is downloaded again."
        )
        return True

    def fetch(self, origin: str) -> None:
        try:
            download(origin, self.path, self.file_hash, self.algorithm)
        except DownloadError as error:
            if self.found is None:
                raise
            raise HashMismatchError(
                f"{self.path} is not the file that is wanted: expected the hash {self.file_hash}, received "
                f"{self.found}; and it could not be fetched again: {error}"
            ) from error


def _cache(cache_dir: Any) -> Path:
    """The folder of the cache; one for temporary files, after a warning, where nothing can be written."""
    chosen = cache_dir or os.environ.get("KERAS_HOME") or os.path.join("~", ".keras")
    cache = Path(os.fspath(chosen)).expanduser()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        writable = os.access(cache, os.W_OK)
    except OSError:
        writable = False
    if writable:
        return cache
    other = Path(tempfile.gettempdir(), ".keras")
    warnings.warn(f"Nothing can be written to {cache}: files are kept in {other}.", stacklevel=3)
    return other


def _names(fname: Any, origin: str, extract: bool) -> tuple[str, str]:
    """The names of the file and, for an archive, of the folder of its members."""
    name = os.fspath(fname) if fname else os.path.basename(urlsplit(origin).path)
    if os.sep in name or "/" in name or "\0" in name or name in (".", ".."):
        raise InvalidArgumentError(
            f"`fname` must be a name without folders; those are `cache_dir` and `cache_subdir`. Received: {name!r}."
        )
    if not name:
        raise InvalidArgumentError(f"The address {origin!r} ends in no name of a file. Set `fname`.")
    if not extract:
        return name, ""
    if fname and "." in name:
        return name, f"{name.partition('.')[0]}_extracted"
    return f"{name}_archive", name
