"""Operations on the bits of integers, and divisors of integers."""

from __future__ import annotations

import torch

from kerastorch.ops.numpy.pointwise import alike, binary, binary_of_x_and_y, unary

bitwise_and = binary_of_x_and_y("bitwise_and", torch.bitwise_and, "the bits that both have", (6, 3), 2)
bitwise_or = binary_of_x_and_y("bitwise_or", torch.bitwise_or, "the bits that one or both have", (6, 3), 7)
bitwise_xor = binary_of_x_and_y("bitwise_xor", torch.bitwise_xor, "the bits that just one has", (6, 3), 5)
bitwise_invert = unary("bitwise_invert", torch.bitwise_not, "the other bits", [0, 5], [-1, -6])
bitwise_left_shift = binary_of_x_and_y(
    "bitwise_left_shift", torch.bitwise_left_shift, "the bits of `x` moved `y` places to the left", (3, 2), 12
)
bitwise_right_shift = binary_of_x_and_y(
    "bitwise_right_shift",
    torch.bitwise_right_shift,
    "the bits of `x` moved `y` places to the right",
    (12, 2),
    3,
)
gcd = binary("gcd", torch.gcd, "the greatest common divisor", ([12, 9], 6), [6, 3], alike)
lcm = binary("lcm", torch.lcm, "the least common multiple", ([4, 9], 6), [12, 18], alike)
