"""The guide as one script for TensorFlow's Keras: nothing in it names kerastorch. Run by `python -m kerastorch`."""
# ruff: noqa: B905, UP008  (written as the scripts of those years are)

import math
import os
import sys
import tempfile

import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(1)
folder = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()

data = load_digits()
order = np.random.permutation(len(data.target))
x_all, y_all = (data.data[order] / 16.0).astype("float32"), data.target[order].astype("float32")
x_train, y_train = x_all[:1200], y_all[:1200]
x_val, y_val = x_all[1200:1500], y_all[1200:1500]
x_test, y_test = x_all[1500:], y_all[1500:]


def done(name):
    print(name, "ok", flush=True)


# G1 to G4: build, compile, fit, evaluate, predict -----------------------------------------------------------------


def get_uncompiled_model():
    inputs = keras.Input(shape=(64,), name="digits")
    x = layers.Dense(64, activation="relu", name="dense_1")(inputs)
    x = layers.Dense(64, activation="relu", name="dense_2")(x)
    outputs = layers.Dense(10, activation="softmax", name="predictions")(x)
    return keras.Model(inputs=inputs, outputs=outputs)


def get_compiled_model():
    model = get_uncompiled_model()
    model.compile(
        optimizer="rmsprop",
        loss="sparse_categorical_crossentropy",
        metrics=["sparse_categorical_accuracy"],
    )
    return model


model = get_uncompiled_model()
model.compile(
    optimizer=keras.optimizers.RMSprop(),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
history = model.fit(x_train, y_train, batch_size=64, epochs=10, validation_data=(x_val, y_val))
assert list(history.history)[:2] == ["loss", "sparse_categorical_accuracy"]
results = dict(zip(model.metrics_names, model.evaluate(x_test, y_test, batch_size=128)))
assert results["sparse_categorical_accuracy"] > 0.9, results
assert model.predict(x_test[:3]).shape == (3, 10)


class Classifier(keras.Model):
    def __init__(self):
        super(Classifier, self).__init__()
        self.hidden = layers.Dense(64, activation=tf.nn.relu)
        self.dropout = layers.Dropout(0.2)
        self.classify = layers.Dense(10)

    def call(self, inputs, training=False):
        return tf.nn.softmax(self.classify(self.dropout(self.hidden(inputs), training=training)))


for model in (Classifier(), keras.Sequential([keras.Input((64,)), layers.Dense(10, activation="softmax")])):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["acc"])
    assert "acc" in model.fit(x_train, y_train, epochs=2, verbose=2).history
done("G1 to G5")

# G6, G7: losses and metrics of one's own ---------------------------------------------------------------------------


def custom_mean_squared_error(y_true, y_pred):
    return tf.math.reduce_mean(tf.square(y_true - y_pred), axis=-1)


class CustomMSE(keras.losses.Loss):
    def __init__(self, regularization_factor=0.1, name="custom_mse"):
        super().__init__(name=name)
        self.regularization_factor = regularization_factor

    def call(self, y_true, y_pred):
        mse = tf.math.reduce_mean(tf.square(y_true - y_pred), axis=-1)
        reg = tf.math.reduce_mean(tf.square(0.5 - y_pred), axis=-1)
        return mse + reg * self.regularization_factor


class CategoricalTruePositives(keras.metrics.Metric):
    def __init__(self, name="categorical_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_weight(name="ctp", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = tf.reshape(tf.argmax(y_pred, axis=1), shape=(-1, 1))
        values = tf.cast(tf.reshape(y_true, (-1, 1)), "int32") == tf.cast(y_pred, "int32")
        values = tf.cast(values, "float32")
        if sample_weight is not None:
            sample_weight = tf.cast(sample_weight, "float32")
            values = tf.multiply(values, sample_weight)
        self.true_positives.assign_add(tf.reduce_sum(values))

    def result(self):
        return self.true_positives

    def reset_states(self):
        self.true_positives.assign(0.0)


y_one_hot = tf.one_hot(y_train.astype("int32"), depth=10)
for loss in (custom_mean_squared_error, CustomMSE()):
    model = get_uncompiled_model()
    model.compile(optimizer=keras.optimizers.Adam(), loss=loss)
    losses = model.fit(x_train, y_one_hot, batch_size=64, epochs=2, verbose=0).history["loss"]
    assert losses[1] < losses[0]

model = get_uncompiled_model()
model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=[CategoricalTruePositives()])
history = model.fit(x_train, y_train, batch_size=64, epochs=3, verbose=0).history
assert 0 < history["categorical_true_positives"][0] < history["categorical_true_positives"][-1] <= 1200
done("G6, G7")

# G8, G9: losses and metrics that layers add ------------------------------------------------------------------------


class ActivityRegularizationLayer(layers.Layer):
    def call(self, inputs):
        self.add_loss(tf.reduce_sum(inputs) * 0.1)
        self.add_metric(tf.math.reduce_std(inputs), name="std_of_activation", aggregation="mean")
        return inputs


