"""`compile`, targets and weights of models with several outputs, in every form."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest

import kerastorch
from kerastorch import layers, metrics
from kerastorch.errors import CompileError, DataError
from tests.training.twins import assert_close, assert_same_training, both, rows, twins

X, A = rows(30)
B = np.random.default_rng(2).integers(0, 3, 30)
A_LOSS, B_LOSS = "mse", "sparse_categorical_crossentropy"


def as_list(k):
    return network(k, lambda a, b: [a, b])


def as_dict(k):
    return network(k, lambda a, b: {"a": a, "b": b})


def nested(k):
    return network(k, lambda a, b: {"first": {"a": a}, "second": [b]})


def network(k, structure):
    x = k.Input((3,), name="x")
    hidden = k.layers.Dense(4, activation="tanh", name="hidden")(x)
    a = k.layers.Dense(1, name="a")(hidden)
    b = k.layers.Dense(3, activation="softmax", name="b")(hidden)
    return k.Model(x, structure(a, b))


SAME_AS_KERAS = {
    "list": (as_list, {"loss": [A_LOSS, B_LOSS], "metrics": [["mae"], ["accuracy"]]}, [A, B]),
    "tuple": (as_list, {"loss": (A_LOSS, B_LOSS), "metrics": (["mae"], ["accuracy"])}, (A, B)),
    "dict": (
        as_list,
        {"loss": {"a": A_LOSS, "b": B_LOSS}, "metrics": {"a": "mae", "b": ["accuracy"]}},
        {"a": A, "b": B},
    ),
    "dict of outputs": (
        as_dict,
        {"loss": {"a": A_LOSS, "b": B_LOSS}, "metrics": {"a": ["mae", "mse"], "b": ["accuracy"]}},
        {"a": A, "b": B},
    ),
    "one metric each": (as_list, {"loss": [A_LOSS, B_LOSS], "metrics": ["mae", "accuracy"]}, [A, B]),
    "list of weights": (as_list, {"loss": [A_LOSS, B_LOSS], "loss_weights": [0.5, 2.0]}, [A, B]),
    "dict of weights": (
        as_dict,
        {"loss": {"a": A_LOSS, "b": B_LOSS}, "loss_weights": {"a": 0.5, "b": 2.0}},
        {"a": A, "b": B},
    ),
    "metrics of one output": (as_list, {"loss": [A_LOSS, B_LOSS], "metrics": {"b": ["accuracy"]}}, [A, B]),
    "no metrics for one": (as_list, {"loss": [A_LOSS, B_LOSS], "metrics": [None, ["acc"]]}, [A, B]),
    "weighted metrics": (
        as_list,
        {"loss": [A_LOSS, B_LOSS], "metrics": [["mae"], []], "weighted_metrics": [["mse"], ["acc"]]},
        [A, B],
    ),
    "one loss for all": (lambda k: two_numbers(k), {"loss": "mse"}, [A, A * 2]),
}


def two_numbers(k):
    x = k.Input((3,))
    return k.Model(x, [k.layers.Dense(1, name="a")(x), k.layers.Dense(1, name="b")(x)])


def compiled(build, arguments):
    models = twins(build)
    for model in models:
        model.compile("adam", **arguments)
    return models


@pytest.mark.parametrize("case", list(SAME_AS_KERAS))
def test_forms_that_keras_takes(case):
    """Names, values and training are Keras's; the loss comes first, then the loss of each output."""
    build, arguments, y = SAME_AS_KERAS[case]
    models = compiled(build, arguments)
    ours, _ = assert_same_training(models, X, y, epochs=2, batch_size=8, validation_data=(X, y))
    assert list(ours)[:3] == ["loss", "a_loss", "b_loss"]
    mine, other = both(models, "evaluate", X, y, return_dict=True)
    assert_close(mine, other)
    assert list(mine) == models[0].metrics_names
    assert models[0].evaluate(X, y, verbose=0) == list(mine.values())


@pytest.mark.parametrize(
    "loss",
    [{"a": A_LOSS}, [A_LOSS, None], {"a": A_LOSS, "b": None}],
    ids=["missing key", "None in list", "None in dict"],
)
@pytest.mark.parametrize(
    "y", [{"a": A}, {"a": A, "b": B}, [A, B], [A], A], ids=["dict", "both", "list", "one", "array"]
)
def test_output_without_a_loss(loss, y):
    """As in Keras 2, it is predicted and not trained."""
    model = as_list(kerastorch)
    model.compile("sgd", loss)
    before = [np.array(w) for w in model.get_layer("b").get_weights()]
    history = model.fit(X, y, epochs=2, verbose=0).history
    assert list(history) == ["loss"]
    assert all(np.array_equal(u, v) for u, v in zip(before, model.get_layer("b").get_weights(), strict=True))
    assert len(model.predict(X, verbose=0)) == 2


