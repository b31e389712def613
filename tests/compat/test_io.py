"""`tf.io`, `tf.io.gfile` and `tf.lookup`: files, images, rows of text, tables."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from kerastorch.compat import tensorflow as tf
from kerastorch.errors import InvalidArgumentError

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 3)).astype("uint8")


def file_of(format, pixels=PIXELS, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "contents", ["héllo", b"\x00\x01", tf.convert_to_tensor("a")], ids=["text", "bytes", "tensor"]
)
def test_files_are_read_as_they_were_written(tmp_path, contents):
    path = str(tmp_path / "folder" / "a.txt")
    tf.io.write_file(path, contents)
    expected = (
        contents.encode() if isinstance(contents, str) else getattr(contents, "numpy", lambda: contents)()
    )
    assert tf.io.read_file(path).numpy() == expected


@pytest.mark.parametrize("format", ["PNG", "BMP"])
@pytest.mark.parametrize("decode", ["decode_image", "decode_png", "decode_bmp"])
def test_images_are_decoded(format, decode):
    assert np.array_equal(getattr(tf.io, decode)(file_of(format)).numpy(), PIXELS)


@pytest.mark.parametrize(("channels", "expected"), [(0, 3), (1, 1), (3, 3), (4, 4)])
def test_images_have_the_channels_asked_for(channels, expected):
    assert tf.io.decode_png(file_of("PNG"), channels=channels).shape == (4, 6, expected)


def test_images_may_be_floats():
    decoded = tf.io.decode_image(file_of("PNG"), dtype=tf.float32)
    np.testing.assert_allclose(decoded.numpy(), PIXELS / 255, rtol=1e-6)


def test_jpegs_are_decoded_smaller_too():
    data = file_of("JPEG", np.full((5, 8, 3), 200, "uint8"))
    assert tf.io.decode_jpeg(data).shape == (5, 8, 3)
    small = tf.io.decode_jpeg(data, ratio=2)
    assert small.shape == (3, 4, 3)
    assert (small.float() - 200).abs().max() <= 2


def test_gifs_have_frames():
    frames = [Image.fromarray(np.full((4, 6, 3), value, "uint8")) for value in (0, 200)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    assert tf.io.decode_gif(file.getvalue()).shape == (2, 4, 6, 3)
    assert tf.io.decode_image(file.getvalue(), expand_animations=False).ndim == 3


@pytest.mark.parametrize("encode", ["encode_png", "encode_jpeg"])
@pytest.mark.parametrize("channels", [1, 3])
def test_images_are_encoded(encode, channels):
    image = torch.full((4, 6, channels), 120, dtype=torch.uint8)
    decoded = tf.io.decode_image(getattr(tf.io, encode)(image))
    assert decoded.shape == image.shape
    assert (decoded.int() - 120).abs().max() <= 2


def test_an_image_dataset_of_the_guides(tmp_path):
    for i in range(3):
        tf.io.write_file(str(tmp_path / f"{i}.png"), file_of("PNG"))

    def load(path):
        return tf.cast(tf.io.decode_png(tf.io.read_file(path), channels=3), tf.float32) / 255.0

    dataset = tf.data.Dataset.list_files(str(tmp_path / "*.png")).map(load).batch(3)
    assert [tuple(batch.shape) for batch in dataset] == [(3, 4, 6, 3)]


def test_rows_of_text_become_columns():
    rows = ['1,"a,b",2.5', "2,,3"]
    numbers, words, floats = tf.io.decode_csv(rows, [[0], ["none"], tf.float32])
    assert (numbers.tolist(), numbers.dtype) == ([1, 2], torch.int32)
    assert words.tolist() == [b"a,b", b"none"]
    assert floats.tolist() == [2.5, 3.0]


def test_one_row_gives_scalars_and_columns_are_selected():
    (second,) = tf.io.decode_csv("1;2;NA", [[0.0]], field_delim=";", na_value="NA", select_cols=[2])
    assert (second.tolist(), second.shape) == (0.0, ())


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: tf.io.decode_csv("1,2", [[0]]), "Expected 1 cells in a row"),
        (lambda: tf.io.decode_csv(",2", [tf.int32, [0]]), "A cell is empty"),
        (lambda: tf.io.decode_csv("a", [[0]]), "A cell is no number"),
        (lambda: tf.io.decode_image(b"text"), "no image that can be read"),
        (lambda: tf.io.decode_png(file_of("PNG"), channels=7), "`channels` must be 0 to 4"),
        (lambda: tf.io.parse_tensor(b"text", tf.int32), "not those of `tf.io.serialize_tensor`"),
        (lambda: tf.io.decode_raw(["a", "b"], "uint8"), "One text is needed"),
        (lambda: tf.lookup.KeyValueTensorInitializer(["a"], [1, 2]), "a value for each key"),
    ],
    ids=["cells", "empty", "number", "image", "channels", "tensor", "texts", "table"],
)
def test_mistakes_are_explained(call, text):
    with pytest.raises(InvalidArgumentError, match=text):
        call()


def test_bytes_become_numbers():
    assert tf.io.decode_raw(b"\x01\x00\x02\x00", tf.uint16).tolist() == [1, 2]
    assert tf.io.decode_raw(b"\x00\x01", tf.int16, little_endian=False, fixed_length=4).tolist() == [1, 0]


@pytest.mark.parametrize("value", [torch.ones(2, 3), torch.tensor([1, 2]), torch.tensor(True)])
def test_tensors_become_bytes_and_back(value):
    back = tf.io.parse_tensor(tf.io.serialize_tensor(value), value.dtype)
    assert torch.equal(back, value)


def test_files_and_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    gfile = tf.io.gfile
    gfile.makedirs(gfile.join("a", "b"))
    with gfile.GFile("a/one.txt", "w") as file:
        file.write("hello")
    gfile.copy("a/one.txt", "a/two.txt")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        gfile.copy("a/one.txt", "a/two.txt")
    gfile.rename("a/two.txt", "a/b/three.txt")
    assert gfile.listdir("a") == ["b", "one.txt"]
    assert gfile.glob(["a/*.txt", "a/b/*"]) == ["a/one.txt", "a/b/three.txt"]
    assert tf.io.matching_files("a/*.txt").tolist() == [b"a/one.txt"]
    assert gfile.stat("a/one.txt").length == 5
    assert [folder for folder, _, _ in gfile.walk("a")] == ["a", "a/b"]
    gfile.remove("a/one.txt")
    gfile.rmtree("a/b")
    assert (gfile.listdir("a"), gfile.isdir("a"), gfile.exists("a/b")) == ([], True, False)


def test_tables_of_words():
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1, 2], ["one", "two"]), "?")
    assert table.lookup([[1, 3]]).tolist() == [[b"one", b"?"]]
    assert int(table.size()) == 2


def test_unknown_words_share_numbers():
    table = tf.lookup.StaticVocabularyTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], [0, 1], value_dtype=tf.int64), 3
    )
    found = table[tf.constant(["a", "x", "y", "x"])].tolist()
    assert found[0] == 0
    assert found[1] == found[3]
    assert set(found[1:]) <= {2, 3, 4}


def test_tables_are_read_from_files(tmp_path):
    path = tmp_path / "words.tsv"
    path.write_text("to\t5\nbe\t6\n")
    table = tf.lookup.StaticHashTable(
        tf.lookup.TextFileInitializer(path, tf.string, 0, tf.int64, 1, delimiter="\t"), -1
    )
    assert table.lookup(["be", "or"]).tolist() == [6, -1]