inputs = keras.Input(shape=(64,), name="digits")
x = layers.Dense(64, activation="relu", name="dense_1")(inputs)
x = ActivityRegularizationLayer()(x)
outputs = layers.Dense(10, name="predictions")(x)
model = keras.Model(inputs=inputs, outputs=outputs)
model.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
assert list(model.fit(x_train, y_train, verbose=0).history) == ["loss", "std_of_activation"]

inputs = keras.Input(shape=(64,), name="digits")
x1 = layers.Dense(64, activation="relu", name="dense_1")(inputs)
model = keras.Model(inputs=inputs, outputs=layers.Dense(10, name="predictions")(x1))
model.add_loss(tf.reduce_sum(x1) * 0.1)
model.add_metric(tf.math.reduce_std(x1), name="std_of_activation", aggregation="mean")
model.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
assert list(model.fit(x_train, y_train, verbose=0).history) == ["loss", "std_of_activation"]


class LogisticEndpoint(layers.Layer):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
        self.accuracy_fn = keras.metrics.BinaryAccuracy()

    def call(self, targets, logits, sample_weights=None):
        self.add_loss(self.loss_fn(targets, logits, sample_weights))
        self.add_metric(self.accuracy_fn(targets, logits, sample_weights), name="accuracy")
        return tf.nn.softmax(logits)


inputs = keras.Input(shape=(3,), name="inputs")
targets = keras.Input(shape=(10,), name="targets")
logits = layers.Dense(10)(inputs)
predictions = LogisticEndpoint(name="predictions")(logits, targets)
model = keras.Model(inputs=[inputs, targets], outputs=predictions)
model.compile(optimizer="adam")
rows = {"inputs": np.random.random((3, 3)), "targets": np.random.random((3, 10))}
assert list(model.fit(rows, verbose=0).history) == ["loss", "binary_accuracy"]
done("G8, G9")

# G10 to G14: data --------------------------------------------------------------------------------------------------

model = get_compiled_model()
model.fit(x_train, y_train, batch_size=64, validation_split=0.2, epochs=1)
train_dataset = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(buffer_size=1024).batch(64)
val_dataset = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(64)
model.fit(train_dataset, epochs=1, validation_data=val_dataset, validation_steps=2)
model.fit(train_dataset.repeat(), epochs=3, steps_per_epoch=10, verbose=0)
result = model.evaluate(val_dataset, return_dict=True, verbose=0)
assert set(result) == {"loss", "sparse_categorical_accuracy"}
model.fit(pd.DataFrame(x_train), pd.Series(y_train), verbose=0)


class DigitSequence(keras.utils.Sequence):
    def __init__(self, x, y, batch_size):
        self.x, self.y, self.batch_size = x, y, batch_size

    def __len__(self):
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, idx):
        return (
            self.x[idx * self.batch_size : (idx + 1) * self.batch_size],
            self.y[idx * self.batch_size : (idx + 1) * self.batch_size],
        )


model.fit(DigitSequence(x_train, y_train, 32), epochs=2, verbose=0, workers=2, use_multiprocessing=True)
class_weight = {0: 1.0, 1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0, 5: 2.0, 6: 1.0, 7: 1.0, 8: 1.0, 9: 1.0}
sample_weight = np.ones(shape=(len(y_train),))
sample_weight[y_train == 5] = 2.0
histories = []
for options in ({"class_weight": class_weight}, {"sample_weight": sample_weight}):
    keras.utils.set_random_seed(2)
    model = get_compiled_model()
    histories.append(
        model.fit(x_train, y_train, batch_size=64, epochs=1, verbose=0, **options).history["loss"]
    )
assert np.allclose(*histories, rtol=1e-5), histories
weighted = (
    tf.data.Dataset.from_tensor_slices((x_train, y_train, sample_weight)).shuffle(buffer_size=1024).batch(64)
)
get_compiled_model().fit(weighted, epochs=1, verbose=0)
done("G10 to G14")

# G15, G16, G21: several inputs and outputs -------------------------------------------------------------------------

image_input = keras.Input(shape=(32, 32, 3), name="img_input")
timeseries_input = keras.Input(shape=(None, 10), name="ts_input")
x1 = layers.GlobalMaxPooling2D()(layers.Conv2D(3, 3)(image_input))
x2 = layers.GlobalMaxPooling1D()(layers.Conv1D(3, 3)(timeseries_input))
x = layers.concatenate([x1, x2])
score_output = layers.Dense(1, name="score_output")(x)
class_output = layers.Dense(5, name="class_output")(x)
model = keras.Model(inputs=[image_input, timeseries_input], outputs=[score_output, class_output])
keras.utils.plot_model(model, os.path.join(folder, "multi_input_and_output_model.png"), show_shapes=True)
assert os.path.getsize(os.path.join(folder, "multi_input_and_output_model.png")) > 1000
model.summary()
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "score_output": keras.losses.MeanSquaredError(),
        "class_output": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    metrics={
        "score_output": [keras.metrics.MeanAbsolutePercentageError(), keras.metrics.MeanAbsoluteError()],
        "class_output": [keras.metrics.CategoricalAccuracy()],
    },
    loss_weights={"score_output": 2.0, "class_output": 1.0},
)
img_data = np.random.random_sample(size=(100, 32, 32, 3))
ts_data = np.random.random_sample(size=(100, 20, 10))
score_targets = np.random.random_sample(size=(100, 1))
class_targets = np.random.random_sample(size=(100, 5))
model.fit([img_data, ts_data], [score_targets, class_targets], batch_size=32, epochs=1)
named = tf.data.Dataset.from_tensor_slices(
    (
        {"img_input": img_data, "ts_input": ts_data},
        {"score_output": score_targets, "class_output": class_targets},
    )
)
history = model.fit(named.shuffle(buffer_size=1024).batch(64), epochs=1, verbose=0).history
assert "score_output_loss" in history
assert "class_output_categorical_accuracy" in history

