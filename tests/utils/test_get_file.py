"""Files from a real server: the cache, hashes, and archives from strangers."""

from __future__ import annotations

import hashlib
import inspect
import os
from pathlib import Path

import keras
import pytest

from kerastorch.errors import DownloadError, HashMismatchError, InvalidArgumentError, UnsafeArchiveError
from kerastorch.utils import get_file
from tests.utils.archives import CONTENT, UNSAFE

SHA = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_parameters_and_defaults_are_those_of_keras():
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(home.get_file).parameters.values()]
        for home in (inspect.getmodule(get_file), keras.utils)
    )
    assert ours == theirs


def test_a_file_is_fetched_once(web, running, cache, capsys):
    paths = [get_file(origin=f"{web}/file.txt?version=1") for _ in range(2)]
    assert paths == [str(cache / "file.txt")] * 2
    assert Path(paths[0]).read_bytes() == CONTENT
    assert running.asked == ["/file.txt?version=1"]
    assert capsys.readouterr().out.startswith(f"Downloading data from {web}/file.txt?version=1\n")


def test_a_file_is_fetched_again_when_forced(web, running):
    for _ in range(2):
        get_file("f", f"{web}/file.txt", force_download=True)
    assert len(running.asked) == 2


def test_name_and_folders_are_free(web, tmp_path):
    path = get_file(
        "other.txt", f"{web}/file.txt", cache_dir=tmp_path / "mine", cache_subdir=os.path.join("a", "b")
    )
    assert path == str(tmp_path / "mine" / "a" / "b" / "other.txt")


HASHES = {
    "sha256": {"file_hash": SHA},
    "capitals": {"file_hash": SHA.upper()},
    "md5": {"md5_hash": MD5},
    "md5 as hash": {"file_hash": MD5},
    "named": {"file_hash": MD5, "hash_algorithm": "md5"},
}


@pytest.mark.parametrize("kind", sorted(HASHES))
def test_a_file_with_the_right_hash_is_taken_and_kept(web, running, kind):
    for _ in range(2):
        assert Path(get_file("f", f"{web}/file.txt", **HASHES[kind])).read_bytes() == CONTENT
    assert len(running.asked) == 1


@pytest.mark.parametrize("wrong", [{"file_hash": "0" * 64}, {"md5_hash": "0" * 32}], ids=str)
def test_another_file_is_refused_and_not_kept(web, cache, wrong):
    with pytest.raises(HashMismatchError, match="not the one that is wanted"):
        get_file("f", f"{web}/file.txt", **wrong)
    assert files(cache) == []


def test_a_tampered_file_is_fetched_again(web, cache, capsys):
    cache.mkdir(parents=True)
    (cache / "f").write_bytes(b"tampered")
    assert Path(get_file("f", f"{web}/file.txt", file_hash=SHA)).read_bytes() == CONTENT
    assert "A local file was found, but it is incomplete or outdated" in capsys.readouterr().out


def test_a_tampered_file_that_cannot_be_fetched_is_refused(web, cache):
    cache.mkdir(parents=True)
    (cache / "f").write_bytes(b"tampered")
    with pytest.raises(HashMismatchError, match="could not be fetched again: URL fetch failure"):
        get_file("f", f"{web}/nowhere", file_hash=SHA)


FAILURES = {
    "/nowhere": "404 -- Not here",
    "/short.bin": "broke off after 19000 of 100000 bytes",
    "/chunks-cut-off": "IncompleteRead",
    "/circle": "redirect error that would lead to an infinite loop",
}


@pytest.mark.parametrize("page", sorted(FAILURES))
def test_a_failed_download_leaves_nothing(web, cache, page):
    with pytest.raises(DownloadError, match=FAILURES[page]):
        get_file("f", web + page)
    assert files(cache) == []


def test_a_failed_download_leaves_the_file_that_was_there(web, cache):
    cache.mkdir(parents=True)
    (cache / "f").write_bytes(b"old")
    with pytest.raises(DownloadError, match="404"):
        get_file("f", f"{web}/nowhere", force_download=True)
    assert (cache / "f").read_bytes() == b"old"


def test_a_server_that_is_not_there_is_named(web):
    with pytest.raises(DownloadError, match=r"URL fetch failure on http://127.0.0.1:9/f"):
        get_file("f", "http://127.0.0.1:9/f")


