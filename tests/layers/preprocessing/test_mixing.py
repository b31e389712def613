"""Layers that mix images, or several augmentations: images, labels, boxes and masks."""

from __future__ import annotations

import copy

import keras
import numpy as np
import pytest
import torch

from kerastorch import layers

LAST, FIRST = "channels_last", "channels_first"
FORMATS = pytest.mark.parametrize("data_format", [LAST, FIRST])
MIXING = pytest.mark.parametrize("name", ["CutMix", "MixUp"])
AUGMENTING = pytest.mark.parametrize("name", ["AugMix", "RandAugment"])
KINDS = list(layers.RandAugment._AUGMENT_LAYERS)


def pictures(data_format=LAST, count=4):
    shape = (count, 8, 6, 3) if data_format == LAST else (count, 3, 8, 6)
    return torch.tensor(np.random.default_rng(0).uniform(0, 255, shape).astype("float32"))


def data(data_format=LAST, **parts):
    return {"images": pictures(data_format), "labels": torch.eye(4), **parts}


@MIXING
@FORMATS
def test_what_keras_draws_gives_what_keras_gives(name, data_format):
    ours, theirs = (getattr(m, name)(data_format=data_format) for m in (layers, keras.layers))
    given = data(data_format)
    drawn = theirs.get_random_transformation(given, seed=1)
    for part, method in (("images", "transform_images"), ("labels", "transform_labels")):
        found, expected = (getattr(layer, method)(given[part], drawn) for layer in (ours, theirs))
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


@MIXING
@FORMATS
def test_keras_understands_what_is_drawn(name, data_format):
    ours, theirs = (getattr(m, name)(data_format=data_format) for m in (layers, keras.layers))
    given = data(data_format)
    drawn = ours.get_random_transformation(given, seed=1)
    assert drawn.keys() == theirs.get_random_transformation(given, seed=1).keys()
    torch.testing.assert_close(
        ours.transform_images(given["images"], drawn), theirs.transform_images(given["images"], drawn)
    )


@MIXING
@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(torch.eye(4), id="one-hot"),
        pytest.param(torch.eye(4, dtype=torch.int64), id="one-hot-integers"),
        pytest.param(torch.arange(4.0), id="numbers"),
        pytest.param(torch.rand(4, 2, 3), id="tables"),
    ],
)
def test_labels_are_blended_as_the_images_are(name, labels):
    layer = getattr(layers, name)(seed=2)
    drawn = layer.get_random_transformation(pictures())
    weight, order = drawn["mix_weight"], drawn["permutation_order"]
    expected = torch.stack(
        [w * a + (1 - w) * labels[o] for w, a, o in zip(weight, labels, order, strict=True)]
    )
    torch.testing.assert_close(layer.transform_labels(labels, drawn), expected)


def test_cut_mix_weighs_labels_by_areas():
    layer = layers.CutMix(seed=3)
    drawn = layer.get_random_transformation(torch.rand(200, 64, 64, 1))
    shares = 1 - drawn["batch_masks"].float().mean((1, 2, 3))
    torch.testing.assert_close(shares, drawn["mix_weight"], atol=0.04, rtol=0)


@FORMATS
def test_cut_mix_cuts_masks_with_the_images(data_format):
    axis = -1 if data_format == LAST else 1
    masks = torch.arange(4).reshape(4, 1, 1, 1).expand_as(pictures(data_format).narrow(axis, 0, 1))
    images = masks.float().expand_as(pictures(data_format))
    given = {"images": images, "segmentation_masks": masks}
    found = layers.CutMix(seed=1, data_format=data_format)(given, training=True)
    assert found["segmentation_masks"].shape == masks.shape
    assert torch.equal(found["segmentation_masks"].expand_as(images), found["images"])
    assert not torch.equal(found["images"], images)


def test_mix_up_blends_masks_with_the_images():
    given = {"images": pictures(), "segmentation_masks": pictures()}
    found = layers.MixUp(seed=1)(given, training=True)
    assert torch.equal(found["segmentation_masks"], found["images"])