title_input, body_input = keras.Input((None,), name="title"), keras.Input((None,), name="body")
tags_input = keras.Input((12,), name="tags")
title_features = layers.LSTM(16)(layers.Embedding(500, 16)(title_input))
body_features = layers.LSTM(8)(layers.Embedding(500, 16)(body_input))
x = layers.concatenate([title_features, body_features, tags_input])
model = keras.Model(
    inputs=[title_input, body_input, tags_input],
    outputs={
        "priority": layers.Dense(1, name="priority")(x),
        "department": layers.Dense(4, name="department")(x),
    },
)
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    loss_weights=[1.0, 0.2],
)
model.fit(
    {
        "title": np.random.randint(500, size=(64, 10)),
        "body": np.random.randint(500, size=(64, 30)),
        "tags": np.random.randint(2, size=(64, 12)).astype("float32"),
    },
    {"priority": np.random.random((64, 1)), "department": np.random.randint(2, size=(64, 4))},
    epochs=2,
    batch_size=32,
    verbose=0,
)
done("G15, G16, G21")

# G17 to G20: callbacks, restoring, schedules -----------------------------------------------------------------------


class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs):
        self.per_batch_losses = []

    def on_batch_end(self, batch, logs):
        self.per_batch_losses.append(logs.get("loss"))


losses = LossHistory()
callbacks = [
    keras.callbacks.EarlyStopping(monitor="val_loss", min_delta=1e-2, patience=2, verbose=1),
    keras.callbacks.ModelCheckpoint(
        filepath=os.path.join(folder, "mymodel_{epoch}"), save_best_only=True, monitor="val_loss", verbose=1
    ),
    keras.callbacks.CSVLogger(os.path.join(folder, "log.csv")),
    keras.callbacks.TensorBoard(log_dir=os.path.join(folder, "logs"), histogram_freq=1, update_freq="epoch"),
    keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=1),
    keras.callbacks.TerminateOnNaN(),
    losses,
]
model = get_compiled_model()
model.fit(x_train, y_train, epochs=3, batch_size=64, callbacks=callbacks, validation_split=0.2)
assert len(losses.per_batch_losses) == 45
assert os.path.isdir(os.path.join(folder, "mymodel_1"))
assert os.path.isdir(os.path.join(folder, "logs", "validation"))
assert len(pd.read_csv(os.path.join(folder, "log.csv"))) == 3

checkpoint_dir = os.path.join(folder, "ckpt")
os.makedirs(checkpoint_dir)


def make_or_restore_model():
    checkpoints = [checkpoint_dir + "/" + name for name in os.listdir(checkpoint_dir)]
    if checkpoints:
        latest_checkpoint = max(checkpoints, key=os.path.getctime)
        print("Restoring from", latest_checkpoint)
        return keras.models.load_model(latest_checkpoint)
    print("Creating a new model")
    return get_compiled_model()


model = make_or_restore_model()
saving = keras.callbacks.ModelCheckpoint(filepath=checkpoint_dir + "/ckpt-loss={loss:.2f}", save_freq=10)
model.fit(x_train, y_train, epochs=1, callbacks=[saving], verbose=0)
restored = make_or_restore_model()
assert int(restored.optimizer.iterations) == 30
restored.fit(x_train, y_train, epochs=1, verbose=0)

schedule = keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=100, decay_rate=0.96, staircase=True)
model = get_uncompiled_model()
model.compile(keras.optimizers.SGD(learning_rate=schedule), "sparse_categorical_crossentropy")
model.fit(x_train, y_train, verbose=0)
done("G17 to G20")

# A training loop of one's own --------------------------------------------------------------------------------------

model = get_uncompiled_model()
optimizer = keras.optimizers.Adam(learning_rate=1e-2)
loss_fn = keras.losses.SparseCategoricalCrossentropy()
accuracy = keras.metrics.SparseCategoricalAccuracy()


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        probabilities = model(x, training=True)
        loss_value = loss_fn(y, probabilities)
    grads = tape.gradient(loss_value, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    accuracy.update_state(y, probabilities)
    return loss_value


for _ in range(6):
    accuracy.reset_state()
    for x_batch, y_batch in train_dataset:
        loss_value = train_step(x_batch, y_batch)
    tf.print("loss", float(loss_value), "accuracy", float(accuracy.result()))
assert float(accuracy.result()) > 0.9
done("custom loop")
