"""Weights, gradients and embeddings as TensorBoard shows them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from kerastorch.callbacks.events import EventWriter, as_array
from kerastorch.errors import InvalidArgumentError
from kerastorch.layers.core.embedding import Embedding
from kerastorch.saving.atomic import atomic_file


def named_weights(model: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """Yields the weights of a model with their paths; those of a plain torch module have the names of torch.

    Args:
        model: the model.

    Example:
        >>> from kerastorch.layers.core.dense import Dense
        >>> layer = Dense(2, name="out")
        >>> layer.build((None, 3))
        >>> [name for name, _ in named_weights(layer)]
        ['out/kernel', 'out/bias']
    """
    names = {id(weight): name for name, weight in model.named_parameters()}
    for weight in model.weights:
        path = getattr(weight, "path", None) or names.get(id(weight), "weight").replace(".", "/")
        yield path.replace(":", "_"), weight


def write_weights(writer: EventWriter, model: Any, epoch: int, images: bool, gradients: bool) -> None:
    """Writes how the values of each weight are distributed.

    Args:
        writer: the writer.
        model: the model.
        epoch: the place on the time axis.
        images: whether to draw each weight too.
        gradients: whether to write how the gradients of the last step are distributed too, as they were before any
            clipping.
    """
    scale = getattr(model.optimizer, "loss_scale_factor", None) or 1.0
    for path, weight in named_weights(model):
        values = as_array(weight)
        writer.histogram(f"{path}/histogram", values, epoch)
        picture = weight_image(values) if images else None
        if picture is not None:
            writer.image(f"{path}/image", picture, epoch)
        if gradients and weight.grad is not None:
            gradient = weight.grad.to_dense() if weight.grad.is_sparse else weight.grad
            writer.histogram(f"{path}_grad", gradient / scale, epoch)


def weight_image(values: np.ndarray) -> np.ndarray | None:
    """Returns a weight as images `(batch, height, width, channels)`, from black for the least value to white.

    A vector is one row; a matrix lies on its longer side; of three axes, the last one counts images; four are images
    already, if the last has 1, 3 or 4 sizes. Axes of one size do not count.

    Args:
        values: the weight.

    Returns:
        The images, or None for what cannot be drawn so.

    Example:
        >>> weight_image(np.array([[-1.0], [0.0], [1.0]]))[0, :, :, 0]
        array([[0. , 0.5, 1. ]])
    """
    array = values.squeeze().astype(np.float64)
    if array.ndim == 1:
        array = array[None, :]
    elif array.ndim == 2 and array.shape[0] > array.shape[1]:
        array = array.T
    if array.ndim == 2:
        array = array[None, :, :, None]
    elif array.ndim == 3:
        array = array.transpose(2, 0, 1)[..., None]
    if array.ndim != 4 or array.shape[-1] not in (1, 3, 4) or array.size == 0:
        return None
    low, high = array.min(), array.max()
    return (array - low) / (high - low if high > low else 1.0)


def embeddings_of(model: Any) -> dict[str, torch.Tensor | None]:
    """Returns the vectors of the embedding layers of a model by their names; None for those not made yet.

    Args:
        model: the model.

    Example:
        >>> list(embeddings_of(torch.nn.ModuleDict({"words": torch.nn.Embedding(3, 2)})))
        ['words']
    """
    found: dict[str, torch.Tensor | None] = {}
    for name, module in model.named_modules():
        if isinstance(module, Embedding):
            found[module.name] = getattr(module, "embeddings", None)
        elif isinstance(module, torch.nn.Embedding):
            found[name] = module.weight
    return found


def metadata_files(embeddings: Any, metadata: str | Mapping[str, str] | None) -> dict[str, str]:
    """Returns the file of labels of each embedding that has one.

    Args:
        embeddings: the names of the embeddings.
        metadata: a file for all of them, or files by the names of layers, or None.

    Raises:
        InvalidArgumentError: when a name is none of an embedding layer.

    Example:
        >>> metadata_files(["words"], "labels.tsv")
        {'words': 'labels.tsv'}
    """
    if metadata is None:
        return {}
    if not isinstance(metadata, Mapping):
        return dict.fromkeys(embeddings, os.fspath(metadata))
    unknown = sorted(set(metadata) - set(embeddings))
    if unknown:
        raise InvalidArgumentError(
            f"Unrecognized `Embedding` layer names in `embeddings_metadata` of TensorBoard: {unknown}. "
            f"The embedding layers of the model are {list(embeddings)}."
        )
    return {name: os.fspath(path) for name, path in metadata.items()}


def write_embeddings(log_dir: str, embeddings: Mapping[str, torch.Tensor], labels: Mapping[str, str]) -> None:
    """Writes vectors, and the file that tells the projector of TensorBoard where they are.

    Args:
        log_dir: the folder that TensorBoard is started on.
        embeddings: the vectors by the names of their layers.
        labels: files of labels by the names of layers, as paths from `log_dir`.

    Source: TensorBoard's projector plugin
    """
    entries = []
    for name, vectors in embeddings.items():
        path = f"embeddings/{name.replace('/', '_')}.tsv"
        with atomic_file(os.path.join(log_dir, path)) as file:
            np.savetxt(file, as_array(vectors), fmt="%.7g", delimiter="\t")
        fields = {"tensor_name": f"{name}/embeddings", "tensor_path": path, "metadata_path": labels.get(name)}
        lines = [
            f"  {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in fields.items() if value
        ]
        entries.append(f"embeddings {{\n{''.join(lines)}}}\n")
    with atomic_file(os.path.join(log_dir, "projector_config.pbtxt")) as file:
        file.write_text("".join(entries), encoding="utf-8")
