"""Unpacking tar and zip archives from strangers: files and folders only, and nothing outside the target."""

from __future__ import annotations

import gzip
import lzma
import os
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from kerastorch.errors import InvalidArgumentError, UnsafeArchiveError

_DRIVE = re.compile(r"^[A-Za-z]:")
_DAMAGE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression that is not known
    RuntimeError,  # a password
)
_IN_THE_WAY = (FileExistsError, NotADirectoryError, IsADirectoryError)
_LONGEST_NAME = 255  # bytes, of a file or folder
_LONGEST_HEADER = 1 << 20  # bytes, of the names and other facts that do not fit into the usual header
_HEADERS = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)
_LARGE = 1 << 30  # bytes; archives that unpack to less are never taken for bombs
_RATIO = 200  # how many times its own size an archive may unpack to


@dataclass(frozen=True)
class Member:
    """A file or folder of an archive.

    Args:
        name: its name in the archive.
        size: of the file, in bytes; None for a folder.
        open: opens the file.
    """

    name: str
    size: int | None
    open: Callable[[], IO[bytes] | None]


def extract(archive: Path, folder: Path, formats: Any = "auto") -> None:
    """Unpacks an archive. All members are checked before the first one is written, and appear when all are written.

    Args:
        archive: a tar (plain, gzip, bzip2, xz) or zip file.
        folder: where the members go; files of the same names are replaced.
        formats: `"tar"`, `"zip"`, a list of them, or `"auto"` for both.

    Raises:
        InvalidArgumentError: when the file is no such archive.
        UnsafeArchiveError: when a member is neither file nor folder or lies outside, the archive is damaged or a bomb,
            or there is no room for it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     with zipfile.ZipFile(f"{home}/a.zip", "w") as file:
        ...         file.writestr("deep/b.txt", "text")
        ...     extract(Path(home, "a.zip"), Path(home, "a"))
        ...     Path(home, "a", "deep", "b.txt").read_text()
        'text'
    """
    wanted = _wanted(formats)
    try:
        if "tar" in wanted and _is_tar(archive):
            with tarfile.open(archive, tarinfo=_Info) as tar:
                _unpack([_tar_member(tar, info) for info in tar.getmembers()], folder, archive)
        elif "zip" in wanted and zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                _unpack([_zip_member(zipped, info) for info in zipped.infolist()], folder, archive)
        else:
            raise InvalidArgumentError(
                f"{archive} cannot be extracted: it is no archive of the formats {wanted}."
            )
    except _DAMAGE as error:
        raise UnsafeArchiveError(f"{archive} is damaged or protected: {error}") from error
    except _IN_THE_WAY as error:
        raise UnsafeArchiveError(
            f"{archive} does not fit what is in {folder}, a file where it has a folder or the other way round: {error}"
        ) from error


def _is_tar(archive: Path) -> bool:
    try:
        tarfile.open(archive, tarinfo=_Info).close()
    except tarfile.ReadError:
        return False
    return True


class _Info(tarfile.TarInfo):
    """A member of a tar archive; long names, which stand before it in a member of their own, are bounded."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: Any, errors: Any) -> _Info:
        """Returns what a header tells."""
        info = super().frombuf(buf, encoding, errors)
        if info.size > _LONGEST_HEADER and info.type in _HEADERS:
            raise tarfile.HeaderError(f"a header of {info.size} bytes")
        return info


def _wanted(formats: Any) -> list[str]:
    wanted = (
        ["tar", "zip"]
        if formats == "auto"
        else [formats]
        if isinstance(formats, str)
        else list(formats or [])
    )
    unknown = [name for name in wanted if name not in ("tar", "zip")]
    if unknown:
        raise InvalidArgumentError(
            f"`archive_format` must be 'auto', 'tar', 'zip' or a list. Received: {formats!r}."
        )
    return wanted


def _tar_member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    if info.isdir():
        return Member(info.name, None, lambda: None)
    if not info.isreg() or info.mode & (stat.S_ISUID | stat.S_ISGID):
        raise _unsafe(info.name, "a link, a device or a program with special rights")
    return Member(info.name, info.size, lambda: tar.extractfile(info))


def _zip_member(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    if info.is_dir():
        return Member(info.filename, None, lambda: None)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or (info.external_attr >> 16) & (stat.S_ISUID | stat.S_ISGID):
        raise _unsafe(info.filename, "a link, a device or a program with special rights")
    return Member(info.filename, info.file_size, lambda: _opened(zipped, info))


def _opened(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    try:
        return zipped.open(info)
    except OSError as error:
        raise zipfile.BadZipFile(
            f"{info.filename!r} does not lie where the directory says: {error}"
        ) from error


def _unsafe(name: str, what: str) -> UnsafeArchiveError:
    return UnsafeArchiveError(f"The archive holds {name!r}, {what}. Nothing was extracted.")


def _unpack(members: list[Member], folder: Path, archive: Path) -> None:
    places = [_place(member.name) for member in members]
    _check_folders(members, places)
    size = sum(member.size or 0 for member in members)
    if size > max(_LARGE, _RATIO * archive.stat().st_size):
        raise UnsafeArchiveError(
            f"{archive} would unpack to {size} bytes, more than {_RATIO} times its own size. Nothing was extracted."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    _check_room(size, folder.parent)
    fresh = folder.with_name(f"{folder.name}.{uuid4().hex}.partial")
    try:
        fresh.mkdir()
        for member, place in zip(members, places, strict=True):
            _write(member, fresh.joinpath(*place))
        _move(fresh, folder, members, places)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _move(fresh: Path, folder: Path, members: list[Member], places: list[tuple[str, ...]]) -> None:
    """Gives a folder its name; where there is one of that name, its files go into that."""
    try:
        os.rename(fresh, folder)
    except OSError:
        root = folder.resolve()
        for member, place in zip(members, places, strict=True):
            _move_member(member, fresh.joinpath(*place), root.joinpath(*place), root)


def _move_member(member: Member, source: Path, path: Path, root: Path) -> None:
    """Replaces a file or makes a folder, which a link that was there before must not lead elsewhere."""
    parent = path if member.size is None else path.parent
    if not parent.resolve().is_relative_to(root):
        raise _unsafe(member.name, f"and a link in {root} leads elsewhere")
    parent.mkdir(parents=True, exist_ok=True)
    if member.size is not None and source.exists():  # a name may stand twice in an archive
        os.replace(source, path)


def _place(name: str) -> tuple[str, ...]:
    """The parts of the name of a member."""
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or _DRIVE.match(name) or "\\" in name or "\0" in name or ".." in parts:
        raise _unsafe(name, "which does not lie inside the folder of the archive")
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
        raise _unsafe(f"{name[:50]}...", "a name that is too long")
    return parts


def _check_folders(members: list[Member], places: list[tuple[str, ...]]) -> None:
    files = {place for member, place in zip(members, places, strict=True) if member.size is not None}
    for member, place in zip(members, places, strict=True):
        folders = [place[:depth] for depth in range(1, len(place) + (member.size is None))]
        if not files.isdisjoint(folders) or () in files:
            raise _unsafe(member.name, "and a file where that needs a folder")


def _check_room(size: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise UnsafeArchiveError(
            f"The archive holds {size} bytes, and {folder} has room for {free}. Nothing was extracted."
        )


def _write(member: Member, path: Path) -> None:
    """Writes a file or makes a folder in a new place."""
    parent = path if member.size is None else path.parent
    parent.mkdir(parents=True, exist_ok=True)
    source = member.open()
    if source is not None:
        with source, path.open("wb") as file:
            shutil.copyfileobj(source, file)
