"""What `kerastorch check` says about scripts and notebooks."""

from __future__ import annotations

import json
import textwrap

import pytest

from kerastorch.compat.check import check, main
from kerastorch.errors import InvalidArgumentError


def found(tmp_path, source, name="train.py"):
    """The findings of a script, as `(line, kind, name or text)`."""
    path = tmp_path / name
    path.write_text(textwrap.dedent(source))
    return [
        (finding.place.split(":")[1], finding.kind, finding.name or finding.text)
        for finding in check(str(path))
    ]


CLEAN = """
    import tensorflow as tf
    from tensorflow import keras
    from tensorflow.keras import layers as L
    from keras.layers import Dense, Input
    import keras.backend as unused

    def build(keras=None):
        return keras.no_such_name   # an argument, not the module

    model = keras.Sequential([Input((4,)), Dense(3, activation="relu"), L.Dense(1)])
    model.compile("adam", loss=keras.losses.MeanSquaredError())
    x = tf.reduce_sum(tf.ones((2, 2)), axis=-1)
    model.anything.at_all()
"""

MISSING = {
    "an attribute": ("import keras\n\nkeras.layers.Dens(3)", ("3", "missing", "keras.layers.Dens")),
    "an import": ("from keras.layers import Dense, Dens", ("1", "missing", "keras.layers.Dens")),
    "through an alias": (
        "import tensorflow as tf\nL = tf.keras.layers\nL.Dens(1)",
        ("3", "missing", "tensorflow.keras.layers.Dens"),
    ),
    "in a function": ("import keras\ndef f():\n    return keras.Modell", ("3", "missing", "keras.Modell")),
    "in a base class": ("import keras\nclass A(keras.Modell):\n    pass", ("2", "missing", "keras.Modell")),
    "of a class": (
        "import keras\nkeras.Model.from_nothing({})",
        ("2", "missing", "keras.Model.from_nothing"),
    ),
    "of tensorflow": (
        "import tensorflow as tf\ntf.raw_ops.Add(x=1, y=2)",
        ("2", "missing", "tensorflow.raw_ops"),
    ),
    "a module": ("import keras.no_such_module", ("1", "missing", "keras.no_such_module")),
    "an argument": (
        "from keras import callbacks\ncallbacks.EarlyStopping(patiense=3)",
        ("2", "argument", "keras.callbacks.EarlyStopping(patiense=)"),
    ),
}


@pytest.mark.parametrize("name", list(MISSING))
def test_what_is_missing(tmp_path, name):
    source, expected = MISSING[name]
    assert found(tmp_path, source) == [expected]


def test_a_clean_script(tmp_path):
    assert [f for f in found(tmp_path, CLEAN) if "backend" not in f[2]] == []


DIALECT = {
    "lr": ("import keras\nkeras.optimizers.Adam(lr=0.1)", "lr= is the learning rate"),
    "decay": ("from keras.optimizers import SGD\nSGD(0.1, decay=1e-3)", "decay= lowers the rate"),
    "metrics of several outputs": (
        "m.compile('sgd', loss=['mse', 'mae'], metrics=['acc', 'mae'])",
        "a flat list of metrics",
    ),
    "losses by name": (
        "m.compile(loss={'a': 'mse'}, metrics={'a': 'mae', 'b': 'mae'})",
        "outputs without a loss",
    ),
    "jit_compile": ("m.compile('sgd', 'mse', jit_compile=True)", "jit_compile=True compiles"),
    "both weights": (
        "m.fit(x, y, class_weight={0: 1}, sample_weight=w)",
        "class and sample weights multiply",
    ),
    "train_on_batch": ("m.train_on_batch(x, y)", "train_on_batch returns"),
    "metrics_names": ("print(m.metrics_names)", "metrics_names are the flat names"),
    "keys of a history": ("h.history.keys()", "history has the loss first"),
    "list of a history": ("list(h.history)", "history has the loss first"),
    "accuracy": ("h.history['val_acc']", "'val_acc' is found under both of its names"),
    "functions": (
        "import tensorflow as tf\n@tf.function\ndef f(): pass",
        "tf.function runs the function eagerly",
    ),
}


@pytest.mark.parametrize("name", list(DIALECT))
def test_lines_that_depend_on_the_dialect(tmp_path, name):
    source, text = DIALECT[name]
    findings = found(tmp_path, source)
    assert [kind for _, kind, _ in findings] == ["dialect"]
    assert findings[0][2].startswith(text)
    assert findings[0][0] == str(source.count("\n") + 1 - ("@tf" in source))


def notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})


def test_places_in_a_notebook(tmp_path):
    path = tmp_path / "train.ipynb"
    path.write_text(
        notebook(["%matplotlib inline\n", "import keras"], "!ls\nkeras.layers?\n\nkeras.Modell()")
    )
    (finding,) = check(str(path))
    assert finding.place == f"{path}, cell 2:4:1"
    assert finding.name == "keras.Modell"


def test_the_report_and_its_exit_code(tmp_path, capsys):
    path = tmp_path / "train.py"
    path.write_text("import keras\nkeras.Modell(optimizer=keras.optimizers.Adam(lr=0.1))\n")
    assert main([str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{path}:2:1: missing  keras.Modell: is not there. Did you mean 'Model'?")
    assert lines[-1] == (
        "1 file checked: 1 missing names, 0 arguments not taken, 1 lines that depend on the dialect."
    )
    path.write_text("import keras\nkeras.optimizers.Adam(lr=0.1)\n")
    assert main([str(path)]) == 0


def test_the_report_as_json(tmp_path, capsys):
    path = tmp_path / "train.py"
    path.write_text("import keras\nkeras.Modell()\n")
    assert main([str(path), "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding["kind"] == "missing"
    assert finding["name"] == "keras.Modell"


UNREADABLE = {
    "a file that is not there": (None, "cannot be read"),
    "no python": ("def f(:", "is no Python"),
    "no notebook": ("{}", "is no notebook"),
}


@pytest.mark.parametrize("name", list(UNREADABLE))
def test_files_that_cannot_be_checked(tmp_path, capsys, name):
    text, message = UNREADABLE[name]
    path = tmp_path / ("train.ipynb" if "notebook" in name else "train.py")
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidArgumentError, match=message):
        check(str(path))
    assert main([str(path)]) == 2
    assert message in capsys.readouterr().err
