"""Files that layers keep in saved models: `save_assets` and `load_assets`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from kerastorch import Input, Sequential, layers, registry
from kerastorch.errors import CorruptModelError, UnsafeArchiveError
from kerastorch.layers.layer import Layer
from kerastorch.saving.models import load_model


@registry.register_keras_serializable("tests")
class Noted(Layer):
    note = ""

    def call(self, inputs):
        return inputs

    def save_assets(self, dir_path):
        folder = Path(dir_path, "notes")
        folder.mkdir()
        (folder / "note.txt").write_text(self.note)

    def load_assets(self, dir_path):
        self.note = Path(dir_path, "notes", "note.txt").read_text()


@pytest.mark.parametrize("name", ["model.keras", "folder"])
def test_layers_of_the_user_keep_files(tmp_path, name):
    model = Sequential([Input((1,)), Noted(name="noted")])
    model.layers[0].note = "to be"
    model.save(tmp_path / name, zipped=name != "folder")
    assert load_model(tmp_path / name).layers[0].note == "to be"


def saved_lookup(path):
    lookup = layers.StringLookup(name="lookup")
    lookup.adapt(["a", "b"])
    Sequential([Input((1,), dtype="string"), lookup]).save(path)


def test_keras_s_names(tmp_path):
    saved_lookup(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert archive.read("assets/layers/string_lookup/vocabulary.txt") == b"[UNK]\nb\na"
    assert load_model(tmp_path / "model.keras")(np.array([["a"], ["z"]])).tolist() == [[2], [0]]


FAULTS = {
    "outside": ("assets/../../note.txt", b"", UnsafeArchiveError, "leads out of the folder"),
    "repeated": (
        "assets/layers/string_lookup/vocabulary.json",
        b'["[UNK]", "a", "a"]',
        CorruptModelError,
        r"'lookup' cannot read its files.*repeated",
    ),
}


@pytest.mark.parametrize(("name", "content", "error", "text"), FAULTS.values(), ids=list(FAULTS))
def test_faulty_files_are_refused(tmp_path, name, content, error, text):
    saved_lookup(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras", "a") as archive:
        archive.writestr(name, content)
    with pytest.raises(error, match=text):
        load_model(tmp_path / "model.keras")
