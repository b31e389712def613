"""The benchmarks run, and all contestants do the same work."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch

from benchmarks.__main__ import main
from benchmarks.frameworks import Framework
from benchmarks.loops import HandLoop, variants
from benchmarks.measure import ratio, take_turns
from benchmarks.ops import SHOWN, Cost, rows
from benchmarks.sources import WORKS, sources
from benchmarks.table import Row, render
from benchmarks.twins import TWINS, tensors
from benchmarks.workloads import WORKLOADS
from kerastorch import ops, tree
from kerastorch.data.select import select


@pytest.mark.slow
def test_a_quick_run_measures_everything_that_is_promised(tmp_path, capsys):
    arguments = ["--quick", "--workloads", "MLP", "--frameworks", "kerastorch", "--threads", "1"]
    main([*arguments, "--json", str(tmp_path / "bench.json")])
    rows = json.loads((tmp_path / "bench.json").read_text())["rows"]
    measured = {row["measurement"] for row in rows}
    for part in ("training step", "evaluation step", "predict 32 rows", "fit beyond its step", "peak memory"):
        assert f"MLP: {part}" in measured
    assert {"import beyond torch", "MLP: 2,000 steps add", "MLP, cheap batches: generator"} <= measured
    assert {"files: save 16 MiB", "files: memory beyond the model, load"} <= measured
    assert sum(name.startswith("beyond torch, gradients on") for name in measured) == SHOWN + 2
    assert "kerastorch, logits" in capsys.readouterr().out


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_loop_and_the_model_have_the_same_number_of_weights(name):
    workload = WORKLOADS[name]
    loop = HandLoop(workload, next(variants(workload)))
    lstms = [m for m in loop.module.modules() if isinstance(m, torch.nn.LSTM)]
    spare = [p for m in lstms for name, p in m.named_parameters() if "bias_hh" in name]
    # torch's LSTM has a second bias that is only added to the first; Keras's has one.
    counted = sum(p.numel() for p in loop.module.parameters()) - sum(p.numel() for p in spare)
    model = Framework("kerastorch", workload).model
    assert sum(w.numel() for w in model.trainable_weights) == counted


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["MLP", "masked LSTM", "ResNet", "autoencoder", "two inputs", "text classifier"]
)
@pytest.mark.parametrize("package", ["keras", "kerastorch"])
def test_the_loop_and_the_frameworks_learn_alike(package, name):
    workload = dataclasses.replace(WORKLOADS[name], steps=min(WORKLOADS[name].steps, 60))
    loop = HandLoop(workload, next(variants(workload)))
    by_hand, by_fit = loop.train(3), Framework(package, workload, next(iter(workload.task.losses))).train(3)
    # The accuracy of a few steps depends on the first weights, which recurrent networks draw in other ways.
    compared = slice(0, 2 if name == "MLP" else 1)
    np.testing.assert_allclose(by_fit[compared], by_hand[compared], rtol=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("work", WORKS)
def test_the_loop_and_fit_get_the_same_samples_from_a_source(work):
    workload = dataclasses.replace(WORKLOADS["MLP"], steps=3)
    expected = np.sort([WORKS[work](row).sum() for row in workload.data()[0]])
    for source in sources(workload, WORKS[work]):
        for batches in (source.by_hand(), select(source.given())):
            found = np.sort(np.concatenate([np.sum(np.asarray(x), axis=1) for x, _ in batches]))
            np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3, err_msg=source.name)


def test_contestants_take_turns_from_changing_places():
    calls: list[str] = []
    actions = {name: lambda name=name: calls.append(name) for name in "abc"}
    times = take_turns(actions, rounds=3, warm_up=0)
    assert calls == [*"abc", *"bca", *"cab"]
    assert {name: len(values) for name, values in times.items()} == {"a": 3, "b": 3, "c": 3}


def test_a_ratio_compares_within_a_round():
    times = {"slow": [2.0, 20.0, 4.0], "fast": [1.0, 10.0, 1.0]}
    assert ratio(times, "slow", "fast") == 2.0


def test_the_table_names_a_measurement_once_and_shows_what_is_over():
    rows = [
        Row("step", "loop", 1234.5, "us", 1.0),
        Row("step", "ours", 12.3, "us", 0.5).owing("<= 0.4", False),
    ]
    lines = render(rows).splitlines()
    assert lines[2].split("|")[1].strip() == "step"
    assert lines[3].split("|")[1].strip() == ""
    assert [cell.strip() for cell in lines[3].split("|")[2:7]] == [
        "ours",
        "12.3 us",
        "0.50",
        "<= 0.4",
        "MISSED",
    ]


@pytest.mark.parametrize("call", [call for call in TWINS if "empty" not in call])
def test_a_call_of_an_op_and_its_twin_give_the_same(call):
    names = {**tensors(), "ops": ops}
    ours, twin = (tree.flatten(eval(text, names)) for text in (call, TWINS[call]))
    assert len(ours) == len(twin)
    for a, b in zip(ours, twin, strict=True):
        torch.testing.assert_close(torch.as_tensor(a), torch.as_tensor(b), equal_nan=True)


def test_the_dearest_calls_and_how_many_are_over_the_limit_are_shown():
    found = [Cost(f"call {n}", 5.0 - 0.4 * n, 2.0) for n in range(12)]
    found.append(Cost("long", 1.0, 0.5, plain=Cost("long", 90.0, 80.0)))
    *shown, over, plain = rows(found, "gradients off")
    assert [row.met for row in shown] == [False] * 4 + [True] * (SHOWN - 4)
    assert (shown[0].value, over.value, over.owed, over.met) == (3.0, 4, "0 calls", False)
    assert (plain.value, plain.measurement) == (
        5,
        "beyond torch, gradients off: over 1.5 us where all kernels run, of 13",
    )
