"""G15, G16 and G21: several inputs and outputs, pictures of models, and the ticket model."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import kerastorch as keras
from kerastorch import layers
from kerastorch.compat import tensorflow as tf

RNG = np.random.default_rng(0)
IMAGES = RNG.random((96, 32, 32, 3), dtype="float32")
SERIES = RNG.random((96, 20, 10), dtype="float32")
SCORES = IMAGES.mean((1, 2, 3))[:, None]
CLASSES = np.eye(5, dtype="float32")[RNG.integers(0, 5, 96)]


def two_by_two():
    keras.utils.set_random_seed(0)
    image_input = keras.Input(shape=(32, 32, 3), name="img_input")
    series_input = keras.Input(shape=(None, 10), name="ts_input")
    x1 = layers.Conv2D(3, 3)(image_input)
    x1 = layers.GlobalMaxPooling2D()(x1)
    x2 = layers.Conv1D(3, 3)(series_input)
    x2 = layers.GlobalMaxPooling1D()(x2)
    x = layers.concatenate([x1, x2])
    score = layers.Dense(1, name="score_output")(x)
    classes = layers.Dense(5, name="class_output")(x)
    return keras.Model(inputs=[image_input, series_input], outputs=[score, classes])


def crossentropy():
    return keras.losses.CategoricalCrossentropy(from_logits=True)


COMPILE = {
    "lists": lambda: {"loss": [keras.losses.MeanSquaredError(), crossentropy()]},
    "dictionary": lambda: {
        "loss": {"score_output": keras.losses.MeanSquaredError(), "class_output": crossentropy()}
    },
    "strings and objects": lambda: {"loss": ["mse", crossentropy()]},
    "metrics as lists": lambda: {
        "loss": ["mse", crossentropy()],
        "metrics": [["mae", keras.metrics.MeanAbsolutePercentageError()], ["categorical_accuracy"]],
    },
    "metrics by name": lambda: {
        "loss": {"score_output": "mse", "class_output": crossentropy()},
        "metrics": {
            "score_output": ["mae", keras.metrics.MeanAbsolutePercentageError()],
            "class_output": ["categorical_accuracy"],
        },
    },
    "weights by name": lambda: {
        "loss": {"score_output": "mse", "class_output": crossentropy()},
        "loss_weights": {"score_output": 2.0, "class_output": 1.0},
    },
    "dictionary of losses, list of weights": lambda: {
        "loss": {"score_output": "mse", "class_output": crossentropy()},
        "loss_weights": [2.0, 1.0],
    },
    "None for an output": lambda: {"loss": [None, crossentropy()]},
    "a key that is missing": lambda: {"loss": {"class_output": crossentropy()}},
}
PARTS = {"mse": "score_output_loss", "crossentropy": "class_output_loss"}


def crossentropy_of(logits):
    shifted = logits - logits.max(1, keepdims=True)
    return -(CLASSES * (shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))).sum(1).mean()


@pytest.mark.parametrize("name", list(COMPILE))
def test_g15_forms_of_compile(name):
    model, arguments = two_by_two(), COMPILE[name]()
    model.compile(optimizer=keras.optimizers.RMSprop(1e-3), **arguments)
    scores, logits = model.predict([IMAGES, SERIES], verbose=0)
    mse, cross = float(np.square(scores - SCORES).mean()), float(crossentropy_of(logits))
    found = model.evaluate([IMAGES, SERIES], [SCORES, CLASSES], batch_size=96, verbose=0, return_dict=True)
    first = 0 if "None" in name or "missing" in name else 2 if "weights" in name else 1
    assert found["loss"] == pytest.approx(first * mse + cross, rel=1e-4)
    if first:  # one loss alone is not listed twice
        assert found["class_output_loss"] == pytest.approx(cross, rel=1e-4)
        assert found["score_output_loss"] == pytest.approx(mse, rel=1e-4)
    if "metrics" in arguments:
        assert list(found)[3:] == [
            "score_output_mae",
            "score_output_mean_absolute_percentage_error",
            "class_output_categorical_accuracy",
        ]
    assert list(found) == model.metrics_names


DATA = {
    "lists": lambda: (([IMAGES, SERIES], [SCORES, CLASSES]), {"batch_size": 32}),
    "dictionaries": lambda: (
        (
            {"img_input": IMAGES, "ts_input": SERIES},
            {"score_output": SCORES, "class_output": CLASSES},
        ),
        {"batch_size": 32},
    ),
    "dataset of dictionaries": lambda: (
        (
            tf.data.Dataset.from_tensor_slices(
                (
                    {"img_input": IMAGES, "ts_input": SERIES},
                    {"score_output": SCORES, "class_output": CLASSES},
                )
            ).batch(32),
        ),
        {},
    ),
}


@pytest.mark.parametrize("name", list(DATA))
def test_g15_forms_of_data(name):
    histories = []
    for form in ("lists", name):
        arguments, options = DATA[form]()
        model = two_by_two()
        model.compile("rmsprop", ["mse", crossentropy()])
        history = model.fit(*arguments, epochs=2, shuffle=False, verbose=0, **options)
        histories.append(history.history)
    assert histories[0] == histories[1]
    assert list(histories[0]) == ["loss", "score_output_loss", "class_output_loss"]


@pytest.mark.parametrize("options", [{}, {"show_shapes": True}], ids=["names", "shapes"])
def test_g16_a_picture_of_a_model(tmp_path, options):
    path = tmp_path / "model.png"
    keras.utils.plot_model(two_by_two(), str(path), **options)
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > 100
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 2


def test_g16_summary(capsys):
    two_by_two().summary()
    text = capsys.readouterr().out
    for word in ("img_input", "score_output", "(None, 32, 32, 3)", "Total params", "Connected to"):
        assert word in text


WORDS, TAGS, DEPARTMENTS = 1000, 12, 4


def tickets(loss_weights):
    keras.utils.set_random_seed(0)
    title_input = keras.Input(shape=(None,), name="title")
    body_input = keras.Input(shape=(None,), name="body")
    tags_input = keras.Input(shape=(TAGS,), name="tags")
    title = layers.LSTM(32)(layers.Embedding(WORDS, 16)(title_input))
    body = layers.LSTM(32)(layers.Embedding(WORDS, 16)(body_input))
    x = layers.concatenate([title, body, tags_input])
    priority = layers.Dense(1, name="priority")(x)
    department = layers.Dense(DEPARTMENTS, name="department")(x)
    model = keras.Model(
        inputs=[title_input, body_input, tags_input],
        outputs={"priority": priority, "department": department},
    )
    model.compile(
        optimizer=keras.optimizers.RMSprop(1e-3),
        loss={
            "priority": keras.losses.BinaryCrossentropy(from_logits=True),
            "department": keras.losses.CategoricalCrossentropy(from_logits=True),
        },
        loss_weights=loss_weights,
    )
    return model


TICKETS = {
    "title": RNG.integers(WORDS, size=(64, 10)),
    "body": RNG.integers(WORDS, size=(64, 30)),
    "tags": RNG.integers(2, size=(64, TAGS)).astype("float32"),
}
ANSWERS = {
    "priority": RNG.random((64, 1)).astype("float32"),
    "department": np.eye(DEPARTMENTS, dtype="float32")[RNG.integers(0, DEPARTMENTS, 64)],
}


@pytest.mark.parametrize(
    "weights", [{"priority": 1.0, "department": 0.2}, [1.0, 0.2]], ids=["by name", "list"]
)
def test_g21_the_ticket_model(weights):
    model = tickets(weights)
    history = model.fit(TICKETS, ANSWERS, epochs=3, batch_size=32, verbose=0).history
    assert set(history) == {"loss", "priority_loss", "department_loss"}
    np.testing.assert_allclose(
        history["loss"],
        np.array(history["priority_loss"]) + 0.2 * np.array(history["department_loss"]),
        rtol=1e-5,
    )
    assert history["loss"][-1] < history["loss"][0]


def test_g21_shared_layers():
    shared = layers.Embedding(WORDS, 16)
    first, second = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    model = keras.Model([first, second], [shared(first), shared(second)])
    a, b = model.predict([TICKETS["title"], TICKETS["title"]], verbose=0)
    np.testing.assert_array_equal(a, b)
    assert len(model.weights) == 1


def test_g21_residual_connections_learn():
    keras.utils.set_random_seed(0)
    inputs = keras.Input(shape=(32, 32, 3), name="img")
    x = layers.Conv2D(8, 3, activation="relu")(inputs)
    block_1 = layers.MaxPooling2D(3)(x)
    x = layers.Conv2D(8, 3, activation="relu", padding="same")(block_1)
    x = layers.Conv2D(8, 3, activation="relu", padding="same")(x)
    block_2 = layers.add([x, block_1])
    x = layers.GlobalAveragePooling2D()(block_2)
    model = keras.Model(inputs, layers.Dense(5)(layers.Dropout(0.1)(x)), name="toy_resnet")
    model.compile(keras.optimizers.RMSprop(1e-3), crossentropy(), metrics=["acc"])
    history = model.fit(IMAGES, CLASSES, batch_size=32, epochs=2, validation_split=0.2, verbose=0).history
    assert list(history) == ["loss", "acc", "val_loss", "val_acc"]


def test_g21_nested_models_and_an_ensemble():
    def one(name):
        inputs = keras.Input(shape=(16,))
        return keras.Model(inputs, layers.Dense(1)(inputs), name=name)

    models = [one(f"member_{i}") for i in range(3)]
    inputs = keras.Input(shape=(16,))
    ensemble = keras.Model(inputs, layers.average([model(inputs) for model in models]))
    x = RNG.random((8, 16), dtype="float32")
    expected = np.mean([model.predict(x, verbose=0) for model in models], axis=0)
    np.testing.assert_allclose(ensemble.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-6)


def test_g21_an_autoencoder_of_two_models():
    encoder_input = keras.Input(shape=(28, 28, 1), name="original_img")
    x = layers.Conv2D(8, 3, activation="relu")(encoder_input)
    x = layers.MaxPooling2D(3)(x)
    encoder = keras.Model(encoder_input, layers.GlobalMaxPooling2D()(x), name="encoder")
    decoder_input = keras.Input(shape=(8,), name="encoded_img")
    x = layers.Reshape((2, 4, 1))(decoder_input)
    decoder = keras.Model(decoder_input, layers.UpSampling2D(3)(x), name="decoder")
    inputs = keras.Input(shape=(28, 28, 1), name="img")
    autoencoder = keras.Model(inputs, decoder(encoder(inputs)), name="autoencoder")
    x = RNG.random((4, 28, 28, 1), dtype="float32")
    expected = decoder.predict(encoder.predict(x, verbose=0), verbose=0)
    np.testing.assert_allclose(autoencoder.predict(x, verbose=0), expected, rtol=1e-5)
    assert {w.path for w in autoencoder.weights} == {w.path for w in encoder.weights}


def test_g21_features_of_all_layers():
    model = two_by_two()
    features = keras.Model(inputs=model.input, outputs=[layer.output for layer in model.layers])
    found = features([IMAGES[:2], SERIES[:2]])
    assert len(found) == len(model.layers)
    np.testing.assert_allclose(
        found[-1].detach().numpy(),
        model.predict([IMAGES[:2], SERIES[:2]], verbose=0)[-1],
        rtol=1e-5,
        atol=1e-6,
    )
