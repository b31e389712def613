"""`keras.preprocessing.image` gives what Keras's own, kept from Keras 2, gives, also what it draws at random."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas
import pytest
from keras.src.legacy.preprocessing import image as oracle

import kerastorch
from kerastorch.preprocessing import image

RNG = np.random.default_rng(3)
PICTURES = RNG.uniform(0, 255, (7, 6, 5, 3)).astype("float32")
LABELS = np.array([0, 1, 0, 1, 1, 0, 1])
CHANGES = {
    "nothing": {},
    "turned": {"rotation_range": 40},
    "moved by shares": {"width_shift_range": 0.3, "height_shift_range": 0.2},
    "moved by pixels": {"width_shift_range": 2, "height_shift_range": [-1, 1, 3]},
    "sheared": {"shear_range": 20, "fill_mode": "reflect"},
    "zoomed": {"zoom_range": 0.4, "fill_mode": "constant", "cval": 7.0},
    "zoomed in": {"zoom_range": [0.5, 0.8], "fill_mode": "wrap"},
    "mirrored": {"horizontal_flip": True, "vertical_flip": True},
    "colours": {"channel_shift_range": 60.0},
    "brightness": {"brightness_range": [0.4, 1.3]},
    "cubic": {"rotation_range": 10, "interpolation_order": 3},
    "scaled": {"rescale": 1 / 255, "preprocessing_function": lambda x: x - 3},
    "each picture": {"samplewise_center": True, "samplewise_std_normalization": True},
    "float64": {"dtype": "float64", "zoom_range": 0.2},
    "all": {
        "rotation_range": 20,
        "shear_range": 5,
        "zoom_range": 0.1,
        "horizontal_flip": True,
        "rescale": 0.1,
    },
}


def both(function):
    """What a function makes of the two libraries, each from the same random numbers."""
    found = []
    for module in (image, oracle):
        np.random.seed(11)
        found.append(function(module))
    return found


def same(found):
    mine, other = (list(part) if isinstance(part, (tuple, list)) else [part] for part in found)
    assert len(mine) == len(other)
    for a, b in zip(mine, other, strict=True):
        if isinstance(a, (tuple, list)):
            same((a, b))
        else:
            assert np.asarray(a).dtype == np.asarray(b).dtype
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize("name", CHANGES)
def test_batches_of_arrays_are_keras_s(name, seed):
    def batches(module):
        generator = module.ImageDataGenerator(**CHANGES[name])
        flow = generator.flow(PICTURES, LABELS, batch_size=3, seed=seed)
        by_number = [flow[0], flow[2]]
        flow.on_epoch_end()
        return [*by_number, flow[1], *(next(flow) for _ in range(4))]

    same(both(batches))


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("axes", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (2, 1, 0)], ids=str)
def test_changes_of_place_are_keras_s(axes, order):
    moves = {"theta": 30, "tx": 1.5, "ty": -1, "shear": 10, "zx": 0.8, "zy": 1.2}
    settings = dict(zip(("row_axis", "col_axis", "channel_axis"), axes, strict=True), order=order)
    same(both(lambda module: module.apply_affine_transform(PICTURES[0], **moves, **settings)))
    same(
        both(lambda module: [module.apply_affine_transform(PICTURES[0], **{k: v}) for k, v in moves.items()])
    )


def test_random_changes_are_keras_s():
    x = PICTURES[0]
    last = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
    same(both(lambda m: m.random_rotation(x, 30, **last)))
    same(both(lambda m: m.random_shift(x, 0.2, 0.4, **last, fill_mode="constant", cval=1.0)))
    same(both(lambda m: m.random_shear(x, 15, **last, interpolation_order=0)))
    same(both(lambda m: [m.random_zoom(x, (0.6, 1.4), **last), m.random_zoom(x, (1, 1))]))
    same(both(lambda m: [m.random_channel_shift(x, 40.0, 2), m.apply_channel_shift(x, -20.0, 2)]))
    same(
        both(
            lambda m: [
                m.random_brightness(x, (0.5, 1.5)),
                m.random_brightness(x - 90, (0.5, 1.5), scale=False),
            ]
        )
    )


@pytest.mark.parametrize("augment", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("setting", ["featurewise_center", "featurewise_std_normalization", "zca_whitening"])
@pytest.mark.filterwarnings("ignore:This ImageDataGenerator specifies")
def test_what_is_learned_from_pictures_is_keras_s(setting, data_format, augment):
    pictures = PICTURES if data_format == "channels_last" else PICTURES.transpose(0, 3, 1, 2)

    def learned(module):
        generator = module.ImageDataGenerator(
            **{setting: True}, data_format=data_format, rescale=0.01, horizontal_flip=True, zca_epsilon=0.1
        )
        generator.fit(pictures, augment=augment, rounds=2, seed=4)
        return next(generator.flow(pictures, batch_size=4))

    same(both(learned))


def test_parts_weights_and_other_arrays_are_keras_s():
    def batches(module):
        generator = module.ImageDataGenerator(validation_split=0.3)
        settings = {"batch_size": 2, "shuffle": False}
        subsets = ("training", "validation")
        parts = [generator.flow(PICTURES, LABELS, subset=name, **settings)[0] for name in subsets]
        others = generator.flow((PICTURES, [LABELS, LABELS * 2]), LABELS, **settings)[1]
        return [parts, others, generator.flow(PICTURES, LABELS, sample_weight=LABELS * 0.5, **settings)[2]]

    same(both(batches))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two classes of pictures, one of them in a folder of its own, beside a file that is no picture."""
    top = tmp_path_factory.mktemp("pictures")
    for number, name in enumerate(["cats/b.png", "cats/a.PNG", "cats/old/c.png", "dogs/d.png", "dogs/e.png"]):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save_img(path, RNG.uniform(0, 255, (4 + number, 6, 3)), file_format="png")
    (top / "dogs" / "notes.txt").write_text("no picture")
    return top


