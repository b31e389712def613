"""Which files the datasets of directories hold, in which order, with which labels: Keras's own index is the measure."""

from __future__ import annotations

import inspect
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.src.utils import dataset_utils

from kerastorch import utils
from kerastorch.errors import ArgumentTypeError, DataError, InvalidArgumentError, MissingFileError
from kerastorch.utils import text_dataset_from_directory

NAMES = [
    "pos/b.txt",
    "pos/a.txt",
    "pos/deep/c.txt",
    "neg/d.TXT",
    "neg/e.txt",
    "neg/f.md",
    "top.txt",
    ".git/x.txt",
]


@pytest.fixture
def home(tmp_path):
    for name in [*NAMES, *(f"pos/{number}.txt" for number in range(5))]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}")
    return tmp_path


def of_keras(home, labels="inferred", subset=None, split=None, **arguments):
    paths, labels, classes = dataset_utils.index_directory(str(home), labels, (".txt",), **arguments)
    paths, labels = dataset_utils.get_training_or_validation_split(paths, labels, split, subset)
    return paths, labels, classes


def of_ours(home, **arguments):
    """Paths, labels in their order, classes: read without the shuffling of epochs."""
    dataset = text_dataset_from_directory(str(home), batch_size=None, **arguments)
    texts = {path: Path(path).read_bytes() for path in dataset.file_paths}
    labels = {text.numpy(): int(label) for text, label in dataset}
    return dataset.file_paths, [labels[texts[path]] for path in dataset.file_paths], dataset.class_names


@pytest.mark.parametrize("split", [(None, None), ("training", 0.3), ("validation", 0.3)], ids=str)
@pytest.mark.parametrize("order", [{"shuffle": False}, {"seed": 3}, {"seed": 4}], ids=str)
@pytest.mark.parametrize("classes", [None, ["pos", "neg"], ["pos"]], ids=str)
def test_files_order_and_split_are_those_of_keras(home, capsys, split, order, classes):
    subset, fraction = split
    theirs = of_keras(home, subset=subset, split=fraction, class_names=classes, **order)
    printed = capsys.readouterr().out
    ours = of_ours(home, subset=subset, validation_split=fraction, class_names=classes, **order)
    assert (ours[0], ours[1], ours[2]) == (theirs[0], list(theirs[1]), theirs[2])
    assert capsys.readouterr().out == printed


def test_given_labels_are_shuffled_with_their_files_and_stay_as_they_were(home):
    given = list(range(10))[::-1]
    files = text_dataset_from_directory(home, labels=None, shuffle=False).file_paths
    given = [number % 3 for number in range(len(files))]
    theirs = of_keras(home, labels=list(given), seed=5)
    assert of_ours(home, labels=given, seed=5) == theirs
    assert given == [number % 3 for number in range(len(files))]


def test_without_labels_folders_mean_nothing(home, capsys):
    dataset = text_dataset_from_directory(home, labels=None, shuffle=False)
    assert dataset.file_paths == of_keras(home, labels=None, shuffle=False)[0]
    assert dataset.class_names is None
    assert capsys.readouterr().out == "Found 12 files.\nFound 12 files.\n"


def test_a_seed_of_the_global_generator_fixes_the_order(home):
    orders = []
    for _ in range(2):
        utils.set_random_seed(3)
        orders.append(text_dataset_from_directory(home, verbose=False).file_paths)
    assert orders[0] == orders[1]


def test_linked_folders_are_looked_into_when_asked_for(home, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "z.txt").write_text("outside")
    (home / "pos" / "link").symlink_to(outside)
    counts = [
        len(text_dataset_from_directory(home, follow_links=follow, verbose=False).file_paths)
        for follow in (False, True)
    ]
    assert counts == [10, 11]
    assert len(of_keras(home, follow_links=True)[0]) == 11


LABELS = {"int": [[0, 1]], "binary": [[[0.0], [1.0]]], "categorical": [[[1.0, 0.0], [0.0, 1.0]]]}


@pytest.mark.parametrize("mode", sorted(LABELS))
def test_labels_are_encoded_by_mode(tmp_path, mode):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.txt").write_text(name)
    ((_, labels),) = text_dataset_from_directory(tmp_path, label_mode=mode, shuffle=False, verbose=False)
    assert [labels.tolist()] == LABELS[mode]
    assert str(labels.dtype) == ("torch.int32" if mode == "int" else "torch.float32")


