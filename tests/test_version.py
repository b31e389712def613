"""One version: the package, its metadata and the changelog agree."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from kerastorch.version import __version__

ROOT = Path(__file__).parent.parent


def test_the_changelog_starts_with_the_version_of_the_package():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", text, flags=re.MULTILINE)
    assert versions[0] == __version__


def test_the_changelog_goes_from_new_to_old():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+)\.(\d+)\.(\d+)\]", text, flags=re.MULTILINE)
    numbers = [tuple(map(int, v)) for v in versions]
    assert numbers == sorted(set(numbers), reverse=True)


def test_the_installed_metadata_has_the_version_of_the_package():
    assert metadata.version("kerastorch") == __version__


def test_the_package_says_its_version():
    import kerastorch

    assert kerastorch.__version__ == __version__


def test_the_package_ships_its_types():
    assert (ROOT / "kerastorch" / "py.typed").is_file()
