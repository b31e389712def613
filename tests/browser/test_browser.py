"""Exported ONNX files in a real browser: the same numbers as `predict` gives here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kerastorch import Model
from tests.browser.chromium import Arrays, run_in_browser
from tests.browser.networks import NETWORKS

pytestmark = pytest.mark.browser
ROWS = (1, 5)


def _by_name(model: Model, outputs: Any) -> Arrays:
    return outputs if isinstance(outputs, dict) else {model.output_names[0]: outputs}


@pytest.fixture(scope="module")
def visit(tmp_path_factory) -> dict[str, Any]:
    """What the browser says of all networks, and what `predict` says."""
    folder, jobs, wanted = tmp_path_factory.mktemp("browser"), {}, {}
    for name, network in NETWORKS.items():
        model, x = network()
        feeds = [{key: value[:rows] for key, value in x.items()} for rows in ROWS]
        model.export(folder / f"{name}.onnx", format="onnx", verbose=False)
        jobs[f"{name}.onnx"] = feeds
        wanted[name] = [_by_name(model, model.predict(feed, verbose=0)) for feed in feeds]
    return {"wanted": wanted, **run_in_browser(folder, jobs)}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_browser_computes_what_predict_does(visit, name):
    found, wanted = visit["results"][f"{name}.onnx"], visit["wanted"][name]
    assert "error" not in found, found
    for theirs, ours in zip(found, wanted, strict=True):
        assert sorted(theirs) == sorted(ours)
        for key in ours:
            assert theirs[key].shape == ours[key].shape
            np.testing.assert_allclose(theirs[key], ours[key], rtol=1e-5, atol=1e-6)


def test_it_is_a_real_browser(visit):
    assert "Chrome/" in visit["agent"]
