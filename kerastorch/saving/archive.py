"""The members of a saved model in a zip archive, a folder or an open file."""

from __future__ import annotations

import contextlib
import io
import os
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from kerastorch.errors import CorruptModelError, UnsafeArchiveError
from kerastorch.saving.atomic import atomic_directory, atomic_file
from kerastorch.saving.checksums import checksum_of

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
Content = bytes | Callable[[BinaryIO], None]  # what a member holds, or what writes it
_HEADER = 30  # bytes before the name of a member
_FOREIGN = re.compile(
    r"^[A-Za-z]:|[\\\0]"
)  # drives, and what other systems take for the end of a folder or name
_OURS = {METADATA, CONFIG, WEIGHTS, "assets"}
_FLOOR, _EXPANSION = 1 << 28, 100  # what larger members may claim, in bytes, or times what they take up
_TEXT_FLOOR, _TEXT_EXPANSION = 1 << 24, 20  # the same of members that are no arrays
_MEMBERS = 100_000
_ARRAY = ".npy"


def write_archive(file: str | os.PathLike[str] | BinaryIO, members: Mapping[str, Content]) -> None:
    """Writes a zip archive, whole or not at all when `file` is a path.

    Args:
        file: a path, or a binary file.
        members: the contents by name; functions write theirs to the binary file that they get, from front to back.
    """
    if not isinstance(file, (str, os.PathLike)):
        _write_zip(file, members)
        return
    with atomic_file(file) as temporary, temporary.open("wb") as stream:
        _write_zip(stream, members)


def _write_zip(stream: BinaryIO, members: Mapping[str, Content]) -> None:
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, time.localtime()[:6])
            with archive.open(info, "w", force_zip64=callable(content)) as member:
                _write(member, content)


def _write(stream: Any, content: Content) -> None:
    if callable(content):
        content(stream)
    else:
        stream.write(content)


def write_folder(path: str | os.PathLike[str], members: Mapping[str, Content]) -> None:
    """Writes the members as files of a folder.

    A folder that holds nothing but a saved model is replaced as a whole. Where there are other files, they stay, and
    each member replaces the file of its name.

    Args:
        path: the folder.
        members: the contents by name; functions write theirs to the binary file that they get.
    """
    folder = Path(path)
    if folder.is_dir() and not {entry.name for entry in folder.iterdir()} <= _OURS:
        for name, content in members.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with atomic_file(folder / name) as temporary, temporary.open("wb") as stream:
                _write(stream, content)
        return
    with atomic_directory(folder) as new:
        for name, content in members.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            with (new / name).open("wb") as stream:
                _write(stream, content)


def member_names(file: str | os.PathLike[str] | BinaryIO, label: str) -> list[str]:
    """Returns the names of the members of an archive or folder.

    Args:
        file: a folder, the path of an archive, or a binary file.
        label: what errors call the file.

    Raises:
        CorruptModelError: when the archive is none.
    """
    if isinstance(file, (str, os.PathLike)) and os.path.isdir(file):
        return [path.relative_to(file).as_posix() for path in Path(file).rglob("*") if path.is_file()]
    return [info.filename for info in checked_members(file, label)]


def _check_members(archive: zipfile.ZipFile, label: str) -> None:
    """Checks the sizes of members, and that they have names of their own and lie one behind the other."""
    names: set[str] = set()
    end = 0
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    claimed, held = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if len(infos) > _MEMBERS or claimed > max(_FLOOR, _EXPANSION * held):
        raise CorruptModelError(f"{label} claims {claimed} bytes in {len(infos)} members, but holds {held}.")
    for info in infos:
        name = info.orig_filename
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or _FOREIGN.search(name):
            raise UnsafeArchiveError(f"{label}: the name of its member {name!r} leads out of the folder.")
        if str(path) in names:
            raise CorruptModelError(f"{label} has two members of the name {name!r}.")
        if info.header_offset < end:
            raise CorruptModelError(f"{label}: its member {name!r} lies inside another one.")
        names.add(str(path))
        end = info.header_offset + _HEADER + info.compress_size


@contextlib.contextmanager
def opened_member(file: str | os.PathLike[str] | BinaryIO, name: str, label: str) -> Iterator[BinaryIO]:
    """Opens one member of an archive or folder for reading at any place; it has been checked for damage then.

    What is not compressed is read where it lies, and so takes up no memory.

    Args:
        file: a folder, the path of an archive, or a binary file.
        name: the member.
        label: what errors call the file.

    Raises:
        CorruptModelError: when the member is missing or damaged, or the archive is none.
    """
    if isinstance(file, (str, os.PathLike)) and os.path.isdir(file):
        with _file_of(file, name, label).open("rb") as stream:
            yield stream
        return
    with contextlib.ExitStack() as stack:
        with _reading(label, name):
            archive = stack.enter_context(zipfile.ZipFile(file))
            _check_members(archive, label)
            info = _info(archive, name, label)
            if info.compress_type == zipfile.ZIP_STORED:
                found: Any = stack.enter_context(_stored_member(file, archive, info))
        yield (
            found if info.compress_type == zipfile.ZIP_STORED else io.BytesIO(read_member(file, name, label))
        )


def checked_members(file: str | os.PathLike[str] | BinaryIO, label: str) -> list[zipfile.ZipInfo]:
    """Returns what the directory of an archive tells of its members, once it has been checked.

    Args:
        file: the path of an archive, or a binary file.
        label: what errors call the file.

    Raises:
        UnsafeArchiveError: when the name of a member leads out of the folder.
        CorruptModelError: when members claim too much or lie inside each other, or the archive is none.
    """
    with _reading(label, ""), zipfile.ZipFile(file) as archive:
        _check_members(archive, label)
        return archive.infolist()