def test_mix_up_gives_each_image_the_boxes_of_both():
    boxes = torch.arange(16.0).reshape(4, 1, 4)
    given = data(bounding_boxes={"boxes": boxes, "labels": torch.arange(4)[:, None]})
    layer = layers.MixUp(bounding_box_format="xyxy", seed=1)
    order = layers.MixUp(seed=1).get_random_transformation(given)["permutation_order"]
    found = layer(given, training=True)["bounding_boxes"]
    assert torch.equal(found["boxes"], torch.cat([boxes, boxes[order]], 1))
    assert found["labels"].tolist() == [[i, int(o)] for i, o in enumerate(order)]


def test_mix_up_takes_lists_and_numbers_for_what_is_drawn():
    drawn = {"mix_weight": 0.25, "permutation_order": [1, 0, 3, 2]}
    found = layers.MixUp().transform_images(pictures().numpy(), drawn)
    torch.testing.assert_close(found, 0.25 * pictures() + 0.75 * pictures()[[1, 0, 3, 2]])


@MIXING
def test_one_image_stays_itself(name):
    image = pictures()[0]
    torch.testing.assert_close(getattr(layers, name)()(image, training=True), image)


@MIXING
def test_weights_have_the_beta_distribution(name):
    layer = getattr(layers, name)(**{"alpha": 0.5} if name == "MixUp" else {"factor": (0.5, 0.5)}, seed=1)
    weights = layer.get_random_transformation(torch.rand(4000, 16, 16, 1))["mix_weight"]
    assert abs(float(weights.mean()) - 0.5) < 0.03
    assert abs(float(weights.var()) - 0.125) < 0.01


@pytest.mark.parametrize("name", ["CutMix", "MixUp", "AugMix", "RandAugment"])
def test_inference_passes_everything_through(name):
    masks = torch.ones(4, 8, 6, 1)
    found = getattr(layers, name)()(data(segmentation_masks=masks), training=False)
    assert torch.equal(found["images"], pictures())
    assert torch.equal(found["labels"], torch.eye(4))
    assert torch.equal(found["segmentation_masks"], masks)


@pytest.mark.parametrize("kind", KINDS)
def test_rand_augment_applies_what_is_drawn(kind):
    ours, theirs = layers.RandAugment(num_ops=1), keras.layers.RandAugment(num_ops=1)
    drawn = getattr(theirs, kind).get_random_transformation(pictures(), training=True)
    kept = copy.deepcopy(drawn)  # Keras rotates its own matrix
    expected = getattr(theirs, kind).transform_images(pictures(), kept, training=True)
    chosen = {"layer_idxes": torch.tensor([KINDS.index(kind)]), "transforms": {kind: drawn}}
    torch.testing.assert_close(ours.transform_images(pictures(), chosen), expected, rtol=1e-4, atol=2e-3)


@AUGMENTING
def test_draws_use_all_kinds_alike(name):
    layer = getattr(layers, name)(seed=1)
    kinds = []
    for _ in range(150):
        drawn = layer.get_random_transformation(pictures(count=1))
        if name == "RandAugment":
            kinds += [KINDS[place] for place in drawn["layer_idxes"]]
        else:
            kinds += [step["layer_name"] for chain in drawn["chain_transforms"] for step in chain]
    counts = [kinds.count(kind) for kind in KINDS]
    assert min(counts) > 0.4 * len(kinds) / len(KINDS)
    assert len(kinds) == 300 if name == "RandAugment" else 1150 < len(kinds) < 1300


