"""Recognise handwritten digits: the demo that `make demo` runs.

scikit-learn brings 1,797 real handwritten digits, images of 8 by 8 pixels, so nothing is downloaded. A small
convolutional network learns to read them in seconds; what it has learnt is checked on digits that it never saw,
and the learning curves are drawn to `digits_curves.png`.

    python tutorials/digits_demo.py [--epochs 40] [--picture digits_curves.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import kerastorch as keras
from kerastorch import layers

mpl.use("Agg")  # draw to files, without a display
import matplotlib.pyplot as plt

Split = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def load() -> Split:
    """Images in [0, 1] of shape (N, 8, 8, 1) and their digits, one fifth held out for the test."""
    digits = load_digits()
    images = (digits.images / 16).astype("float32")[..., np.newaxis]
    return tuple(
        train_test_split(images, digits.target, test_size=0.2, stratify=digits.target, random_state=0)
    )


def make_model() -> keras.Model:
    """A small convolutional network that gives one probability a digit."""
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def draw(history: dict[str, list[float]], picture: Path) -> None:
    """Saves loss and accuracy over the epochs, on training and validation data."""
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
        epochs = range(1, len(history[name]) + 1)
        axis.plot(epochs, history[name], label="training")
        axis.plot(epochs, history[f"val_{name}"], label="validation")
        axis.set(title=name, xlabel="epoch")
        axis.grid(alpha=0.3)
        axis.legend()
    figure.savefig(picture, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> float:
    """Trains, evaluates and draws; returns the accuracy on the test digits."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=40, help="at most so many (default: 40)")
    parser.add_argument("--picture", type=Path, default=Path("digits_curves.png"))
    options = parser.parse_args(arguments)

    keras.utils.set_random_seed(0)
    train_images, test_images, train_digits, test_digits = load()
    model = make_model()
    model.summary()
    patience = keras.callbacks.EarlyStopping(monitor="val_loss", patience=6, restore_best_weights=True)
    history = model.fit(
        train_images,
        train_digits,
        batch_size=32,
        epochs=options.epochs,
        validation_split=0.15,
        callbacks=[patience],
    ).history
    loss, accuracy = model.evaluate(test_images, test_digits, verbose=0)
    draw(history, options.picture)
    guesses = model.predict(test_images[:10], verbose=0).argmax(axis=1)
    print(f"Stopped after {len(history['loss'])} epochs.")
    print(f"Test loss {loss:.4f}, test accuracy {accuracy:.2%} on {len(test_digits)} digits it never saw.")
    print(f"The first ten are {test_digits[:10].tolist()}, the network reads {guesses.tolist()}.")
    print(f"Learning curves: {options.picture}")
    return accuracy


if __name__ == "__main__":
    main()