def test_dictionary_of_losses_with_a_list_of_weights():
    """The list is in the order of the outputs."""
    models = twins(as_list)
    models[0].compile("sgd", {"b": B_LOSS, "a": A_LOSS}, loss_weights=[0.5, 2.0])
    models[1].compile("sgd", [A_LOSS, B_LOSS], loss_weights=[0.5, 2.0])
    assert_close(*both(models, "evaluate", X, [A, B], return_dict=True))


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        ({"first": {"a": A_LOSS}, "second": [B_LOSS]}, {"first": {"a": A}, "second": [B]}),
        ([A_LOSS, B_LOSS], {"first": {"a": A}, "second": [B]}),
        ({"first": {"a": A_LOSS}, "second": [None]}, {"first": {"a": A}, "second": [B]}),
    ],
    ids=["like the outputs", "flat list", "None inside"],
)
def test_nested_outputs(loss, y):
    model = nested(kerastorch)
    model.compile("sgd", loss, metrics={"first": {"a": ["mae"]}})
    logs = model.evaluate(X, y, verbose=0, return_dict=True)
    predicted = model.predict(X, verbose=0)
    assert logs[next(n for n in logs if n.endswith("mae"))] == pytest.approx(
        np.abs(predicted["first"]["a"] - A).mean(), rel=1e-5
    )
    assert predicted["second"][0].shape == (30, 3)
    assert model.fit(X, y, epochs=2, verbose=0).history["loss"]


@pytest.mark.parametrize(
    "y",
    [[A, B], (A, B), {"a": A, "b": B}, {"b": B, "a": A}, {"a": A, "b": B, "unused": B}],
    ids=["list", "tuple", "dict", "other order", "more keys"],
)
@pytest.mark.parametrize("build", [as_list, as_dict])
def test_forms_of_targets(build, y):
    model = build(kerastorch)
    model.set_weights([np.full(w.shape, 0.1, "float32") for w in model.get_weights()])
    model.compile("sgd", {"a": A_LOSS, "b": B_LOSS}, metrics={"b": "accuracy"})
    a, _ = (model.predict(X, verbose=0)[key] for key in (("a", "b") if build is as_dict else (0, 1)))
    logs = model.evaluate(X, y, verbose=0, return_dict=True)
    assert list(logs) == ["loss", "a_loss", "b_loss", "b_accuracy"]
    assert logs["a_loss"] == pytest.approx(((a - A) ** 2).mean(), rel=1e-5)
    assert logs["b_loss"] == pytest.approx(np.log(3), rel=1e-5)


def test_flat_list_of_metrics_as_in_keras_3():
    """The first goes to the first output, the second to the second."""
    model = as_list(kerastorch)
    with pytest.warns(UserWarning, match="'mae' to 'a', 'acc' to 'b'"):
        model.compile("sgd", [A_LOSS, B_LOSS], metrics=["mae", "acc"])
    assert model.metrics_names == ["loss", "a_loss", "b_loss", "a_mae", "b_acc"]


def test_flat_list_with_a_gap():
    model = as_list(kerastorch)
    model.compile("sgd", [A_LOSS, B_LOSS], metrics=[None, "acc"])
    assert model.metrics_names == ["loss", "a_loss", "b_loss", "b_acc"]


@pytest.fixture
def tf_keras_dialect():
    kerastorch.config.set_dialect("tf_keras")
    yield
    kerastorch.config.set_dialect("keras")


@pytest.mark.usefixtures("tf_keras_dialect")
def test_flat_list_of_metrics_as_in_keras_2():
    """Each goes to each output."""
    model = two_numbers(kerastorch)
    model.compile("sgd", "mse", metrics=["mae", "mse"])
    assert model.metrics_names == ["loss", "a_loss", "b_loss", "a_mae", "a_mse", "b_mae", "b_mse"]


