"""Archives for the tests of `get_file`: good ones, and what strangers may send."""

from __future__ import annotations

import io
import random
import struct
import tarfile
import zipfile

CONTENT = b"the quick brown fox" * 1000
NOISE = random.Random(0).randbytes(50_000)


def tar_of(*members, mode="w:gz"):
    """A tar archive; a member is a name with bytes, or a `TarInfo`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            tar.addfile(info, io.BytesIO(member[1]))
    return buffer.getvalue()


def zip_of(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def special(name, kind, linkname="", mode=0o644):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, linkname, mode
    return info


def zip_special(name, mode, content=""):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return zip_of((info, content))


def zip_with(archive, layout, place, value):
    """A zip archive with a number changed: at a place of the entries of its directory, as `struct` lays it out."""
    changed = bytearray(archive)
    struct.pack_into(layout, changed, archive.index(b"PK\x01\x02") + place, value)
    return bytes(changed)


def lying(name, size):
    """A tar archive whose header tells of more bytes than it has."""
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf() + bytes(1024)


UNSAFE = {
    "tar up": tar_of(("ok.txt", b"a"), ("../canary", b"x")),
    "tar up inside": tar_of(("a/../../canary", b"x")),
    "tar absolute": tar_of(("/tmp/canary", b"x")),
    "tar drive": tar_of(("C:/canary", b"x")),
    "tar backslash": tar_of(("..\\canary", b"x")),
    "tar symlink": tar_of(special("link", tarfile.SYMTYPE, "/tmp"), ("link/canary", b"x")),
    "tar hard link": tar_of(special("link", tarfile.LNKTYPE, "../canary")),
    "tar device": tar_of(special("null", tarfile.CHRTYPE)),
    "tar fifo": tar_of(special("pipe", tarfile.FIFOTYPE)),
    "tar setuid": tar_of(special("program", tarfile.REGTYPE, mode=0o4755)),
    "zip up": zip_of(("ok.txt", b"a"), ("../canary", b"x")),
    "zip absolute": zip_of(("/tmp/canary", b"x")),
    "zip symlink": zip_special("link", 0o120777, "/tmp"),
    "zip cut off": zip_of(("a.txt", NOISE[:5000]))[2000:],
    "tar cut off": tar_of(("a.txt", NOISE))[:20_000],
    "tar block device": tar_of(special("disk", tarfile.BLKTYPE)),
    "tar chain of links": tar_of(
        *(special("/".join("d" * 200 for _ in range(n)), tarfile.SYMTYPE, "..") for n in (1, 2, 3)),
        ("canary", b"x"),
    ),
    "tar link replaced by a file": tar_of(special("a", tarfile.SYMTYPE, "../canary"), ("a", b"x")),
    "tar setgid": tar_of(special("program", tarfile.REGTYPE, mode=0o2755)),
    "tar file as folder": tar_of(("a", b"x"), ("a/b", b"x")),
    "tar folder and file": tar_of(special("a", tarfile.DIRTYPE), ("a", b"x")),
    "tar without a name": tar_of((".", b"x")),
    "tar long name": tar_of(("n" * 5000, b"x")),
    "tar size that is a lie": lying("a", 1 << 40),
    "tar bzip2 cut off": tar_of(("a", NOISE), mode="w:bz2")[:20_000],
    "tar xz cut off": tar_of(("a", NOISE), mode="w:xz")[:20_000],
    "zip drive": zip_of(("C:\\canary", b"x")),
    "zip backslash": zip_of(("..\\canary", b"x")),
    "zip up inside": zip_of(("a/../../canary", b"x")),
    "zip fifo": zip_special("pipe", 0o010644),
    "zip device": zip_special("null", 0o020644),
    "zip setuid": zip_special("program", 0o104755),
    "zip file as folder": zip_of(("a", b"x"), ("a/b", b"x")),
    "zip long name": zip_of(("n" * 5000, b"x")),
    "zip bomb": zip_with(zip_of(("a", b"x")), "<I", 24, 0xFFFFFFF0),
    "zip size that is a lie": zip_with(zip_of(("a", NOISE)), "<I", 24, 10),
    "zip wrong checksum": zip_with(zip_of(("a", NOISE)), "<I", 16, 1),
    "zip password": zip_with(zip_of(("a", b"x")), "<H", 8, 1),
    "zip unknown compression": zip_with(zip_of(("a", b"x")), "<H", 10, 99),
    "zip other place": zip_with(zip_of(("a", b"x")), "<I", 42, 7),
}
