"""Networks that compare: distances in a `Lambda`, initializers and losses made of `K` functions."""

import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Dense, Dropout, Flatten, Input, Lambda, MaxPooling2D, concatenate
from keras.models import Model, Sequential
from keras.optimizers import Adam, RMSprop
from keras.regularizers import l2


def distance(pair):
    left, right = pair
    return K.sqrt(K.maximum(K.sum(K.square(left - right), axis=1, keepdims=True), K.epsilon()))


def contrastive(y_true, y_pred):
    return K.mean(y_true * K.square(y_pred) + (1 - y_true) * K.square(K.maximum(1 - y_pred, 0)))


def accuracy(y_true, y_pred):
    return K.mean(K.equal(y_true, K.cast(y_pred < 0.5, y_true.dtype)))


pairs, same = np.random.rand(40, 2, 4, 4).astype("float32"), (np.arange(40) % 2).astype("float32")
pairs[same == 1, 1] = pairs[same == 1, 0]
picture = Input(shape=(4, 4))
base = Model(picture, Dense(16, activation="relu")(Dropout(0.1)(Flatten()(picture))))
left, right = Input(shape=(4, 4)), Input(shape=(4, 4))
apart = Lambda(distance, output_shape=lambda shapes: (shapes[0][0], 1))([base(left), base(right)])
model = Model([left, right], apart)
model.compile(loss=contrastive, optimizer=RMSprop(), metrics=[accuracy])
data = [pairs[:, 0], pairs[:, 1]]
history = model.fit(data, same, batch_size=8, epochs=6, validation_data=(data, same), verbose=0).history
assert history["loss"][-1] < history["loss"][0]
assert np.mean((model.predict(data).ravel() < 0.5) == same) > 0.5


def kernel(shape, name=None, dtype=None):
    return K.variable(np.random.normal(0, 1e-2, size=shape), name=name)


def bias(shape, name=None, dtype=None):
    return K.variable(np.random.normal(0.5, 1e-2, size=shape), name=name)


encoder = Sequential()
encoder.add(Conv2D(4, (3, 3), activation="relu", input_shape=(12, 12, 1), kernel_initializer=kernel))
encoder.add(MaxPooling2D())
encoder.add(Flatten())
encoder.add(Dense(8, activation="sigmoid", kernel_regularizer=l2(1e-3), bias_initializer=bias))
left, right = Input((12, 12, 1)), Input((12, 12, 1))
apart = Lambda(lambda pair: K.abs(pair[0] - pair[1]))([encoder(left), encoder(right)])
one_shot = Model(inputs=[left, right], outputs=Dense(1, activation="sigmoid", bias_initializer=bias)(apart))
one_shot.compile(loss="binary_crossentropy", optimizer=Adam(0.00006))
data = [np.random.rand(6, 12, 12, 1), np.random.rand(6, 12, 12, 1)]
assert np.isfinite(one_shot.train_on_batch(data, np.array([0, 0, 0, 1, 1, 1])))
assert one_shot.predict(data).shape == (6, 1)


def triplet(y_true, y_pred):
    size = y_pred.shape.as_list()[-1] // 3
    anchor, near, far = (y_pred[:, i * size : (i + 1) * size] for i in range(3))
    gap = K.sum(K.square(anchor - near), axis=1) - K.sum(K.square(anchor - far), axis=1)
    return K.maximum(gap + 0.4, 0.0)


shared, inputs = Dense(3), [Input((4,)), Input((4,)), Input((4,))]
model = Model(inputs, concatenate([shared(x) for x in inputs], axis=-1))
model.compile(loss=triplet, optimizer="adam")
assert np.isfinite(model.fit([np.random.rand(8, 4)] * 3, np.empty(8), verbose=0).history["loss"]).all()