def test_redirects_are_followed_on_the_web_only(web, cache, tmp_path):
    assert Path(get_file("f", f"{web}/moved?{web}/file.txt")).read_bytes() == CONTENT
    secret = tmp_path / "secret"
    secret.write_text("secret")
    for target in (secret.as_uri(), "ftp://127.0.0.1/f"):
        with pytest.raises(DownloadError, match="URL fetch failure"):
            get_file("g", f"{web}/moved?{target}")
    assert files(cache) == ["f"]


@pytest.mark.parametrize(
    "origin", ["file://host/etc/hosts", "ftp://host/f", "/etc/hosts", "data:text/plain,x"]
)
def test_other_addresses_are_refused(web, origin):
    with pytest.raises(InvalidArgumentError, match="Only http:, https: and file: addresses"):
        get_file("f", origin)


NAMES = {
    "a/b": "a name without folders",
    "..": "a name without folders",
    "/etc/hosts": "a name without folders",
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_with_folders_are_refused(web, name):
    with pytest.raises(InvalidArgumentError, match=NAMES[name]):
        get_file(name, f"{web}/file.txt")


def test_what_is_missing_is_named(web):
    with pytest.raises(InvalidArgumentError, match="needs `origin`"):
        get_file("f")
    with pytest.raises(InvalidArgumentError, match="ends in no name"):
        get_file(origin=f"{web}/")
    with pytest.raises(InvalidArgumentError, match="`hash_algorithm` must be"):
        get_file("f", f"{web}/file.txt", file_hash=SHA, hash_algorithm="crc")


@pytest.mark.parametrize("fname", [None, "data", "my.data.gz"], ids=str)
@pytest.mark.parametrize("page", ["/data.tar.gz", "/data.zip"])
def test_archives_are_unpacked_where_keras_does(web, tmp_path, cache, fname, page):
    ours = get_file(fname, web + page, extract=True)
    theirs = keras.utils.get_file(fname, web + page, extract=True, cache_dir=str(_made(tmp_path / "keras")))
    assert Path(ours).relative_to(cache) == Path(theirs).relative_to(tmp_path / "keras" / "datasets")
    assert files(cache) == files(tmp_path / "keras" / "datasets")
    assert (Path(ours) / "top" / "empty").is_dir()
    assert (Path(ours) / "top" / "deep" / "b.txt").read_text() == "b"


def _made(folder):
    folder.mkdir()
    return folder


def test_untar_is_the_older_name(web):
    assert files(Path(get_file("data", f"{web}/data.tar.gz", untar=True))) == ["top/a.txt", "top/deep/b.txt"]
    with pytest.raises(InvalidArgumentError, match="no archive of the formats"):
        get_file("zipped", f"{web}/data.zip", untar=True)


def test_unpacking_again_brings_back_what_was_deleted(web, running):
    folder = Path(get_file("data", f"{web}/data.zip", extract=True))
    (folder / "top" / "a.txt").unlink()
    get_file("data", f"{web}/data.zip", extract=True)
    assert files(folder) == ["top/a.txt", "top/deep/b.txt"]
    assert len(running.asked) == 1


@pytest.mark.parametrize("name", sorted(UNSAFE))
def test_unsafe_archives_are_refused_whole(web, tmp_path, cache, name):
    canaries = [tmp_path / "canary", cache / "canary", Path("/tmp/canary")]
    with pytest.raises(InvalidArgumentError, match=r"Nothing was extracted|is damaged|it is no archive"):
        get_file("data", f"{web}/{name.replace(' ', '-')}", extract=True)
    assert not any(canary.exists() for canary in canaries)
    assert [file for file in files(cache) if not file.endswith("_archive")] == []


def test_a_link_that_was_there_before_leads_nowhere(web, tmp_path, cache):
    outside = _made(tmp_path / "outside")
    (cache / "data").mkdir(parents=True)
    (cache / "data" / "top").symlink_to(outside)
    with pytest.raises(UnsafeArchiveError, match="leads elsewhere"):
        get_file("data", f"{web}/data.zip", extract=True)
    assert files(outside) == []


@pytest.mark.parametrize(
    ("formats", "text"), [("rar", "must be 'auto'"), (None, "no archive of the formats")], ids=str
)
def test_formats_that_do_not_fit_are_refused(web, formats, text):
    with pytest.raises(InvalidArgumentError, match=text):
        get_file("data", f"{web}/data.zip", extract=True, archive_format=formats)


def test_a_cache_that_cannot_be_written_is_named(web, tmp_path, monkeypatch):
    (tmp_path / "plain").write_text("a file")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.warns(UserWarning, match="Nothing can be written to"):
        path = get_file("f", f"{web}/file.txt", cache_dir=tmp_path / "plain")
    assert path == str(tmp_path / ".keras" / "datasets" / "f")