@pytest.mark.parametrize("metric", [["mse"], "mse", [metrics.MeanSquaredError(name="mse")]])
def test_single_metric_goes_to_all_outputs(metric):
    """Keras 3 refuses this; Keras 2 gave it to each output. Each has a state of its own."""
    model = two_numbers(kerastorch)
    model.compile("sgd", "mse", metrics=metric)
    logs = model.evaluate(X, [A, A * 2], verbose=0, return_dict=True)
    assert logs["a_mse"] == pytest.approx(logs["a_loss"], rel=1e-5)
    assert logs["b_mse"] == pytest.approx(logs["b_loss"], rel=1e-5)
    assert logs["a_mse"] != pytest.approx(logs["b_mse"], rel=1e-3)


def test_accuracy_by_the_shapes_of_each_output():
    models = twins(as_list)
    for model in models:
        model.compile("sgd", [A_LOSS, B_LOSS], metrics=[["accuracy"], ["accuracy"]])
    y = [(A > 0).astype("float32"), B]
    assert_close(*both(models, "evaluate", X, y, return_dict=True))


FAULTS = [
    ({"loss": {"a": A_LOSS, "bb": B_LOSS}}, r"key 'bb'.*\['a', 'b'\].*Did you mean 'b'|key 'bb'"),
    ({"loss": [A_LOSS]}, r"list of 1.*2 output.*'a', 'b'"),
    ({"loss": [A_LOSS, B_LOSS, A_LOSS]}, "list of 3"),
    ({"loss": [A_LOSS, B_LOSS], "loss_weights": [1.0]}, "`loss_weights` is a list of 1"),
    ({"loss": [A_LOSS, B_LOSS], "loss_weights": 2.0}, "`loss_weights` is the number 2.0"),
    ({"loss": [A_LOSS, B_LOSS], "loss_weights": {"c": 1.0}}, "`loss_weights` has the key 'c'"),
    ({"loss": [A_LOSS, B_LOSS], "metrics": {"c": ["mae"]}}, "`metrics` has the key 'c'"),
    ({"loss": [A_LOSS, B_LOSS], "metrics": [["mae"], ["acc"], ["mae"]]}, "`metrics` is a list of 3"),
    ({"loss": [A_LOSS, "nope"]}, "output 'b'.*nope"),
]


@pytest.mark.parametrize(("arguments", "text"), FAULTS, ids=str)
def test_arguments_that_do_not_fit(arguments, text):
    with pytest.raises(CompileError, match=text):
        as_list(kerastorch).compile("sgd", **arguments)


def test_all_faults_of_all_outputs_are_listed():
    with pytest.raises(CompileError, match="4 faults") as caught:
        as_list(kerastorch).compile(
            "sgd", {"a": "msee", "c": "mse"}, loss_weights={"d": 1.0}, metrics={"b": ["acuracy"]}
        )
    assert len(caught.value.faults) == 4


WRONG_TARGETS = [
    (A, "one array, but the model has 2 outputs"),
    ([A], "list of 1, but the model has 2 output"),
    ([A, B, B], "list of 3"),
    ({"a": A}, "no entry for output 'b'"),
    ({"a": A, "bb": B}, "no entry for output 'b'.*'bb'"),
    (None, "needs targets"),
]


@pytest.mark.parametrize(("y", "text"), WRONG_TARGETS, ids=lambda v: v if isinstance(v, str) else None)
def test_targets_that_do_not_fit(y, text):
    model = as_list(kerastorch)
    model.compile("sgd", [A_LOSS, B_LOSS])
    before = [np.array(w) for w in model.get_weights()]
    with pytest.raises(DataError, match=text):
        model.fit(X, y, verbose=0)
    assert all(np.array_equal(u, v) for u, v in zip(before, model.get_weights(), strict=True))
    model.fit(X, [A, B], verbose=0)


WEIGHTS = np.linspace(0.0, 2.0, 30).astype("float32")


@pytest.mark.parametrize(
    ("build", "y", "weights"),
    [
        (as_list, [A, B], [WEIGHTS, WEIGHTS[::-1]]),
        (as_dict, {"a": A, "b": B}, {"a": WEIGHTS, "b": WEIGHTS[::-1]}),
        (as_list, [A, B], WEIGHTS),
    ],
    ids=["list", "dict", "one for all"],
)
def test_sample_weights_of_each_output(build, y, weights):
    losses = {"a": A_LOSS, "b": B_LOSS}
    models = compiled(build, {"loss": losses, "weighted_metrics": {"a": ["mae"], "b": ["accuracy"]}})
    if weights is WEIGHTS:  # Keras wants the structure of the targets
        ours = models[0].evaluate(X, y, sample_weight=weights, verbose=0)
        theirs = models[1].evaluate(X, y, sample_weight=[weights, weights], verbose=0, return_dict=True)
        assert_close(dict(zip(models[0].metrics_names, ours, strict=True)), theirs)
        return
    assert_same_training(models, X, y, epochs=2, batch_size=8, sample_weight=weights)


