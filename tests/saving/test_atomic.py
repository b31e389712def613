"""Files and folders appear whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from kerastorch.errors import InvalidArgumentError
from kerastorch.saving.atomic import atomic_directory, atomic_file


class Failed(Exception):
    pass


def fail_in(block):
    """Begins to write, then raises."""
    with block as temporary:
        (temporary / "new" if temporary.is_dir() else temporary).write_text("ne")
        raise Failed("half way")


def test_a_file_is_not_there_before_the_block_ends(tmp_path):
    path = tmp_path / "deep" / "file"
    with atomic_file(path) as temporary:
        temporary.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert os.listdir(path.parent) == ["file"]


def test_a_file_stays_as_it_was_when_the_block_raises(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(Failed, match="half way"):
        fail_in(atomic_file(path))
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["file"])


def test_a_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o640)
    with atomic_file(path) as temporary:
        temporary.write_text("new")
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_file_behind_a_link_is_replaced(tmp_path):
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to("file")
    with atomic_file(tmp_path / "link") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "folder"
    for name in ("one", "two"):
        with atomic_directory(f"{path}/") as new:
            (new / name).write_text(name)
    assert (os.listdir(path), os.listdir(tmp_path)) == (["two"], ["folder"])


def test_a_folder_stays_as_it_was_when_the_block_raises(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(Failed, match="half way"):
        fail_in(atomic_directory(path))
    assert (os.listdir(path), os.listdir(tmp_path)) == (["old"], ["folder"])


def test_files_and_folders_do_not_replace_each_other(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidArgumentError, match="there is a folder of that name"), atomic_file(tmp_path):
        pass
    with (
        pytest.raises(InvalidArgumentError, match="there is a file of that name"),
        atomic_directory(tmp_path / "file"),
    ):
        pass


WRITER = """
import pathlib, sys
from kerastorch.saving.atomic import atomic_directory, atomic_file
file, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
print("ready", flush=True)
number = 0
while True:
    number += 1
    with atomic_file(file) as new:
        new.write_text(f"{number} " * 20000)
    with atomic_directory(folder) as new:
        (new / "one").write_text(str(number))
        (new / "two").write_text(str(number))
"""


@pytest.mark.parametrize(
    "after", [0.05, *(pytest.param(after, marks=pytest.mark.slow) for after in (0.01, 0.02, 0.11, 0.23))]
)
def test_a_process_that_is_killed_leaves_a_whole_file_and_a_whole_folder(after, tmp_path):
    file, folder = tmp_path / "file", tmp_path / "folder"
    with subprocess.Popen([sys.executable, "-c", WRITER, file, folder], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        while not folder.exists():
            pass
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
    words = file.read_text().split()
    assert (len(words), len(set(words))) == (20000, 1)
    assert (folder / "one").read_text() == (folder / "two").read_text()
