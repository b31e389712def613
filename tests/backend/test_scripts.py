"""Scripts of Keras 1 and 2 that lean on `keras.backend`, cut down to small models."""

from __future__ import annotations

import numpy as np
import torch

from kerastorch import Input, Layer, Model, Sequential, layers, losses, optimizers, utils
from kerastorch import backend as K


def _falls(history):
    found = history.history["loss"]
    return all(np.isfinite(found)) and found[-1] < found[0]


def test_a_variational_autoencoder():
    utils.set_random_seed(1)
    original_dim, latent_dim = 12, 2

    def sampling(args):
        z_mean, z_log_var = args
        batch, dim = K.shape(z_mean)[0], K.int_shape(z_mean)[1]
        epsilon = K.random_normal(shape=(batch, dim), mean=0.0, stddev=1.0)
        return z_mean + K.exp(0.5 * z_log_var) * epsilon

    inputs = Input(shape=(original_dim,))
    hidden = layers.Dense(8, activation="relu")(inputs)
    z_mean, z_log_var = layers.Dense(latent_dim)(hidden), layers.Dense(latent_dim)(hidden)
    z = layers.Lambda(sampling, output_shape=(latent_dim,))([z_mean, z_log_var])
    decoder = Sequential(
        [layers.Dense(8, activation="relu"), layers.Dense(original_dim, activation="sigmoid")]
    )
    outputs = decoder(z)
    vae = Model(inputs, outputs)
    reconstruction = losses.binary_crossentropy(inputs, outputs) * original_dim
    kl_loss = 1 + z_log_var - K.square(z_mean) - K.exp(z_log_var)
    kl_loss = -0.5 * K.sum(kl_loss, axis=-1)
    vae.add_loss(K.mean(reconstruction + kl_loss))
    vae.compile(optimizer="rmsprop")
    x = (np.random.default_rng(0).random((64, original_dim)) > 0.8).astype("float32")
    assert _falls(vae.fit(x, epochs=6, batch_size=16, verbose=0))


def test_a_siamese_network():
    utils.set_random_seed(2)

    def euclidean_distance(vectors):
        x, y = vectors
        return K.sqrt(K.maximum(K.sum(K.square(x - y), axis=1, keepdims=True), K.epsilon()))

    def distance_shape(shapes):
        return (shapes[0][0], 1)

    def contrastive_loss(y_true, y_pred):
        margin = 1
        return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(margin - y_pred, 0)))

    def accuracy(y_true, y_pred):
        return K.mean(K.equal(y_true, K.cast(y_pred < 0.5, y_true.dtype)))

    base = Sequential([Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(4)])
    left, right = Input((6,)), Input((6,))
    distance = layers.Lambda(euclidean_distance, output_shape=distance_shape)([base(left), base(right)])
    model = Model([left, right], distance)
    model.compile(loss=contrastive_loss, optimizer=optimizers.RMSprop(), metrics=[accuracy])
    rng = np.random.default_rng(0)
    a, y = rng.normal(size=(64, 6)).astype("float32"), (np.arange(64) % 2).astype("float32")
    b = np.where(y[:, None] == 1, a, rng.normal(size=(64, 6))).astype("float32")
    history = model.fit([a, b], y, epochs=6, verbose=0)
    assert _falls(history)
    assert 0 <= history.history["accuracy"][-1] <= 1
    manhattan = layers.Lambda(lambda t: K.exp(-K.sum(K.abs(t[0] - t[1]), axis=1, keepdims=True)))
    assert Model([left, right], manhattan([base(left), base(right)])).predict([a, a], verbose=0).min() > 0.99


class Attention(Layer):
    """The attention layer of many notebooks."""

    def build(self, input_shape):
        self.W = self.add_weight(name="W", shape=(input_shape[-1], 1), initializer="normal")
        self.b = self.add_weight(name="b", shape=(input_shape[1], 1), initializer="zeros")
        super().build(input_shape)

    def call(self, x):
        scores = K.squeeze(K.tanh(K.dot(x, self.W) + self.b), axis=-1)
        weights = K.expand_dims(K.softmax(scores), axis=-1)
        return K.sum(x * weights, axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])


def f1(y_true, y_pred):
    true_positives = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    possible_positives = K.sum(K.round(K.clip(y_true, 0, 1)))
    predicted_positives = K.sum(K.round(K.clip(y_pred, 0, 1)))
    recall = true_positives / (possible_positives + K.epsilon())
    precision = true_positives / (predicted_positives + K.epsilon())
    return 2 * precision * recall / (precision + recall + K.epsilon())


def dice_loss(y_true, y_pred, smooth=1.0):
    y_true_f, y_pred_f = K.flatten(K.cast(y_true, K.floatx())), K.flatten(y_pred)
    intersection = K.sum(y_true_f * y_pred_f)
    return 1 - (2.0 * intersection + smooth) / (K.sum(y_true_f) + K.sum(y_pred_f) + smooth)


def test_attention_with_a_metric_and_a_loss_of_ones_own():
    utils.set_random_seed(3)
    model = Sequential(
        [Input((5, 4)), layers.LSTM(6, return_sequences=True), Attention(), layers.Dense(1, "sigmoid")]
    )
    model.compile(optimizer=optimizers.Adam(0.02), loss=dice_loss, metrics=[f1])
    x = np.random.default_rng(0).normal(size=(64, 5, 4)).astype("float32")
    y = (x[:, :, 0].sum(1) > 0).astype("int64")
    history = model.fit(x, y, epochs=8, batch_size=16, verbose=0)
    assert _falls(history)
    assert history.history["f1"][-1] > 0.5
    K.set_value(model.optimizer.lr, 0.1)
    assert K.get_value(model.optimizer.lr) == np.float32(0.1)


def test_grad_cam():
    utils.set_random_seed(4)
    model = Sequential(
        [
            Input((8, 8, 3)),
            layers.Conv2D(4, 3, activation="relu", name="last_conv"),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.5),
            layers.Dense(5, activation="softmax"),
        ]
    )
    x = np.random.default_rng(0).random((1, 8, 8, 3)).astype("float32")
    class_output, conv_output = model.output[:, 2], model.get_layer("last_conv").output
    grads = K.gradients(class_output, conv_output)[0]
    pooled_grads = K.mean(grads, axis=(0, 1, 2))
    iterate = K.function([model.input], [pooled_grads, conv_output[0]])
    pooled_value, conv_value = iterate([x])
    heatmap = np.maximum(np.mean(conv_value * pooled_value, axis=-1), 0)
    assert heatmap.shape == (6, 6)

    features = model.get_layer("last_conv")(torch.tensor(x)).detach().requires_grad_()
    probability = model.layers[-1](features.mean((1, 2)))[:, 2]
    expected = torch.autograd.grad(probability.sum(), features)[0].mean((0, 1, 2))
    np.testing.assert_allclose(pooled_value, expected.numpy(), rtol=1e-4, atol=1e-8)


def test_the_picture_that_a_filter_likes_best():
    utils.set_random_seed(5)
    model = Sequential([Input((6, 6, 1)), layers.Conv2D(3, 3, name="conv")])
    loss = K.mean(model.get_layer("conv").output[:, :, :, 0])
    grads = K.gradients(loss, model.input)[0]
    grads /= K.sqrt(K.mean(K.square(grads))) + 1e-5
    iterate = K.function([model.input], [loss, grads])
    picture = np.zeros((1, 6, 6, 1), "float32")
    found = []
    for _ in range(5):
        value, step = iterate([picture])
        picture += step
        found.append(float(value))
    assert found == sorted(found)
    assert found[-1] > found[0]
