"""Pictures of words read by a recurrent network: the CTC loss in a `Lambda`, and its decoding."""

import itertools

import numpy as np
from keras import backend as K
from keras.callbacks import Callback
from keras.layers import Activation, Dense, Input, Lambda, Reshape
from keras.layers.convolutional import Conv2D, MaxPooling2D
from keras.layers.merge import add, concatenate
from keras.layers.recurrent import GRU
from keras.models import Model
from keras.optimizers import SGD

ALPHABET, WIDTH, HEIGHT, LONGEST = "abc ", 48, 8, 4


def ctc(args):
    y_pred, labels, input_length, label_length = args
    return K.ctc_batch_cost(labels, y_pred[:, 2:, :], input_length, label_length)


def batches(size=4):
    while True:
        inputs = {
            "picture": np.random.rand(size, WIDTH, HEIGHT, 1),
            "labels": np.random.randint(0, len(ALPHABET), (size, LONGEST)).astype("float64"),
            "input_length": np.full((size, 1), WIDTH // 4 - 2),
            "label_length": np.full((size, 1), 3),
        }
        yield inputs, {"ctc": np.zeros([size])}


class Reading(Callback):
    def __init__(self, compute):
        self.compute = compute
        self.words = []

    def on_epoch_end(self, epoch, logs={}):  # noqa: B006
        inputs, _ = next(batches())
        found = self.compute([inputs["picture"]])[0]
        for row in np.argmax(found[:, 2:], axis=2):
            self.words.append("".join(ALPHABET[c] for c, _ in itertools.groupby(row) if c < len(ALPHABET)))


picture = Input(name="picture", shape=(WIDTH, HEIGHT, 1), dtype="float32")
x = Conv2D(4, (3, 3), padding="same", activation="relu", kernel_initializer="he_normal")(picture)
x = MaxPooling2D(pool_size=(4, 4))(x)
x = Reshape(target_shape=(WIDTH // 4, HEIGHT // 4 * 4))(x)
forward = GRU(8, return_sequences=True, kernel_initializer="he_normal")(x)
backward = GRU(8, return_sequences=True, go_backwards=True, kernel_initializer="he_normal")(x)
x = concatenate([add([forward, backward]), x])
y_pred = Activation("softmax")(Dense(len(ALPHABET) + 1, kernel_initializer="he_normal")(x))

labels = Input(name="labels", shape=[LONGEST], dtype="float32")
lengths = [Input(name=name, shape=[1], dtype="int64") for name in ("input_length", "label_length")]
cost = Lambda(ctc, output_shape=(1,), name="ctc")([y_pred, labels, *lengths])
model = Model(inputs=[picture, labels, *lengths], outputs=cost)
optimizer = SGD(lr=0.02, decay=1e-6, momentum=0.9, nesterov=True, clipnorm=5)
model.compile(loss={"ctc": lambda y_true, y_pred: y_pred}, optimizer=optimizer)

compute = K.function([picture], [y_pred])
reading = Reading(compute)
history = model.fit_generator(
    generator=batches(),
    steps_per_epoch=3,
    epochs=2,
    validation_data=batches(),
    validation_steps=2,
    callbacks=[reading],
    initial_epoch=0,
    verbose=0,
)
assert len(reading.words) == 8
assert np.isfinite(history.history["loss"] + history.history["val_loss"]).all()

found = compute([np.random.rand(2, WIDTH, HEIGHT, 1)])[0]
lengths = np.ones(found.shape[0]) * found.shape[1]
decoded, log_probability = K.ctc_decode(found, input_length=lengths, greedy=True)
greedy = K.get_value(decoded[0])
beam = K.get_value(K.ctc_decode(found, lengths, greedy=False, beam_width=10, top_paths=1)[0][0])
assert greedy.shape[0] == beam.shape[0] == 2
assert greedy.max() < len(ALPHABET)
