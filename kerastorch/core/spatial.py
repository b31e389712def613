"""What convolution, pooling and padding share: arguments, padding rules, output sizes and free changes of axes.

Legend: N batch, L, H, W, D spatial axes, C channels. Keras's arrays are (N, *spatial, C); torch wants (N, C, *spatial),
and a permuted view of the one is the other in torch's channels-last memory format, without a copy. Sequences get a
spatial axis of length one, because torch has no such format for them and would copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerastorch.errors import InvalidArgumentError, ShapeError, did_you_mean


def integers(value: Any, count: int, name: str, allow_zero: bool = False) -> tuple[int, ...]:
    """Returns an argument such as `strides` as a tuple of integers.

    Args:
        value: one integer for all axes, or one for each.
        count: the number of axes.
        name: the argument's name, for the error.
        allow_zero: whether zero is a valid value; negative numbers never are.

    Raises:
        InvalidArgumentError: when it is neither.
    """
    single = hasattr(value, "__index__") and not hasattr(value, "__len__")
    found = (value,) * count if single else tuple(value) if hasattr(value, "__iter__") else ()
    text = f"The `{name}` argument must be a tuple of {count} integers. Received {name}={value}"
    if len(found) != count or any(not hasattr(v, "__index__") for v in found):
        raise InvalidArgumentError(f"{text}.")
    lowest = 0 if allow_zero else 1
    wrong = {int(v) for v in found if int(v) < lowest}
    if wrong:
        sign = ">= 0" if allow_zero else "> 0"
        raise InvalidArgumentError(f"{text}, including values {wrong} that do not satisfy `value {sign}`.")
    return tuple(int(v) for v in found)


def pairs(value: Any, count: int, name: str) -> tuple[tuple[int, int], ...]:
    """Returns an argument such as `cropping` as a pair of integers for each axis.

    Args:
        value: one integer for all sides, one for both sides of each axis, or a pair for each axis.
        count: the number of axes.
        name: the argument's name, for the error.

    Raises:
        InvalidArgumentError: when it is none of these, or a number is negative.
    """
    if hasattr(value, "__index__") and not hasattr(value, "__len__"):
        if int(value) < 0:
            raise InvalidArgumentError(f"`{name}` cannot be negative. Received: {name}={value}.")
        return ((int(value), int(value)),) * count
    if not hasattr(value, "__len__"):
        raise InvalidArgumentError(
            f"`{name}` should be either an int, a tuple of {count} ints, or a tuple of {count} tuples of 2 ints. "
            f"Received: {name}={value}."
        )
    if len(value) != count:
        words = {2: "two", 3: "3"}.get(count, str(count))
        raise InvalidArgumentError(f"`{name}` should have {words} elements. Received: {name}={value}.")
    entries = ("1st", "2nd", "3rd")
    both = (integers(v, 2, f"{entries[i]} entry of {name}", allow_zero=True) for i, v in enumerate(value))
    return tuple((low, high) for low, high in both)


def padding_mode(value: Any, allow_causal: bool = False) -> str:
    """Returns the `padding` argument of a convolution or pooling layer in lower case.

    Raises:
        InvalidArgumentError: when it is no mode that the layer has.
    """
    known = ("valid", "same", "causal") if allow_causal else ("valid", "same")
    mode = value.lower() if isinstance(value, str) else value
    if mode not in known:
        raise InvalidArgumentError(
            f"The `padding` argument must be one of {known}. Received: padding={value!r}."
            f"{did_you_mean(str(value), known)}"
        )
    return mode


def same_padding(length: Any, window: int, stride: int) -> tuple[Any, Any]:
    """Returns what "same" adds before and after an axis, as TensorFlow does: the odd one comes after.

    Args:
        length: the size of the axis.
        window: the size of the kernel or pool, with its dilation.
        stride: the step of the window.
    """
    total = max((length - 1) // stride * stride + window - length, 0)
    return total // 2, total - total // 2


def sides(
    padding: str, sizes: Sequence[int], windows: Sequence[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    """Returns how much is added before and after each spatial axis.

    Args:
        padding: `"valid"` or `"same"`, in any case of letters.
        sizes: the sizes of the axes.
        windows: the sizes of the window, with its dilation.
        strides: the steps of the window.

    Raises:
        InvalidArgumentError: when there is no such mode.
        ShapeError: when the window does not fit.
    """
    if padding_mode(padding) == "same":
        return [same_padding(*axis) for axis in zip(sizes, windows, strides, strict=True)]
    if any(window > size > 0 for window, size in zip(windows, sizes, strict=True)):
        raise ShapeError(f"A window of size {tuple(windows)} does not fit an input of size {tuple(sizes)}.")
    return [(0, 0)] * len(windows)


def cut_off(window: int, stride: int, padding: str, output_padding: int | None) -> tuple[int, int]:
    """Returns what is cut off before and after an axis on which every window is laid out whole.

    It is what "same" or "valid" adds before and after the larger array in the convolution whose gradient this is, the
    odd one after. A negative number adds zeros.

    Args:
        window: the size of the kernel, with its dilation.
        stride: the distance between two windows.
        padding: `"valid"` or `"same"`.
        output_padding: how much larger the output is than the smallest possible one; None chooses the size that a
            convolution would turn back into the input's.
    """
    if padding == "valid":
        total = -max(stride - window, 0) if output_padding is None else -output_padding
    elif output_padding is None:
        total = window - stride
    else:
        total = window - window % 2 - output_padding
    before = max(total, 0) // 2
    return before, total - before


def output_size(length: int | None, window: int, stride: int, padding: str) -> int | None:
    """Returns how often a window fits an axis; None for an unknown size."""
    if length is None:
        return None
    return (length - window) // stride + 1 if padding == "valid" else -(-length // stride)


def output_shape(
    input_shape: Sequence[int | None],
    windows: Sequence[int],
    strides: Sequence[int],
    padding: str,
    data_format: str,
    channels: int | None = None,
) -> tuple[int | None, ...]:
    """Returns the shape after a window has moved over the spatial axes.

    Args:
        input_shape: the shape of the input, with None for unknown sizes.
        windows: the size of the window on each spatial axis, with its dilation.
        strides: its step on each.
        padding: `"valid"`, `"same"` or `"causal"`.
        data_format: where the channels are.
        channels: the number of channels of the output; None keeps that of the input.

    Raises:
        ShapeError: when the window does not fit, or the input has another number of axes.
    """
    if len(input_shape) != len(windows) + 2:
        raise ShapeError(
            f"Expected an input with {len(windows) + 2} axes: batch, {len(windows)} spatial ones and channels. "
            f"Received: input shape={tuple(input_shape)}."
        )
    last = data_format == "channels_last"
    spatial = input_shape[1:-1] if last else input_shape[2:]
    sizes = tuple(output_size(d, w, s, padding) for d, w, s in zip(spatial, windows, strides, strict=True))
    if any(size is not None and size <= 0 < (d or 0) for size, d in zip(sizes, spatial, strict=True)):
        raise ShapeError(
            "Computed output size would be zero or negative. "
            f"Received: input shape={tuple(input_shape)}, window={tuple(windows)}, strides={tuple(strides)}, "
            f"padding={padding!r}. Use padding='same', a smaller window or a larger input."
        )
    depth = channels if channels is not None else input_shape[-1 if last else 1]
    return (input_shape[0], *sizes, depth) if last else (input_shape[0], depth, *sizes)


# The axes of torch's order in an array of Keras's, and back; a sequence has been made an image of height one.
TO_TORCH = {1: (0, 3, 1, 2), 2: (0, 3, 1, 2), 3: (0, 4, 1, 2, 3)}
TO_KERAS = {1: (0, 2, 3, 1), 2: (0, 2, 3, 1), 3: (0, 2, 3, 4, 1)}
KERNEL_TO_TORCH = {1: (3, 2, 0, 1), 2: (3, 2, 0, 1), 3: (4, 3, 0, 1, 2)}


def height_axis(rank: int, data_format: str) -> int:
    """Returns where sequences get their axis of height one; 0 for images and volumes, which get none."""
    if rank > 1:
        return 0
    return 1 if data_format == "channels_last" else 2


def kernel_memory_order(rank: int) -> tuple[int, ...]:
    """Returns the order in memory in which torch sees a kernel as a channels-last tensor: out, spatial, in."""
    return (rank + 1, *range(rank + 1))