@pytest.mark.parametrize("weights", [{"b": WEIGHTS}, [None, WEIGHTS]], ids=["dict", "list"])
def test_sample_weights_of_one_output(weights):
    model = as_list(kerastorch)
    model.compile("sgd", {"a": A_LOSS, "b": B_LOSS}, weighted_metrics=[["mse"], ["acc"]])
    plain = model.evaluate(X, {"a": A, "b": B}, verbose=0, return_dict=True)
    weighted = model.evaluate(X, [A, B], sample_weight=weights, verbose=0, return_dict=True)
    assert weighted["a_loss"] == plain["a_loss"]
    assert weighted["b_loss"] != plain["b_loss"]
    _, b = model.predict(X, verbose=0)
    expected = (WEIGHTS * (b.argmax(1) == B)).sum() / WEIGHTS.sum()
    assert weighted["b_acc"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("form", ["dict", "list"])
def test_class_weights_of_one_output(form):
    table = {0: 1.0, 1: 3.0, 2: 0.5}
    model = as_list(kerastorch)
    model.compile("sgd", [A_LOSS, B_LOSS])
    start = model.get_weights()
    losses = []
    for options in (
        {"class_weight": {"b": table} if form == "dict" else [None, table]},
        {"sample_weight": {"b": np.vectorize(table.get)(B).astype("float32")}},
    ):
        model.set_weights(start)
        losses.append(model.fit(X, [A, B], epochs=2, shuffle=False, verbose=0, **options).history)
    assert losses[0] == losses[1]


def test_subclassed_model_with_two_outputs_is_compiled_before_its_outputs_are_known():
    def build(k):
        class Net(k.Model):
            def __init__(self):
                super().__init__()
                self.a = k.layers.Dense(1, name="a")
                self.b = k.layers.Dense(3, activation="softmax", name="b")

            def call(self, inputs):
                return {"a": self.a(inputs), "b": self.b(inputs)}

        model = Net()
        model(X[:2])
        return model

    models = compiled(build, {"loss": {"a": A_LOSS, "b": B_LOSS}, "metrics": {"b": ["accuracy"]}})
    ours, _ = assert_same_training(models, X, {"a": A, "b": B}, epochs=2)
    assert list(ours) == ["loss", "a_loss", "b_loss", "b_accuracy"]


def test_outputs_of_a_subclassed_model_that_do_not_fit():
    class Net(kerastorch.Model):
        def __init__(self):
            super().__init__()
            self.a = layers.Dense(1)

        def call(self, inputs):
            return {"a": self.a(inputs)}

    model = Net()
    model.compile("sgd", {"a": "mse", "zz": "mse"})
    with pytest.raises(CompileError, match="key 'zz'"):
        model.fit(X, {"a": A}, verbose=0)


def test_several_outputs_of_one_layer():
    def build(k):
        x = k.Input((3,), name="x")
        shared = k.layers.Dense(1, name="shared")
        return k.Model(x, [shared(x), shared(-x)])

    model = build(kerastorch)
    model.compile("sgd", "mse")
    logs = model.evaluate(X, [A, -A], verbose=0, return_dict=True)
    assert len(logs) == 3
    assert logs["loss"] == pytest.approx(sum(list(logs.values())[1:]), rel=1e-5)


def test_no_warning_for_two_outputs():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = as_list(kerastorch)
        model.compile("sgd", [A_LOSS, B_LOSS], metrics={"b": "acc"})
        model.fit(X, [A, B], verbose=0)


def test_keras_gives_the_same_names_to_repeated_outputs():
    ours, theirs = (
        k.Model(
            x,
            [k.layers.Dense(1, name="d")(x), k.layers.Dense(1, name="e")(x), k.layers.Dense(1, name="f")(x)],
        )
        for k, x in ((kerastorch, kerastorch.Input((3,))), (keras, keras.Input((3,))))
    )
    for model in (ours, theirs):
        model.compile("sgd", "mse")
    mine, other = both((ours, theirs), "evaluate", X, [A, A, A], return_dict=True)
    assert set(mine) == set(other)
