"""Datasets over files: lines, records and tables."""

from __future__ import annotations

import bz2
import functools
import gzip
import lzma
import operator
import zlib

import pytest
import torch

from kerastorch.data.pipeline.dataset import Dataset
from kerastorch.data.pipeline.readers import FixedLengthRecordDataset, TextLineDataset, make_csv_dataset
from kerastorch.errors import DataError, InvalidArgumentError

TEXT = "to be\r\nör not\n\nend".encode()
LINES = [b"to be", "ör not".encode(), b"", b"end"]


COMPRESSIONS = {
    None: bytes,
    "": bytes,
    "GZIP": gzip.compress,
    "ZLIB": zlib.compress,
    "BZ2": bz2.compress,
    "XZ": lzma.compress,
}


@pytest.mark.parametrize("kind", COMPRESSIONS, ids=str)
def test_lines_come_without_their_ends(kind, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(COMPRESSIONS[kind](TEXT))
    dataset = TextLineDataset(str(path), compression_type=kind)
    assert [line.numpy() for line in dataset] == [line.numpy() for line in dataset] == LINES


def test_several_files_are_read_in_order(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"{name}1\n{name}2\n")
    paths = [str(tmp_path / "a"), str(tmp_path / "b")]
    expected = [b"a1", b"a2", b"b1", b"b2"]
    for given in (paths, Dataset.from_tensor_slices(paths), [tmp_path / "a", tmp_path / "b"]):
        assert [line.numpy() for line in TextLineDataset(given)] == expected
    interleaved = Dataset.from_tensor_slices(paths).interleave(TextLineDataset)
    assert [line.numpy() for line in interleaved] == [b"a1", b"b1", b"a2", b"b2"]


def test_unknown_compressions_are_named():
    with pytest.raises(InvalidArgumentError, match="`compression_type` must be one of"):
        TextLineDataset("a", "RAR")


def test_records_have_one_length(tmp_path):
    (tmp_path / "a").write_bytes(b"HHaabbccF")
    dataset = FixedLengthRecordDataset(str(tmp_path / "a"), 2, header_bytes=2, footer_bytes=1)
    assert [record.numpy() for record in dataset] == [b"aa", b"bb", b"cc"]
    with pytest.raises(DataError, match="1 bytes are left over"):
        list(FixedLengthRecordDataset(str(tmp_path / "a"), 2, header_bytes=2))


TABLE = "age,name,weight,sex\n31,ann,0.5,f\n,bob,,m\n27,,1.5,m\n"


@pytest.fixture
def table(tmp_path):
    (tmp_path / "people.csv").write_text(TABLE)
    return str(tmp_path / "people.csv")


def rows(path, **options):
    return make_csv_dataset(path, 3, num_epochs=1, shuffle=False, **options).get_single_element()


def test_columns_become_a_dictionary(table):
    features, label = rows(table, label_name="sex")
    assert list(features) == ["age", "name", "weight"]
    assert features["age"].tolist() == [31.0, 0.0, 27.0]
    assert features["weight"].dtype == torch.float32
    assert features["name"].tolist() == [b"ann", b"bob", b""]
    assert label.tolist() == [b"f", b"m", b"m"]


def test_defaults_decide_types_and_stand_for_missing_values(table):
    features = rows(table, column_defaults=[-1, "?", 9.0, "string"])
    assert features["age"].tolist() == [31, -1, 27]
    assert features["age"].dtype == torch.int32
    assert features["name"].tolist() == [b"ann", b"bob", b"?"]
    assert features["weight"].tolist() == [0.5, 9.0, 1.5]


def test_columns_can_be_selected_and_named(table, tmp_path):
    assert list(rows(table, select_columns=["name", "age"])) == ["age", "name"]
    (tmp_path / "bare.csv").write_text("1;a\n2;b\n3;c\n")
    features = rows(str(tmp_path / "bare.csv"), header=False, column_names=["n", "t"], field_delim=";")
    assert features["n"].tolist() == [1, 2, 3]
    assert features["n"].dtype == torch.int32


def test_tables_are_endless_and_shuffled_unless_told(table):
    dataset = make_csv_dataset(table, 2, shuffle_seed=1)
    batches = [batch["weight"].tolist() for batch in dataset.take(6)]
    assert all(len(batch) == 2 for batch in batches)
    assert sorted(functools.reduce(operator.iadd, batches, [])) == sorted([0.5, 0.0, 1.5] * 4)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"label_name": "size"}, r"`label_name` must be one of the columns \['age'"),
        ({"column_defaults": [1]}, "one entry for each of the 4 columns"),
        ({"compression_type": "RAR"}, "`compression_type` must be one of"),
    ],
    ids=["label", "defaults", "compression"],
)
def test_what_does_not_fit_the_table_is_named(options, match, table):
    with pytest.raises(InvalidArgumentError, match=match):
        rows(table, **options)


def test_files_must_exist(tmp_path):
    with pytest.raises(DataError, match="No files matched pattern"):
        make_csv_dataset(str(tmp_path / "*.csv"), 2)
