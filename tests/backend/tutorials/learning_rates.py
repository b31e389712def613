"""Learning rates found and moved by callbacks through `K.get_value` and `K.set_value`."""

import keras.backend as K
import numpy as np
from keras.callbacks import Callback, LambdaCallback, LearningRateScheduler
from keras.layers import Activation, BatchNormalization, Dense
from keras.models import Sequential, load_model
from keras.utils import np_utils


class Finder:
    """Raises the rate from step to step, and notes the losses."""

    def __init__(self, model):
        self.model, self.rates, self.losses = model, [], []

    def step(self, batch, logs):
        rate = K.get_value(self.model.optimizer.lr)
        self.rates.append(rate)
        self.losses.append(logs["loss"])
        if len(self.rates) == 15:
            self.model.stop_training = True
        K.set_value(self.model.optimizer.lr, rate * self.factor)

    def find(self, x, y, first, last, batch_size, epochs):
        self.factor = (last / first) ** (batch_size / (epochs * len(x)))
        weights, rate = self.model.get_weights(), K.get_value(self.model.optimizer.lr)
        K.set_value(self.model.optimizer.lr, first)
        callback = LambdaCallback(on_batch_end=lambda batch, logs: self.step(batch, logs))
        self.model.fit(x, y, batch_size=batch_size, epochs=epochs, callbacks=[callback], verbose=0)
        self.model.set_weights(weights)
        K.set_value(self.model.optimizer.lr, rate)


class Triangle(Callback):
    """Moves the rate up and down."""

    def __init__(self):
        super().__init__()
        self.steps, self.notes = 0, {}

    def on_batch_end(self, batch, logs=None):
        self.steps += 1
        for name, value in (logs or {}).items():
            self.notes.setdefault(name, []).append(value)
        self.notes.setdefault("lr", []).append(K.get_value(self.model.optimizer.lr))
        K.set_value(self.model.optimizer.lr, 0.001 + 0.005 * max(0, 1 - abs(self.steps / 5 - 1)))


class Halved(Callback):
    def on_epoch_end(self, epoch, logs={}):  # noqa: B006
        optimizer = self.model.optimizer
        K.set_value(optimizer.lr, float(K.get_value(optimizer.lr)) * 0.5)
        self.steps, self.rate = K.eval(optimizer.iterations), K.eval(optimizer.lr * 1.0)


x = np.random.rand(100, 4)
y = np_utils.to_categorical(np.random.randint(0, 3, 100), 3)
model = Sequential(
    [Dense(8, input_dim=4), BatchNormalization(), Activation("relu"), Dense(3, activation="softmax")]
)
model.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])

finder = Finder(model)
finder.find(x, y, 1e-4, 1.0, 10, 2)
assert len(finder.rates) == len(finder.losses) == 15
np.testing.assert_allclose(finder.rates, 1e-4 * 10 ** (0.2 * np.arange(15)), rtol=1e-4)
np.testing.assert_allclose(K.get_value(model.optimizer.lr), 0.01, rtol=1e-6)

triangle = Triangle()
model.fit(x, y, batch_size=10, epochs=2, callbacks=[triangle], verbose=0)
np.testing.assert_allclose(triangle.notes["lr"][1:6], [0.002, 0.003, 0.004, 0.005, 0.006], rtol=1e-5)
assert len(triangle.notes["loss"]) == 20

K.set_value(model.optimizer.lr, 0.1)
halved, given = Halved(), []


def schedule(epoch, rate):
    given.append(rate)
    return rate * 0.9


model.fit(x, y, epochs=2, callbacks=[halved, LearningRateScheduler(schedule)], verbose=0)
np.testing.assert_allclose(given, [0.1, 0.045], rtol=1e-5)
np.testing.assert_allclose(halved.rate, 0.02025, rtol=1e-5)
model.save("model.h5")
K.clear_session()
model = load_model("model.h5")
np.testing.assert_allclose(K.get_value(model.optimizer.lr), 0.02025, rtol=1e-5)
assert K.get_value(model.optimizer.iterations) == halved.steps
K.set_value(model.optimizer.learning_rate, 1e-3)
assert np.isfinite(model.fit(x, y, verbose=0).history["loss"]).all()
