"""What a convolutional model looks at: gradients between two layers, as written for Keras 1 and 2."""

import numpy as np
from keras import backend as K
from keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ZeroPadding2D
from keras.models import Sequential
from keras.preprocessing import image

model = Sequential()
model.add(ZeroPadding2D((1, 1), input_shape=(12, 12, 3)))
model.add(Conv2D(4, (3, 3), activation="relu", name="conv1"))
model.add(MaxPooling2D((2, 2), strides=(2, 2)))
model.add(Conv2D(6, (3, 3), activation="relu", name="conv2"))
model.add(Flatten())
model.add(Dropout(0.5))
model.add(Dense(5, activation="softmax", name="predictions"))

picture = image.array_to_img(np.random.uniform(0, 255, (12, 12, 3)))
x = np.expand_dims(image.img_to_array(picture), axis=0) / 255
best = np.argmax(model.predict(x)[0])

# A map of the places that speak for a class
convolved = model.get_layer("conv2").output
gradients = K.gradients(model.output[:, best], convolved)[0]
compute = K.function([model.input], [K.mean(gradients, axis=(0, 1, 2)), convolved[0]])
weights, features = compute([x])
heatmap = np.maximum((features * weights).mean(axis=-1), 0)
assert weights.shape == (6,)
assert np.abs(weights).sum() > 0
assert heatmap.shape == (4, 4)

# The pixels that the scores depend on, with the learning phase as an input
scores = K.max(model.layers[-1].output, axis=1)
saliency = K.function(
    [model.layers[0].input, K.learning_phase()], [K.gradients(scores, model.layers[0].input)[0]]
)
pixels = saliency([x, 0])[0]
assert pixels.shape == x.shape
assert np.abs(pixels).sum() > 0
assert np.array_equal(pixels, saliency([x, 0])[0])
assert not np.array_equal(pixels, saliency([x, 1])[0])

# The picture that excites a filter most, by gradient ascent
activation = K.mean({layer.name: layer for layer in model.layers}["conv1"].output[:, :, :, 0])
direction = K.gradients(activation, model.input)[0]
direction /= K.sqrt(K.mean(K.square(direction))) + K.epsilon()
climb = K.function([model.input, K.learning_phase()], [activation, direction])
first, _ = climb([x, 0])
for _ in range(5):
    value, step = climb([x, 0])
    x += step
assert value > first