def test_no_label_mode_gives_no_labels(home):
    dataset = text_dataset_from_directory(home, label_mode=None, shuffle=False, verbose=False)
    assert next(iter(dataset)).shape == (12,)


def test_each_epoch_has_another_order_and_a_seed_fixes_them(home):
    def epochs():
        dataset = text_dataset_from_directory(home, seed=1, verbose=False)
        return [next(iter(dataset))[0].tolist() for _ in range(3)]

    first, again = epochs(), epochs()
    assert first == again
    assert first[0] != first[1]
    assert sorted(first[0]) == sorted(first[1])


def test_both_subsets_make_up_all_files_and_only_training_is_shuffled(home):
    both = text_dataset_from_directory(home, validation_split=0.4, subset="both", seed=2, verbose=False)
    assert isinstance(both, list)
    assert sorted(both[0].file_paths + both[1].file_paths) == sorted(of_keras(home, shuffle=False)[0])
    runs = [[text.tolist() for text, _ in both[1]] for _ in range(2)]
    assert runs[0] == runs[1]


FAULTS = {
    "labels of another type": ({"labels": 3}, ArgumentTypeError, "argument should be 'inferred'"),
    "too few labels": ({"labels": [1, 2]}, InvalidArgumentError, "match the number of files, 12 in"),
    "unknown label mode": (
        {"label_mode": "sparse"},
        InvalidArgumentError,
        "`label_mode` argument must be one of",
    ),
    "names without inference": (
        {"labels": None, "class_names": ["pos"]},
        InvalidArgumentError,
        "can only pass `class_names` if",
    ),
    "unknown class": ({"class_names": ["maybe"]}, InvalidArgumentError, r"Expected: \['neg', 'pos'\]"),
    "split without subset": ({"validation_split": 0.5}, InvalidArgumentError, "must be set together"),
    "subset without split": ({"subset": "training"}, InvalidArgumentError, "must be set together"),
    "unknown subset": ({"subset": "test", "validation_split": 0.5}, InvalidArgumentError, "one of"),
    "split of two": ({"subset": "both", "validation_split": 2.0}, InvalidArgumentError, "between 0 and 1"),
    "no seed": ({"subset": "both", "validation_split": 0.5}, InvalidArgumentError, "must provide a `seed`"),
    "binary of one class": (
        {"class_names": ["pos"], "label_mode": "binary"},
        InvalidArgumentError,
        "exactly 2",
    ),
    "nothing left": (
        {"subset": "both", "validation_split": 0.01, "seed": 1},
        DataError,
        "No validation text files",
    ),
    "gaps in labels": (
        {"labels": [5] * 12, "label_mode": "categorical"},
        InvalidArgumentError,
        "from 0 to 0",
    ),
    "unknown format": ({"format": "arrow"}, InvalidArgumentError, '"tf" or "grain"'),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_arguments_that_mean_nothing_are_refused(home, fault):
    arguments, kind, text = FAULTS[fault]
    with pytest.raises(kind, match=text):
        text_dataset_from_directory(home, verbose=False, **arguments)


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(MissingFileError, match=r"no directory '.*nowhere'"):
        text_dataset_from_directory(tmp_path / "nowhere")


def test_a_directory_elsewhere_is_refused():
    with pytest.raises(InvalidArgumentError, match="Only directories of this machine"):
        text_dataset_from_directory("gs://bucket/texts")


def test_grain_is_named_as_what_it_is_not(home):
    with pytest.warns(UserWarning, match="gives the same Dataset"):
        text_dataset_from_directory(home, format="grain", verbose=False)


def test_texts_are_cut_off(home):
    dataset = text_dataset_from_directory(home, labels=None, max_length=7, verbose=False)
    assert set(next(iter(dataset)).tolist()) == {b"text of"}


FUNCTIONS = [
    "audio_dataset_from_directory",
    "image_dataset_from_directory",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_parameters_and_defaults_are_those_of_keras(name):
    ours, theirs = (
        [(p.name, p.default) for p in inspect.signature(getattr(home, name)).parameters.values()]
        for home in (utils, keras.utils)
    )
    assert ours == theirs


def test_labels_may_be_an_array(home):
    dataset = text_dataset_from_directory(home, labels=np.arange(12), shuffle=False, verbose=False)
    assert next(iter(dataset))[1].tolist() == list(range(12))
