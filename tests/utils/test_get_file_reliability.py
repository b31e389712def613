"""`get_file` when several call it at once, when one is killed, and with files of this machine and bombs."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from kerastorch.errors import DownloadError, HashMismatchError, UnsafeArchiveError
from kerastorch.utils import extraction, get_file
from tests.utils.archives import CONTENT, tar_of, zip_of

SHA = hashlib.sha256(CONTENT).hexdigest()
SCRIPT = "import sys; from kerastorch.utils import get_file; print(get_file(*sys.argv[1:]))"


def started(*arguments):
    """A process that calls `get_file`."""
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments], stdout=subprocess.PIPE, text=True)


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("page", ["file.txt", "data.zip", "data.tar.gz"])
def test_threads_that_call_at_once(web, cache, page):
    def fetch(number):
        return get_file("f", f"{web}/{page}", extract=page != "file.txt", force_download=number % 2 == 0)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(fetch, range(24))) == {str(cache / "f")}
    if page == "file.txt":
        assert (cache / "f").read_bytes() == CONTENT
        assert files(cache) == ["f"]
    else:
        assert files(cache / "f") == ["a.txt", "b.txt"]
        assert files(cache) == ["a.txt", "b.txt", "f_archive"]


@pytest.mark.sweep
def test_processes_that_call_at_once(web, cache):
    running = [started("f", f"{web}/file.txt") for _ in range(3)]
    assert {process.communicate(timeout=100)[0].splitlines()[-1] for process in running} == {str(cache / "f")}
    assert files(cache) == ["f"]
    assert (cache / "f").read_bytes() == CONTENT


@pytest.mark.sweep
def test_a_process_killed_in_the_middle_leaves_no_file_and_the_next_call_begins_anew(web, cache, running):
    process = started("f", f"{web}/halting")
    deadline = time.monotonic() + 100
    while "/halting" not in running.asked or not files(cache):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert not (cache / "f").exists()
    (half,) = files(cache)
    assert Path(get_file("f", f"{web}/file.txt", file_hash=SHA)).read_bytes() == CONTENT
    assert files(cache) == sorted(["f", half])


# Files of this machine ------------------------------------------------------------------------------------------


def test_a_file_of_this_machine_is_copied(cache, tmp_path, web):
    source = tmp_path / "some data.txt"
    source.write_bytes(CONTENT)
    path = get_file("f", source.as_uri(), file_hash=SHA)
    assert path == str(cache / "f")
    source.unlink()
    assert Path(get_file("f", source.as_uri(), file_hash=SHA)).read_bytes() == CONTENT


def test_an_archive_of_this_machine_is_unpacked(web, tmp_path, cache):
    source = tmp_path / "data.zip"
    source.write_bytes(zip_of(("a.txt", b"a")))
    assert files(Path(get_file("data", source.as_uri(), extract=True))) == ["a.txt"]


@pytest.mark.parametrize(
    ("place", "text"),
    [("nowhere", "No such file"), ("folder", "no regular file"), ("/dev/zero", "no regular file")],
    ids=str,
)
def test_what_is_no_file_of_this_machine_is_refused(web, tmp_path, cache, place, text):
    (tmp_path / "folder").mkdir()
    with pytest.raises(DownloadError, match=text):
        get_file("f", (tmp_path / place).as_uri())
    assert files(cache) == []


def test_another_file_of_this_machine_is_refused(web, tmp_path, cache):
    source = tmp_path / "f"
    source.write_bytes(b"other")
    with pytest.raises(HashMismatchError, match="not the one that is wanted"):
        get_file("f", source.as_uri(), file_hash=SHA)
    assert files(cache) == []


# Bombs ----------------------------------------------------------------------------------------------------------

BOMBS = {
    "zip": zip_of(*((f"{n}.txt", bytes(300_000)) for n in range(4))),
    "tar.gz": tar_of(*((f"{n}.txt", bytes(300_000)) for n in range(4))),
    "tar.xz": tar_of(("a.txt", bytes(1_200_000)), mode="w:xz"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_unpacks_to_far_more_than_its_size_is_refused(tmp_path, kind, monkeypatch):
    archive = tmp_path / kind
    archive.write_bytes(BOMBS[kind])
    extraction.extract(archive, tmp_path / "small")  # zeros compress well: a small archive is no bomb
    assert len(files(tmp_path / "small")) in (1, 4)
    monkeypatch.setattr(extraction, "_LARGE", 1_000_000)
    with pytest.raises(UnsafeArchiveError, match="1200000 bytes, more than 200 times its own size"):
        extraction.extract(archive, tmp_path / "large")
    assert not (tmp_path / "large").exists()


def test_what_there_is_no_room_for_is_refused(tmp_path, monkeypatch):
    archive = tmp_path / "a.zip"
    archive.write_bytes(zip_of(("a.txt", b"abc")))
    monkeypatch.setattr(extraction.shutil, "disk_usage", lambda folder: SimpleNamespace(free=2))
    with pytest.raises(UnsafeArchiveError, match=r"holds 3 bytes, and .* has room for 2"):
        extraction.extract(archive, tmp_path / "out")
    assert files(tmp_path / "out") == []


@pytest.mark.parametrize("there", ["a file", "a folder"])
def test_what_is_in_the_way_stays(tmp_path, there):
    archive = tmp_path / "a.zip"
    archive.write_bytes(zip_of(("a/b.txt", b"x")) if there == "a file" else zip_of(("a", b"x")))
    place = tmp_path / "out" / "a"
    place.parent.mkdir()
    place.write_text("mine") if there == "a file" else place.mkdir()
    with pytest.raises(UnsafeArchiveError, match="does not fit what is in"):
        extraction.extract(archive, tmp_path / "out")
    assert files(tmp_path / "out") == (["a"] if there == "a file" else [])