def test_rand_augment_moves_boxes_and_masks_in_the_order_of_the_images():
    layer = layers.RandAugment(num_ops=2, bounding_box_format="xyxy", seed=1)
    boxes = {"boxes": torch.tensor([[[1.0, 1.0, 4.0, 4.0]]]).repeat(4, 1, 1), "labels": torch.zeros(4, 1)}
    given = data(bounding_boxes=boxes, segmentation_masks=torch.ones(4, 8, 6, 1))
    steps = ("random_translation", "random_rotation")
    drawn = {name: getattr(layer, name).get_random_transformation(given, training=True) for name in steps}
    transformation = {"layer_idxes": torch.tensor([KINDS.index(s) for s in steps]), "transforms": drawn}
    found = layer.transform_bounding_boxes(boxes, transformation)
    moved = layer.random_translation.transform_bounding_boxes(dict(boxes), drawn["random_translation"])
    expected = layer.random_rotation.transform_bounding_boxes(dict(moved), drawn["random_rotation"])
    assert torch.equal(found["boxes"], expected["boxes"])
    assert not torch.equal(found["boxes"], boxes["boxes"])
    assert layer(given, training=True)["segmentation_masks"].shape == (4, 8, 6, 1)


@FORMATS
def test_aug_mix_blends_chains_as_keras_does(data_format):
    ours, theirs = (m.AugMix(data_format=data_format) for m in (layers, keras.layers))
    images = pictures(data_format)
    kinds = ["random_contrast", "random_translation", "random_posterization", "random_sharpness"]
    chain = [
        {
            "layer_name": k,
            "transformation": getattr(theirs, k).get_random_transformation(images, training=True),
        }
        for k in kinds
    ]
    drawn = {
        "chain_mixing_weights": torch.tensor([0.5, 0.3, 0.2]),
        "weight_sample": torch.tensor(0.4),
        "chain_transforms": [chain[:3], [], chain[3:]],
    }
    found, expected = (layer.transform_images(images.clone(), drawn) for layer in (ours, theirs))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=2e-3)


def test_aug_mix_blends_masks_of_whole_numbers():
    given = {"images": pictures(), "segmentation_masks": torch.ones(4, 8, 6, 1, dtype=torch.int64)}
    found = layers.AugMix(seed=1)(given, training=True)["segmentation_masks"]
    torch.testing.assert_close(found, torch.ones(4, 8, 6, 1))


def test_aug_mix_without_all_kinds_has_the_mild_ones():
    layer = layers.AugMix(all_ops=False, num_chains=20, chain_depth=9, seed=1)
    chains = layer.get_random_transformation(pictures(count=1))["chain_transforms"]
    drawn = {step["layer_name"] for chain in chains for step in chain}
    strong = {"random_brightness", "random_color_degeneration", "random_contrast", "random_sharpness"}
    assert drawn == set(KINDS) - strong


@AUGMENTING
@FORMATS
def test_values_stay_in_their_range(name, data_format):
    layer = getattr(layers, name)(value_range=(0, 1), factor=0.9, seed=1, data_format=data_format)
    for _ in range(10):
        found = layer(pictures(data_format) / 255, training=True)
        assert found.shape == pictures(data_format).shape
        assert float(found.min()) >= -1e-6
        assert float(found.max()) <= 1 + 1e-6


@pytest.mark.parametrize(
    ("name", "kwargs", "match"),
    [
        pytest.param("MixUp", {"alpha": 0}, "positive number. Received: alpha=0", id="alpha"),
        pytest.param("CutMix", {"factor": 1.5}, r"range \[0, 1\]. Received: factor=1.5", id="factor"),
        pytest.param("AugMix", {"factor": -1}, "factor=-1", id="strength"),
        pytest.param("AugMix", {"value_range": 1}, "value_range=1", id="range"),
        pytest.param("RandAugment", {"factor": "strong"}, "factor=strong", id="words"),
    ],
)
def test_arguments_out_of_bounds_are_refused(name, kwargs, match):
    with pytest.raises(ValueError, match=match):
        getattr(layers, name)(**kwargs)


def test_cut_mix_refuses_boxes():
    boxes = {"boxes": torch.zeros(4, 1, 4), "labels": torch.zeros(4, 1)}
    layer = layers.CutMix(bounding_box_format="xyxy")
    with pytest.raises(NotImplementedError, match="CutMix cannot transform bounding boxes"):
        layer(data(bounding_boxes=boxes), training=True)