def _info(archive: zipfile.ZipFile, name: str, label: str) -> zipfile.ZipInfo:
    info = archive.getinfo(name)
    if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
        raise CorruptModelError(
            f"{label}: its member {name!r} claims {info.file_size} bytes, but holds {info.compress_size}."
        )
    return info


@contextlib.contextmanager
def _stored_member(file: Any, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[Section]:
    """A member that is not compressed, once its checksum has been compared."""
    is_path = isinstance(file, (str, os.PathLike))
    with open(file, "rb", buffering=0) if is_path else contextlib.nullcontext(file) as whole:
        start = _start_of(whole, archive, info)
        _check_sum(file, start, info)
        yield Section(whole, start, info.file_size)


def _check_sum(file: Any, start: int, info: zipfile.ZipInfo) -> None:
    if checksum_of(file, start, info.file_size) != info.CRC:
        raise zipfile.BadZipFile(f"Bad CRC-32 for file {info.filename!r}")


def places_of(path: str, names: Iterable[str], label: str, check: bool) -> dict[str, tuple[int, int]]:
    """Returns where members begin in an archive, and their sizes, in bytes.

    Args:
        path: that of the archive.
        names: the members; those that are compressed are left out.
        label: what errors call the file.
        check: whether their checksums are compared.

    Raises:
        CorruptModelError: when one is missing or damaged, or the archive is none.
    """
    places = {}
    with _reading(label, ""), zipfile.ZipFile(path) as archive, open(path, "rb") as whole:
        _check_members(archive, label)
        for name in names:
            with _reading(label, name):
                info = _info(archive, name, label)
                if info.compress_type != zipfile.ZIP_STORED:
                    continue
                start = _start_of(whole, archive, info)
                if check:
                    _check_sum(path, start, info)
                places[name] = (start, info.file_size)
    return places


def _start_of(stream: BinaryIO, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """Where the content of a member begins: behind a header, its name and more fields."""
    archive.open(info).close()  # its header agrees with the archive's directory, and it is not encrypted
    stream.seek(info.header_offset)
    name, more = struct.unpack("<26xHH", stream.read(30))
    return info.header_offset + 30 + name + more


class Section(io.RawIOBase):
    """A part of a binary file, as a file that can be read.

    Args:
        stream: the whole file.
        start: where the part begins, in bytes.
        size: its length in bytes.

    Example:
        >>> Section(io.BytesIO(b"abcdef"), 2, 3).read()
        b'cde'
    """

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream, self._start, self._size, self._place = stream, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")[: max(self._size - self._place, 0)]
        self._stream.seek(self._start + self._place)
        count = self._stream.readinto(view)  # type: ignore[attr-defined]
        self._place += count
        return count


def read_member(file: str | os.PathLike[str] | BinaryIO, name: str, label: str) -> bytes:
    """Returns the content of one member of an archive or folder; nothing is unpacked to the disk.

    Args:
        file: a folder, the path of an archive, or a binary file.
        name: the member.
        label: what errors call the file.

    Raises:
        CorruptModelError: when the member is missing or damaged, or the archive is none.
    """
    return read_members(file, [name], label)[name]


def read_members(
    file: str | os.PathLike[str] | BinaryIO, names: Iterable[str], label: str
) -> dict[str, bytes]:
    """Returns the contents of several members by name, as `read_member` does.

    Args:
        file: a folder, the path of an archive, or a binary file.
        names: the members.
        label: what errors call the file.

    Raises:
        CorruptModelError: when one is missing or damaged, or the archive is none.
    """
    if isinstance(file, (str, os.PathLike)) and os.path.isdir(file):
        return {name: _file_of(file, name, label).read_bytes() for name in names}
    found = {}
    with _reading(label, ""), zipfile.ZipFile(file) as archive:
        _check_members(archive, label)
        for name in names:
            with _reading(label, name):
                info = _info(archive, name, label)
                _check_size(info, label)
                found[name] = archive.read(info)
    return found


def _file_of(folder: str | os.PathLike[str], name: str, label: str) -> Path:
    file = Path(folder) / name
    if not file.is_file():
        raise CorruptModelError(f"{label} is no saved model: it has no file {name!r}.")
    return file


def _check_size(info: zipfile.ZipInfo, label: str) -> None:
    """Checks that a packed member may be as large as it claims: text becomes many times as large again in Python."""
    is_text = info.filename != WEIGHTS and not info.filename.endswith(_ARRAY)
    floor, expansion = (_TEXT_FLOOR, _TEXT_EXPANSION) if is_text else (_FLOOR, _EXPANSION)
    if info.file_size > max(floor, expansion * info.compress_size):
        raise CorruptModelError(
            f"{label}: its member {info.filename!r} claims {info.file_size} bytes, but holds {info.compress_size}."
        )


@contextlib.contextmanager
def _reading(label: str, name: str) -> Iterator[None]:
    """Errors of the format name the file."""
    try:
        yield
    except KeyError as error:
        raise CorruptModelError(f"{label} is no saved model: it has no member {name!r}.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise CorruptModelError(
            f"{label} cannot be read as a zip archive: it is damaged, cut off or something else. The error was: {error}"
        ) from error