def described(flow):
    names = ("samples", "class_indices", "filenames", "filepaths", "image_shape")
    return {name: getattr(flow, name, None) for name in names}


@pytest.mark.parametrize("class_mode", ["categorical", "binary", "sparse", "input", None])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"color_mode": "grayscale", "classes": ["dogs", "cats"], "shuffle": False},
        {"color_mode": "rgba", "interpolation": "bilinear", "keep_aspect_ratio": True, "seed": 2},
        {"subset": "training"},
        {"subset": "validation", "shuffle": False},
    ],
    ids=["plain", "gray", "rgba", "training", "validation"],
)
def test_batches_of_folders_are_keras_s(folder, settings, class_mode, capsys):
    def batches(module):
        generator = module.ImageDataGenerator(rescale=0.5, horizontal_flip=True, validation_split=0.4)
        flow = generator.flow_from_directory(
            str(folder), (5, 4), class_mode=class_mode, batch_size=2, **settings
        )
        assert described(flow) == kept.setdefault("first", described(flow))
        np.testing.assert_array_equal(flow.classes, flow.labels)
        return [flow[0], next(flow)]

    kept: dict = {}
    same(both(batches))
    assert "images belonging to 2 classes." in capsys.readouterr().out


FRAME = pandas.DataFrame(
    {
        "filename": ["cats/a.PNG", "cats/b.png", "cats/missing.png", "dogs/d.png", "dogs/e.png"],
        "class": ["cat", "cat", "cat", "dog", "dog"],
        "tags": [["x"], ["x", "y"], ["y"], ["z", "y"], ("x",)],
        "age": [1.0, 2.0, 3.0, 4.0, 5.0],
        "size": [10, 20, 30, 40, 50],
    }
)
FRAMES = {
    "categorical": {},
    "some classes": {"classes": ["dog", "bird"]},
    "binary": {"class_mode": "binary"},
    "sparse": {"class_mode": "sparse", "shuffle": False},
    "several labels": {"y_col": "tags"},
    "some labels": {"y_col": "tags", "classes": ["y", "x"]},
    "raw": {"class_mode": "raw", "y_col": ["age", "size"]},
    "other": {"class_mode": "other", "y_col": "age"},
    "outputs": {"class_mode": "multi_output", "y_col": ["age", "size"], "weight_col": "age"},
    "pictures": {"class_mode": "input"},
    "no labels": {"class_mode": None},
    "part": {"subset": "training", "class_mode": "raw", "y_col": "size", "weight_col": "age"},
}


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("name", FRAMES)
def test_batches_of_data_frames_are_keras_s(folder, name):
    def batches(module):
        generator = module.ImageDataGenerator(validation_split=0.5)
        flow = generator.flow_from_dataframe(
            FRAME.copy(), str(folder), target_size=(3, 3), batch_size=2, **FRAMES[name]
        )
        assert described(flow) == kept.setdefault("first", described(flow))
        return [flow[0], next(flow)]

    kept: dict = {}
    same(both(batches))


