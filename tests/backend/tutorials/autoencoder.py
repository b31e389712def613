"""A variational autoencoder whose loss comes from a layer, from the model, and from targets left out."""

import numpy as np
from keras import backend as K
from keras import metrics
from keras.layers import Dense, Input, Lambda, Layer
from keras.losses import mse
from keras.models import Model

FEATURES, LATENT = 16, 2
x = Input(shape=(FEATURES,))
hidden = Dense(8, activation="relu")(x)
mean, log_var = Dense(LATENT)(hidden), Dense(LATENT)(hidden)


def sample(args):
    mean, log_var = args
    noise = K.random_normal(shape=(K.shape(mean)[0], LATENT), mean=0.0, stddev=1.0)
    return mean + K.exp(log_var / 2) * noise


z = Lambda(sample, output_shape=(LATENT,))([mean, log_var])
decoder = Dense(FEATURES, activation="sigmoid")
decoded = decoder(z)


class Losses(Layer):
    def __init__(self, **kwargs):
        self.is_placeholder = True
        super(Losses, self).__init__(**kwargs)  # noqa: UP008

    def call(self, inputs):
        x, decoded, mean, log_var = inputs
        reconstruction = FEATURES * metrics.binary_crossentropy(x, decoded)
        divergence = -0.5 * K.sum(1 + log_var - K.square(mean) - K.exp(log_var), axis=-1)
        self.add_loss(K.mean(reconstruction + divergence), inputs=inputs)
        return x


data = (np.random.rand(80, FEATURES) > 0.8).astype("float32")
train, test = data[:60], data[60:]
by_layer = Model(x, Losses()([x, decoded, mean, log_var]))
by_layer.compile(optimizer="rmsprop", loss=None)
history = by_layer.fit(train, epochs=10, batch_size=10, validation_data=(test, None), verbose=0).history
assert history["loss"][-1] < history["loss"][0]
assert np.isfinite(history["val_loss"]).all()

by_model = Model(x, decoded)
divergence = -0.5 * K.sum(1 + log_var - K.square(mean) - K.exp(log_var), axis=-1)
by_model.add_loss(K.mean(FEATURES * mse(x, decoded) + divergence))
by_model.compile(optimizer="adam")
history = by_model.fit(train, epochs=10, batch_size=10, validation_data=(test, None), verbose=0).history
assert history["loss"][-1] < history["loss"][0]

assert Model(x, mean).predict(test, batch_size=10).shape == (20, LATENT)
latent = Input(shape=(LATENT,))
assert Model(latent, decoder(latent)).predict(np.zeros((1, LATENT))).shape == (1, FEATURES)
