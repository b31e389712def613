"""The scripts that users run first do what they promise."""

from __future__ import annotations

import pytest

from tutorials import digits_demo


@pytest.mark.slow
def test_the_demo_reads_97_of_100_digits_and_draws_its_curves(tmp_path, capsys):
    picture = tmp_path / "curves.png"
    accuracy = digits_demo.main(["--picture", str(picture)])
    assert accuracy >= 0.97
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert f"test accuracy {accuracy:.2%}" in capsys.readouterr().out