def test_files_of_a_data_frame_that_are_missing_are_told_of(folder):
    with pytest.warns(UserWarning, match="Found 1 invalid image filename"):
        image.ImageDataGenerator().flow_from_dataframe(FRAME, str(folder))


def test_pictures_are_written_into_a_folder(tmp_path):
    flow = image.ImageDataGenerator().flow(
        PICTURES, batch_size=4, save_to_dir=str(tmp_path), save_prefix="p", shuffle=False
    )
    next(flow)
    names = sorted(path.name.rpartition("_")[0] for path in tmp_path.iterdir())
    assert names == ["p_0", "p_1", "p_2", "p_3"]


def test_a_model_is_trained_on_changed_pictures():
    model = kerastorch.Sequential([kerastorch.layers.Flatten(), kerastorch.layers.Dense(1)])
    model.compile("adam", "mse")
    generator = image.ImageDataGenerator(rescale=1 / 255, horizontal_flip=True)
    flow = generator.flow(PICTURES, LABELS.astype("float32"), batch_size=3, seed=1)
    history = model.fit(flow, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
    assert model.predict(generator.flow(PICTURES, batch_size=3, shuffle=False), verbose=0).shape == (7, 1)


def test_iterators_are_copied_and_pickled():
    flow = image.ImageDataGenerator().flow(PICTURES, LABELS, batch_size=3, shuffle=False)
    for other in (pickle.loads(pickle.dumps(flow)), copy.deepcopy(flow)):
        same((other[1], flow[1]))
        same((next(other)[0], PICTURES[:3]))


WRONG = {
    "`zoom_range` should be": lambda: image.ImageDataGenerator(zoom_range=[1, 2, 3]),
    "`brightness_range` should be": lambda: image.ImageDataGenerator(brightness_range=3),
    "`validation_split` must be": lambda: image.ImageDataGenerator(validation_split=2),
    "`data_format` argument must be": lambda: image.ImageDataGenerator(data_format="last"),
    "should have rank 4": lambda: image.ImageDataGenerator().fit(PICTURES[0]),
    "You passed an array": lambda: image.ImageDataGenerator().flow(PICTURES[0]),
    "should have the same length": lambda: image.ImageDataGenerator().flow(PICTURES, LABELS[:2]),
    "`batch_size` must be at least 1": lambda: image.ImageDataGenerator().flow(PICTURES, batch_size=0),
    "Invalid subset name": lambda: image.ImageDataGenerator().flow(PICTURES, subset="test"),
    "Asked to retrieve element 9": lambda: image.ImageDataGenerator().flow(PICTURES)[9],
    "must be 0, 1 and 2": lambda: image.apply_affine_transform(PICTURES[0], channel_axis=1, row_axis=0),
    "multi-channel 2D images": lambda: image.apply_affine_transform(PICTURES),
    "y_col must be a list": lambda: image.DataFrameIterator(FRAME, class_mode="multi_output"),
    "must be strings": lambda: image.DataFrameIterator(FRAME, class_mode="sparse", y_col="age"),
    "Found 1 classes": lambda: image.DataFrameIterator(FRAME[:2], class_mode="binary"),
    "must be numeric": lambda: image.DataFrameIterator(FRAME, weight_col="class"),
    "Invalid class_mode": lambda: image.DataFrameIterator(FRAME, class_mode="many"),
    "Invalid color mode": lambda: image.DataFrameIterator(FRAME, color_mode="cmyk"),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_calls_say_what_is_wrong(message):
    with pytest.raises(ValueError, match=message):
        WRONG[message]()
