"""The files of TensorBoard beside the events: vectors for the projector, traces; and a real server that reads all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
import torch
from google.protobuf import text_format
from tensorboard.plugins.projector import ProjectorConfig

import kerastorch as keras
from kerastorch.callbacks import TensorBoard
from kerastorch.errors import InvalidArgumentError
from tests.callbacks.boards import Y, compiled, fit, small_model

WORDS = np.arange(16)[:, None] % 5


def text_model():
    layers = [
        keras.Input((1,), dtype="int32"),
        keras.layers.Embedding(5, 3, name="words"),
        keras.layers.Flatten(),
        keras.layers.Dense(2),
    ]
    return compiled(keras.Sequential(layers))


def fit_text(model, board, epochs=1):
    return model.fit(WORDS, Y, batch_size=4, epochs=epochs, verbose=0, callbacks=[board])


@contextlib.contextmanager
def server(folder):
    """A TensorBoard of its own process; gives a function that reads the JSON of a path."""
    command = [
        sys.executable,
        "-m",
        "tensorboard.main",
        "--logdir",
        str(folder),
        "--port",
        "0",
        "--host",
        "127.0.0.1",
    ]
    environment = {**os.environ, "no_proxy": "127.0.0.1"}
    process = subprocess.Popen(
        [*command, "--load_fast=false"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        found = next(filter(None, (re.search(r"http://[\d.]+:\d+/", line) for line in process.stderr)))
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def get(path):
            with opener.open(f"{found.group()}data/{path}", timeout=30) as answer:
                return answer.read()

        yield get
    finally:
        process.kill()
        process.communicate()


def test_a_server_of_tensorboard_shows_scalars_graphs_and_vectors(tmp_path):
    model = text_model()
    board = TensorBoard(tmp_path, histogram_freq=1, embeddings_freq=1, embeddings_metadata="labels.tsv")
    (tmp_path / "labels.tsv").write_text("a\nb\nc\nd\ne\n")
    history = fit_text(model, board, epochs=2)
    vectors = model.get_layer("words").embeddings.numpy()
    with server(tmp_path) as get:
        tags = json.loads(get("plugin/scalars/tags"))
        assert set(tags) == {"train"}
        assert {"epoch_loss", "epoch_accuracy", "epoch_learning_rate"} == set(tags["train"])
        points = json.loads(get("plugin/scalars/scalars?run=train&tag=epoch_loss"))
        assert [(step, value) for _, step, value in points] == [
            (step, pytest.approx(value)) for step, value in enumerate(history.history["loss"])
        ]
        histograms = json.loads(get("plugin/histograms/tags"))["train"]
        assert any(tag.endswith("words/embeddings/histogram") for tag in histograms)
        assert json.loads(get("plugin/graphs/info"))["train"]["run_graph"] is True
        assert b'op: "Embedding"' in get("plugin/graphs/graph?run=train")
        assert b"words" in get("plugin/graphs/graph?run=train&tag=keras&conceptual=true")
        assert json.loads(get("plugin/projector/runs")) == ["."]
        (embedding,) = json.loads(get("plugin/projector/info?run=."))["embeddings"]
        assert (embedding["tensorName"], embedding["tensorShape"]) == ("words/embeddings", [5, 3])
        shown = get("plugin/projector/tensor?run=.&name=words/embeddings&num_rows=5")
        np.testing.assert_allclose(np.frombuffer(shown, "float32").reshape(5, 3), vectors, rtol=1e-6)
        assert get("plugin/projector/metadata?run=.&name=words/embeddings&num_rows=5") == b"a\nb\nc\nd\ne\n"


# The projector -----------------------------------------------------------------------------------------------------


def projector(folder):
    return text_format.Parse(
        (folder / "projector_config.pbtxt").read_text("utf-8"), ProjectorConfig()
    ).embeddings


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [(None, ""), ('labels "ä".tsv', 'labels "ä".tsv'), ({"words": "a.tsv"}, "a.tsv"), ({}, "")],
    ids=["none", "one file", "by layer", "empty"],
)
def test_the_projector_finds_vectors_and_labels(tmp_path, metadata, expected):
    fit_text(text_model(), TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata=metadata))
    (embedding,) = projector(tmp_path)
    assert embedding.metadata_path == expected
    assert np.loadtxt(tmp_path / embedding.tensor_path).shape == (5, 3)


def test_vectors_are_those_of_the_last_epoch_that_counts(tmp_path):
    model, kept = text_model(), []
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: kept.append(model.get_layer("words").embeddings.numpy())
    )
    model.fit(WORDS, Y, epochs=4, verbose=0, callbacks=[TensorBoard(tmp_path, embeddings_freq=2), keep])
    np.testing.assert_allclose(np.loadtxt(tmp_path / "embeddings/words.tsv"), kept[2], rtol=1e-6)


def test_labels_of_a_layer_that_is_not_there_are_an_error_before_training(tmp_path):
    board = TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"word": "labels.tsv"})
    with pytest.raises(
        InvalidArgumentError, match=r"Unrecognized `Embedding` layer names.*\['word'\].*\['words'\]"
    ):
        fit_text(text_model(), board)


def test_a_model_without_embeddings_is_named_once(tmp_path):
    with pytest.warns(UserWarning, match="the model has no `Embedding` layer") as seen:
        fit(small_model(), TensorBoard(tmp_path, embeddings_freq=1), epochs=2)
    assert len(seen) == 1
    assert not (tmp_path / "projector_config.pbtxt").exists()


# Profiles ----------------------------------------------------------------------------------------------------------


def profiled_steps(folder):
    """How many training steps each trace shows, by the calls of the function that updates the weights."""
    traces = [json.loads(path.read_text()) for path in (folder / "plugins/profile").glob("*.pt.trace.json")]
    return [
        sum("cross_entropy_loss" in event.get("name", "") for event in trace["traceEvents"])
        for trace in traces
    ]


@pytest.mark.parametrize(
    ("profile_batch", "count"), [(2, 1), ((2, 5), 4), ("2,3", 2), ("3", 1), ([6, 99], 3)], ids=str
)
def test_a_range_of_steps_is_profiled(tmp_path, profile_batch, count):
    fit(small_model(), TensorBoard(tmp_path, profile_batch=profile_batch), epochs=2)
    assert profiled_steps(tmp_path) == [count]


def test_each_run_is_profiled_from_its_own_first_step(tmp_path):
    model, board = small_model(), TensorBoard(tmp_path, profile_batch=2)
    for _ in range(2):
        fit(model, board)
    assert profiled_steps(tmp_path) == [1, 1]


def test_an_error_ends_the_profile(tmp_path):
    def fail(batch, logs):
        raise RuntimeError("out of data")

    board = TensorBoard(tmp_path, profile_batch=(1, 4))
    with pytest.raises(RuntimeError, match="out of data"):
        fit(small_model(), board, keras.callbacks.LambdaCallback(on_train_batch_end=fail))
    assert profiled_steps(tmp_path) == [1]


def test_a_profile_that_never_began_is_named(tmp_path):
    with pytest.warns(UserWarning, match="profiled nothing: training ended before step 10"):
        fit(small_model(), TensorBoard(tmp_path, profile_batch=(10, 20)))


def test_another_profiler_goes_on(tmp_path):
    with torch.profiler.profile() as other, pytest.warns(UserWarning, match="another profiler is running"):
        fit(small_model(), TensorBoard(tmp_path, profile_batch=1))
    assert len(other.events()) > 0


@pytest.mark.parametrize("wrong", [-1, (3, 2), (1, 2, 3), "a", "1,2,3", (), None, 1.5], ids=str)
def test_a_profile_batch_that_means_nothing_is_an_error(wrong):
    with pytest.raises(
        InvalidArgumentError, match="`profile_batch` must be a non-negative integer or a pair"
    ):
        TensorBoard(profile_batch=wrong)
