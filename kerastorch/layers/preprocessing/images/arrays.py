"""Arrays, lists and numbers where the methods of image layers work with tensors."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch

from kerastorch import tree
from kerastorch.core.devices import current_device

Method = TypeVar("Method", bound=Callable[..., Any])


def takes_arrays(method: Method) -> Method:
    """Lets a `transform_*` method of an image layer take arrays, lists and numbers as well as tensors.

    The data and the transformation may both hold them; they become tensors on the device of the first tensor among
    them. Tuples stay as they are: they are shapes and sizes.

    Args:
        method: the method.

    Example:
        >>> class Layer:
        ...     @takes_arrays
        ...     def transform_images(self, images, transformation, training=True):
        ...         return images + transformation["delta"][:, None]
        >>> Layer().transform_images(np.zeros((1, 2)), {"delta": [3.0]}).tolist()
        [[3.0, 3.0]]
    """

    @functools.wraps(method)
    def with_tensors(self: Any, *args: Any, **kwargs: Any) -> Any:
        device = _device_in(args, kwargs)
        args = tuple(as_tensors(value, device) for value in args)
        return method(self, *args, **{name: as_tensors(value, device) for name, value in kwargs.items()})

    return with_tensors  # type: ignore[return-value]


def as_tensors(value: Any, device: torch.device) -> Any:
    """Returns data or a transformation with tensors in place of arrays, lists of numbers, and floats.

    Args:
        value: an array, a list, a dictionary of these, or anything else, which stays as it is.
        device: where the tensors shall be.

    Example:
        >>> as_tensors({"angle": np.array([0.5]), "input_shape": (4, 4)}, torch.device("cpu"))
        {'angle': tensor([0.5000]), 'input_shape': (4, 4)}
    """
    if isinstance(value, dict):
        return {key: as_tensors(part, device) for key, part in value.items()}
    if isinstance(value, (np.ndarray, np.generic, float)) or _is_numbers(value):
        array = np.asarray(value)
        return torch.as_tensor(
            array.astype(np.float32) if array.dtype == np.float64 else array, device=device
        )
    return [as_tensors(part, device) for part in value] if isinstance(value, list) else value


def each_image(value: Any, images: torch.Tensor) -> torch.Tensor:
    """Returns one value for each image, or one for all, as a tensor that goes with the images: (N, 1, 1, 1).

    Args:
        value: a number, or a tensor of N values.
        images: a batch of images.
    """
    return torch.as_tensor(value, device=images.device).reshape(-1, 1, 1, 1)


def _is_numbers(value: Any) -> bool:
    """Whether a list holds nothing but numbers, and lists of as many of them."""
    if not isinstance(value, list) or not value:
        return False
    if all(isinstance(part, (bool, int, float, np.generic)) for part in value):
        return True
    return all(_is_numbers(part) for part in value) and len({len(part) for part in value}) == 1


def _device_in(args: tuple, kwargs: dict) -> torch.device:
    tensors = (leaf for leaf in tree.flatten((args, kwargs)) if isinstance(leaf, torch.Tensor))
    first = next(tensors, None)
    return current_device() if first is None else first.device
