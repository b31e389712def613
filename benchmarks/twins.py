"""Calls of `keras.ops`, each beside the torch expression that gives the same answer: its twin.

A twin is the shortest idiomatic torch code for the call on the same tensors, what Keras's order of axes and its types
demand included. Calls and twins are text, evaluated where the names of `tensors` are known.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from benchmarks.measure import device

_SAME_NAMES = """abs angle ceil cos cosh deg2rad erf erfc erfinv exp exp2 expm1 floor isfinite isinf isnan isneginf
    isposinf isreal log log10 log1p log2 logical_not nan_to_num negative rad2deg ravel reciprocal relu round rsqrt
    sigmoid sign signbit sin sinc sinh sqrt square tan tanh trunc fliplr flipud selu celu i0"""
_OTHER_NAMES = {
    "absolute": "torch.abs",
    "arccos": "torch.acos",
    "arccosh": "torch.acosh",
    "arcsin": "torch.asin",
    "arcsinh": "torch.asinh",
    "arctan": "torch.atan",
    "arctanh": "torch.atanh",
    "copy": "torch.clone",
    "elu": "F.elu",
    "fabs": "torch.abs",
    "glu": "F.glu",
    "hard_shrink": "F.hardshrink",
    "hard_sigmoid": "F.hardsigmoid",
    "hard_silu": "F.hardswish",
    "hard_swish": "F.hardswish",
    "hard_tanh": "F.hardtanh",
    "log_sigmoid": "F.logsigmoid",
    "relu6": "F.relu6",
    "silu": "F.silu",
    "soft_shrink": "F.softshrink",
    "softplus": "F.softplus",
    "softsign": "F.softsign",
    "swish": "F.silu",
    "tanh_shrink": "F.tanhshrink",
}
_PAIRS_OF_NUMBERS = """add divide fmax fmin fmod greater greater_equal heaviside hypot less less_equal logaddexp
    logaddexp2 logical_and logical_or logical_xor maximum minimum multiply nextafter not_equal subtract true_divide
    isclose"""
_PAIRS_OF_INTEGERS = """bitwise_and bitwise_or bitwise_xor gcd lcm bitwise_left_shift bitwise_right_shift"""
_OF_MATRICES = """cholesky cholesky_inverse det eigh inv pinv logdet slogdet svd qr"""
_WITH_DTYPE = "dtype=torch.float32"
_HERE = f"{_WITH_DTYPE}, device=device"

POINTWISE = {
    **{f"ops.{name}(x)": f"torch.{name}(x)" for name in _SAME_NAMES.split()},
    **{f"ops.{name}(x)": f"{twin}(x)" for name, twin in _OTHER_NAMES.items()},
    **{f"ops.{name}(x, y)": f"torch.{name}(x, y)" for name in _PAIRS_OF_NUMBERS.split()},
    **{f"ops.{name}(i, j)": f"torch.{name}(i, j)" for name in _PAIRS_OF_INTEGERS.split()},
    "ops.add(x, 2.0)": "torch.add(x, 2.0)",
    "ops.arctan2(x, y)": "torch.atan2(x, y)",
    "ops.bitwise_invert(i)": "torch.bitwise_not(i)",
    "ops.bitwise_not(i)": "torch.bitwise_not(i)",
    "ops.array(x)": "x",
    "ops.cast(x, 'float16')": "x.to(torch.float16)",
    "ops.cbrt(x)": "torch.sign(x) * torch.abs(x) ** (1 / 3)",
    "ops.convert_to_tensor(x)": "x",
    "ops.clip(x, 0.0, 0.5)": "torch.clamp(x, 0.0, 0.5)",
    "ops.conj(z)": "torch.conj(z).resolve_conj()",
    "ops.conjugate(z)": "torch.conj(z).resolve_conj()",
    "ops.divide_no_nan(x, y)": "torch.where(zero := y == 0, 0, torch.div(x, torch.where(zero, 1, y)))",
    "ops.equal(x, y)": "torch.eq(x, y)",
    "ops.floor_divide(x, y)": "torch.div(x, y, rounding_mode='floor')",
    "ops.gelu(x)": "F.gelu(x, approximate='tanh')",
    "ops.imag(z)": "torch.imag(z)",
    "ops.ldexp(x, i)": "torch.ldexp(x, i)",
    "ops.leaky_relu(x)": "F.leaky_relu(x, 0.2)",
    "ops.left_shift(i, j)": "torch.bitwise_left_shift(i, j)",
    "ops.mod(x, y)": "torch.remainder(x, y)",
    "ops.multiply(x, 2.0)": "torch.mul(x, 2.0)",
    "ops.power(x, 2)": "torch.pow(x, 2)",
    "ops.real(z)": "torch.real(z)",
    "ops.right_shift(i, j)": "torch.bitwise_right_shift(i, j)",
    "ops.saturate_cast(x, 'int8')": "torch.clamp(x, -128.0, 127.0).to(torch.int8)",
    "ops.sparse_plus(x)": "torch.where(x <= -1, 0.0, torch.where(x < 1, 0.25 * (x + 1) ** 2, x))",
    "ops.sparse_sigmoid(x)": "torch.where(x <= -1, 0.0, torch.where(x >= 1, 1.0, 0.5 * (x + 1)))",
    "ops.squareplus(x)": "(x + torch.sqrt(x**2 + 4)) / 2",
    "ops.stop_gradient(x)": "x.detach()",
    "ops.threshold(x, 0.5, 0.0)": "F.threshold(x, 0.5, 0.0)",
    "ops.view(x, 'int32')": "x.view(torch.int32)",
    "ops.where(b, x, y)": "torch.where(b, x, y)",
}

REDUCTIONS = {
    "ops.all(b, axis=1)": "torch.all(b, 1)",
    "ops.allclose(x, y)": "torch.all(torch.isclose(x, y))",
    "ops.amax(x, axis=1)": "torch.amax(x, 1)",
    "ops.amin(x, axis=1)": "torch.amin(x, 1)",
    "ops.any(b, axis=1)": "torch.any(b, 1)",
    "ops.argmax(x, axis=1)": "torch.argmax(x, 1).to(torch.int32)",
    "ops.argmin(x, axis=1)": "torch.argmin(x, 1).to(torch.int32)",
    "ops.average(x, axis=1)": "torch.mean(x, 1)",
    "ops.average(x, axis=1, weights=y)": "torch.sum(x * y, 1) / torch.sum(y, 1)",
    "ops.corrcoef(x)": "torch.corrcoef(x)",
    "ops.count_nonzero(x, axis=1)": "torch.count_nonzero(x, 1).to(torch.int32)",
    "ops.logsumexp(x, axis=1)": "torch.logsumexp(x, 1)",
    "ops.max(x)": "torch.amax(x)",
    "ops.max(x, axis=1)": "torch.amax(x, 1)",
    "ops.mean(x)": "torch.mean(x)",
    "ops.mean(x, axis=(0, 1), keepdims=True)": "torch.mean(x, (0, 1), True)",
    "ops.mean(x, axis=1)": "torch.mean(x, 1)",
    "ops.median(x, axis=1)": "torch.quantile(x, 0.5, 1)",
    "ops.min(x, axis=1)": "torch.amin(x, 1)",
    "ops.moments(x, [0])": "torch.var_mean(x, [0], correction=0)[::-1]",
    "ops.nanargmax(x, axis=1)": "torch.argmax(x.masked_fill(bad := torch.isnan(x), "
    "-torch.inf), 1).to(torch.int32).masked_fill(torch.all(bad, 1), -1)",
    "ops.nanargmin(x, axis=1)": "torch.argmin(x.masked_fill(bad := torch.isnan(x), "
    "torch.inf), 1).to(torch.int32).masked_fill(torch.all(bad, 1), -1)",
    "ops.nancumprod(x, axis=1)": "torch.cumprod(x.masked_fill(torch.isnan(x), 1), 1)",
    "ops.nancumsum(x, axis=1)": "torch.cumsum(x.masked_fill(torch.isnan(x), 0), 1)",
    "ops.nanmax(x, axis=1)": "torch.amax(x.masked_fill(bad := torch.isnan(x), -torch.inf), 1)"
    ".masked_fill(torch.all(bad, 1), torch.nan)",
    "ops.nanmean(x, axis=1)": "torch.nanmean(x, 1)",
    "ops.nanmedian(x, axis=1)": "torch.nanquantile(x, 0.5, 1)",
    "ops.nanmin(x, axis=1)": "torch.amin(x.masked_fill(bad := torch.isnan(x), torch.inf), 1)"
    ".masked_fill(torch.all(bad, 1), torch.nan)",
    "ops.nanpercentile(x, 30.0, axis=1)": "torch.nanquantile(x, 0.3, 1)",
    "ops.nanprod(x, axis=1)": "torch.prod(x.masked_fill(torch.isnan(x), 1), 1)",
    "ops.nanstd(x, axis=1)": "torch.sqrt(torch.sum(torch.square((x - torch.nanmean(x, 1, True))"
    ".masked_fill(bad := torch.isnan(x), 0)), 1) / torch.sum(~bad, 1))",
    "ops.nanvar(x, axis=1)": "torch.sum(torch.square((x - torch.nanmean(x, 1, True))"
    ".masked_fill(bad := torch.isnan(x), 0)), 1) / torch.sum(~bad, 1)",
    "ops.nanquantile(x, 0.3, axis=1)": "torch.nanquantile(x, 0.3, 1)",
    "ops.nansum(x, axis=1)": "torch.nansum(x, 1)",
    "ops.percentile(x, 30.0, axis=1)": "torch.quantile(x, 0.3, 1)",
    "ops.prod(x, axis=1)": "torch.prod(x, 1)",
    "ops.ptp(x, axis=1)": "torch.amax(x, 1) - torch.amin(x, 1)",
    "ops.quantile(x, 0.3, axis=1)": "torch.quantile(x, 0.3, 1)",
    "ops.std(x, axis=1)": "torch.std(x, 1, correction=0)",
    "ops.sum(i, axis=1)": "torch.sum(i, 1, dtype=torch.int32)",
    "ops.sum(x)": "torch.sum(x)",
    "ops.sum(x, axis=-1, keepdims=True)": "torch.sum(x, -1, True)",
    "ops.sum(x, axis=1)": "torch.sum(x, 1)",
    "ops.trace(x)": "torch.diagonal(x).sum(-1)",
    "ops.trapezoid(x)": "torch.trapezoid(x)",
    "ops.var(x, axis=1)": "torch.var(x, 1, correction=0)",
}

SHAPES = {
    "ops.append(x, y)": "torch.cat((x.reshape(-1), y.reshape(-1)))",
    "ops.array_split(x, 3, axis=1)": "list(torch.tensor_split(x, 3, 1))",
    "ops.broadcast_to(v, (4, 6))": "torch.broadcast_to(v, (4, 6))",
    "ops.concatenate([x, y], axis=1)": "torch.cat([x, y], 1)",
    "ops.diag(v)": "torch.diag(v)",
    "ops.diagflat(v)": "torch.diagflat(v)",
    "ops.diagonal(x)": "torch.diagonal(x)",
    "ops.dsplit(image, 2)": "list(torch.dsplit(image, 2))",
    "ops.dstack([x, y])": "torch.dstack([x, y])",
    "ops.empty_like(x)": "torch.empty_like(x)",
    "ops.expand_dims(x, 1)": "torch.unsqueeze(x, 1)",
    "ops.flip(x, axis=1)": "torch.flip(x, (1,))",
    "ops.full_like(x, 2.0)": "torch.full_like(x, 2.0)",
    "ops.get_item(image, (0, slice(2), ..., None))": "image[0, :2, ..., None]",
    "ops.get_item(x, 1)": "x[1]",
    "ops.hsplit(x, 2)": "list(torch.hsplit(x, 2))",
    "ops.hstack([x, y])": "torch.hstack([x, y])",
    "ops.meshgrid(v, v)": "torch.meshgrid(v, v, indexing='xy')",
    "ops.moveaxis(image, 3, 1)": "torch.movedim(image, 3, 1)",
    "ops.ones_like(x)": "torch.ones_like(x)",
    "ops.pad(x, ((1, 1), (0, 2)))": "F.pad(x, (0, 2, 1, 1))",
    "ops.rearrange(image, 'b h w c -> b (h w) c')": "image.reshape(2, 64, 4)",
    "ops.repeat(x, 2, axis=1)": "torch.repeat_interleave(x, 2, 1)",
    "ops.reshape(x, (6, 4))": "torch.reshape(x, (6, 4))",
    "ops.roll(x, 1, axis=1)": "torch.roll(x, 1, 1)",
    "ops.rot90(x)": "torch.rot90(x)",
    "ops.shape(x)": "tuple(x.shape)",
    "ops.size(x)": "torch.full((), x.numel(), dtype=torch.int64, device=device)",
    "ops.slice(x, (0, 1), (2, 3))": "x[0:2, 1:4]",
    "ops.slice_update(x, (1, 2), square[:2, :2])": "((new := x.clone()).__setitem__((slice(1, 3), slice(2, 4)), "
    "square[:2, :2]), new)[1]",
    "ops.split(x, 2)": "list(torch.tensor_split(x, 2))",
    "ops.squeeze(single, 1)": "torch.squeeze(single, 1)",
    "ops.stack([x, y])": "torch.stack([x, y])",
    "ops.swapaxes(x, 0, 1)": "torch.swapaxes(x, 0, 1)",
    "ops.tile(x, (2, 1))": "torch.tile(x, (2, 1))",
    "ops.transpose(image, (0, 3, 1, 2))": "torch.permute(image, (0, 3, 1, 2))",
    "ops.transpose(x)": "torch.permute(x, (1, 0))",
    "ops.tril(x)": "torch.tril(x)",
    "ops.triu(x)": "torch.triu(x)",
    "ops.unstack(x)": "list(torch.unbind(x))",
    "ops.vsplit(x, 2)": "list(torch.vsplit(x, 2))",
    "ops.vstack([x, y])": "torch.vstack([x, y])",
    "ops.zeros_like(x)": "torch.zeros_like(x)",
}

CREATION = {
    "ops.arange(6)": "torch.arange(0, 6, 1, dtype=torch.int32, device=device)",
    "ops.bartlett(8)": f"torch.signal.windows.bartlett(8, {_HERE})",
    "ops.blackman(8)": f"torch.signal.windows.blackman(8, {_HERE})",
    "ops.empty((2, 3))": f"torch.empty((2, 3), {_HERE})",
    "ops.eye(4)": f"torch.eye(4, {_HERE})",
    "ops.geomspace(2.0, 16.0, 4)": f"2.0 * torch.logspace(0.0, 1.0, 4, 8.0, {_HERE})",
    "ops.logspace(0.0, 3.0, 4)": f"torch.logspace(0.0, 3.0, 4, {_HERE})",
    "ops.full((2, 3), 2.0)": f"torch.full((2, 3), 2.0, {_HERE})",
    "ops.hamming(8)": f"torch.signal.windows.hamming(8, {_HERE})",
    "ops.hanning(8)": f"torch.signal.windows.hann(8, {_HERE})",
    "ops.identity(4)": f"torch.eye(4, {_HERE})",
    "ops.kaiser(8, 14.0)": f"torch.signal.windows.kaiser(8, beta=14.0, {_HERE})",
    "ops.linspace(0.0, 1.0, 5)": f"torch.linspace(0.0, 1.0, 5, {_HERE})",
    "ops.ones((2, 3))": f"torch.ones((2, 3), {_HERE})",
    "ops.tri(4)": f"torch.ones((4, 4), {_HERE}).tril()",
    "ops.zeros((2, 3))": f"torch.zeros((2, 3), {_HERE})",
}

# On a GPU torch has no function that gives the edges too.
_HISTOGRAM = """(lambda low, high: (torch.histc(p.detach(), 5, low, high), torch.linspace(low, high, 6,
device=device)))(p.min().item(), p.max().item())"""
_HISTOGRAMS = {"cpu": "torch.histogram(p.detach(), 5)"}
PLACES = {
    "ops.argpartition(x, 2)": "torch.argsort(x, stable=True).to(torch.int32)",
    "ops.argsort(x)": "torch.argsort(x, stable=True).to(torch.int32)",
    "ops.bincount(labels)": "torch.bincount(labels).to(torch.int32)",
    "ops.cumprod(x, axis=1)": "torch.cumprod(x, 1)",
    "ops.cumsum(x, axis=1)": "torch.cumsum(x, 1)",
    "ops.diff(x)": "torch.diff(x)",
    "ops.digitize(x, v)": "torch.bucketize(x, v, right=True, out_int32=True)",
    "ops.isin(i, j)": "torch.isin(i, j)",
    "ops.in_top_k(labels, x, 2)": "(torch.gather(x, -1, labels.unsqueeze(-1)) >= torch.topk(x, 2).values).any(-1)",
    "ops.multi_hot(i, 6)": "torch.amax((i.long().unsqueeze(-1) == torch.arange(6, device=device)).to(torch.float32), "
    "1)",
    "ops.nonzero(x)": "torch.nonzero(x).T.to(torch.int32)",
    "ops.one_hot(labels, 6)": "(labels.unsqueeze(-1) == torch.arange(6, device=device)).to(torch.float32)",
    "ops.scatter(places, v, (8,))": f"torch.zeros(8, {_HERE}).index_put(places.unbind(-1), v, accumulate=True)",
    "ops.scatter_update(v, places, v)": "v.index_put(places.unbind(-1), v)",
    "ops.searchsorted(v, x)": "torch.searchsorted(v, x, out_int32=True)",
    "ops.segment_sum(x, labels, 6)": "torch.zeros((7, 6), device=device).index_add(0, "
    "torch.where((labels >= 0) & (labels < 6), labels, 6), x)[:6]",
    **{
        f"ops.segment_{name}(x, labels, 6)": f"torch.full((7, 6), {empty}, device=device).scatter_reduce(0, "
        "torch.where((labels >= 0) & (labels < 6), labels, 6).unsqueeze(1).expand(4, 6), x, "
        f"'{kind}', include_self=False)[:6]"
        for name, kind, empty in (
            ("max", "amax", "-torch.inf"),
            ("min", "amin", "torch.inf"),
            ("prod", "prod", "1.0"),
        )
    },
    "ops.histogram(p, 5)": _HISTOGRAMS.get(device().type, _HISTOGRAM),
    "ops.select([b], [x], y)": "torch.where(b, x, y)",
    "ops.sort(x)": "torch.sort(x).values",
    "ops.take(x, labels, axis=0)": "x[labels]",
    "ops.take(x, labels, axis=1)": "x[:, labels]",
    "ops.take_along_axis(x, i, axis=1)": "torch.take_along_dim(x, torch.where(i < 0, i.long() + 6, i.long()), 1)",
    "ops.top_k(x, 2)": "torch.topk(x, 2)",
    "ops.unique(i)": "torch.unique(i)",
    "ops.unravel_index(labels, (2, 3))": "tuple(k.to(torch.int32) for k in torch.unravel_index(labels, (2, 3)))",
    "ops.vander(v)": "torch.pow(v[:, None], torch.arange(6, device=device).flip(0))",
}

PRODUCTS = {
    **{
        f"ops.{name}(square)": f"torch.{'' if name == 'cholesky_inverse' else 'linalg.'}{name}(square)"
        for name in _OF_MATRICES.split()
        if name != "logdet"
    },
    "ops.logdet(square)": "torch.logdet(square)",
    "ops.cdist(x, y)": "torch.cdist(x, y, compute_mode='donot_use_mm_for_euclid_dist')",
    "ops.correlate(v, v)": "F.conv1d(v[None, None], v[None, None])[0, 0]",
    "ops.cross(points, points)": "torch.linalg.cross(points, points)",
    "ops.dot(x, square6)": "torch.matmul(x, square6)",
    "ops.eig(square)": "torch.linalg.eig(square)",
    "ops.einsum('ij,kj->ik', x, y)": "torch.einsum('ij,kj->ik', x, y)",
    "ops.inner(x, y)": "torch.inner(x, y)",
    "ops.kron(x, y)": "torch.kron(x, y)",
    "ops.lu_factor(square)": "(lambda f: (f[0], f[1] - 1))(torch.linalg.lu_factor(square))",
    "ops.lstsq(square, square)": "torch.linalg.lstsq(square, square).solution",
    "ops.matmul(x, square6)": "torch.matmul(x, square6)",
    "ops.matrix_rank(square)": "torch.linalg.matrix_rank(square).to(torch.int32)",
    "ops.norm(x)": "torch.linalg.norm(x)",
    "ops.norm(x, axis=1)": "torch.linalg.norm(x, dim=1)",
    "ops.outer(v, v)": "torch.outer(v, v)",
    "ops.solve(square, square)": "torch.linalg.solve(square, square)",
    "ops.solve_triangular(square, square)": "torch.linalg.solve_triangular(square, square, upper=True)",
    "ops.tensordot(x, square6, axes=1)": "torch.tensordot(x, square6, 1)",
    "ops.vdot(v, v)": "torch.vdot(v, v)",
}

FOURIER = {
    "ops.extract_sequences(x, 4, 2)": "x.unfold(-1, 4, 2)",
    "ops.fft((x, y))": "(lambda f: (f.real, f.imag))(torch.fft.fft(torch.complex(x, y)))",
    "ops.fft2((x, y))": "(lambda f: (f.real, f.imag))(torch.fft.fft2(torch.complex(x, y)))",
    "ops.ifft2((x, y))": "(lambda f: (f.real, f.imag))(torch.fft.ifft2(torch.complex(x, y)))",
    "ops.irfft((x, y))": "torch.fft.irfft(torch.complex(x, y))",
    "ops.stft(signal, 8, 4, 8)": "(lambda f: (f.real, f.imag))(torch.stft(signal, 8, 4, 8, "
    "torch.hann_window(8, device=device), return_complex=True).mT)",
    "ops.istft((sides, sides), 8, 4, 8)": "torch.istft(torch.complex(sides, sides).mT, 8, 4, 8, "
    "torch.hann_window(8, device=device))",
    "ops.polar(x, y)": "torch.polar(x, y)",
    "ops.rfft(x)": "(lambda f: (f.real, f.imag))(torch.fft.rfft(x))",
    "ops.view_as_complex(pairs)": "torch.complex(pairs[..., 0], pairs[..., 1])",
    "ops.view_as_real(z)": "torch.view_as_real(z)",
}

_LAST, _SECOND = "(0, 2, 3, 1)", "(0, 3, 1, 2)"
_IMAGE = f"image.permute{_SECOND}"
_PATCH, _KERNEL = f"patch.permute{_SECOND}", "kernel.permute(3, 2, 0, 1)"
_LINE = "line.permute(0, 2, 1).unsqueeze(2)"
NETWORKS = {
    "ops.adaptive_average_pool(image, 2)": f"F.adaptive_avg_pool2d({_IMAGE}, 2).permute{_LAST}",
    "ops.adaptive_max_pool(image, 2)": f"F.adaptive_max_pool2d({_IMAGE}, 2).permute{_LAST}",
    "ops.average_pool(image, 2)": f"F.avg_pool2d({_IMAGE}, 2).permute{_LAST}",
    "ops.average_pool(line, 2)": f"F.avg_pool2d({_LINE}, (1, 2)).squeeze(2).permute(0, 2, 1)",
    "ops.batch_normalization(x, v, p, -1)": "(x - v) * torch.rsqrt(p + 1e-3)",
    "ops.batch_normalization(x, v, p, -1, v, v)": "(x - v) * (torch.rsqrt(p + 1e-3) * v) + v",
    "ops.binary_crossentropy(shares, x, from_logits=True)": "F.binary_cross_entropy_with_logits(x, shares, "
    "reduction='none')",
    "ops.categorical_crossentropy(shares, x, from_logits=True)": "-(shares * x.log_softmax(-1)).sum(-1)",
    "ops.conv(patch, kernel)": f"F.conv2d({_PATCH}, {_KERNEL}).permute{_LAST}",
    "ops.conv(patch, kernel, 1, 'same')": f"F.conv2d({_PATCH}, {_KERNEL}, padding=1).permute{_LAST}",
    "ops.conv(row, kernel1)": "F.conv2d(row.permute(0, 2, 1).unsqueeze(2), kernel1.permute(2, 1, 0).unsqueeze(2))"
    ".squeeze(2).permute(0, 2, 1)",
    "ops.conv_transpose(patch, kernel)": f"F.conv_transpose2d({_PATCH}, {_KERNEL}).permute{_LAST}",
    "ops.ctc_loss(marks, frames, two, six)": "F.ctc_loss(frames.transpose(0, 1).log_softmax(-1), marks, six, two, "
    "reduction='none')",
    "ops.depth_to_space(image, 2)": "image.reshape(2, 8, 8, 2, 2, 1).permute(0, 1, 3, 2, 4, 5).reshape(2, 16, 16, 1)",
    "ops.depthwise_conv(patch, kernel)": f"F.conv2d({_PATCH}, kernel.permute(2, 3, 0, 1).flatten(0, 1).unsqueeze(1), "
    f"groups=1).permute{_LAST}",
    "ops.dot_product_attention(heads, heads, heads)": "F.scaled_dot_product_attention(heads.transpose(1, 2), "
    "heads.transpose(1, 2), heads.transpose(1, 2)).transpose(1, 2)",
    "ops.fold(columns, 4, 2)": "F.fold(columns, 4, 2)",
    "ops.layer_normalization(x)": "F.layer_norm(x, (6,), None, None, 1e-7)",
    "ops.layer_normalization(x, v, v)": "F.layer_norm(x, (6,), v, v, 1e-7)",
    "ops.log_softmax(x)": "torch.log_softmax(x, -1)",
    "ops.max_pool(image, 2)": f"F.max_pool2d({_IMAGE}, 2).permute{_LAST}",
    "ops.max_pool(line, 2)": f"F.max_pool2d({_LINE}, (1, 2)).squeeze(2).permute(0, 2, 1)",
    "ops.normalize(x)": "x * torch.rsqrt(torch.sum(x * x, -1, True)).clamp(max=1e7)",
    "ops.psnr(x, y, 1.0)": "20 * torch.log10(torch.ones((), device=device)) "
    "- 10 * torch.log10(torch.mean((x - y) ** 2))",
    "ops.rms_normalization(x)": "F.rms_norm(x, (6,), eps=1e-7)",
    "ops.rms_normalization(x, v)": "F.rms_norm(x, (6,), eps=1e-7) * v",
    "ops.separable_conv(patch, kernel, point)": f"F.conv2d(F.conv2d({_PATCH}, kernel.permute(2, 3, 0, 1)"
    f".flatten(0, 1).unsqueeze(1), groups=1), point.permute(3, 2, 0, 1)).permute{_LAST}",
    "ops.image.crop_images(image, 1, 2, target_height=4, target_width=5)": "image[:, 1:5, 2:7]",
    "ops.image.extract_patches(image, 2)": f"F.unfold({_IMAGE}, 2, stride=2).reshape(2, 4, 4, 4, 4)"
    ".permute(0, 3, 4, 2, 1).flatten(3)",
    "ops.image.pad_images(image, 1, 2, target_height=12, target_width=12)": "F.pad(image, (0, 0, 2, 2, 1, 3))",
    "ops.image.resize(image, (4, 4))": f"F.interpolate({_IMAGE}, (4, 4), mode='bilinear').permute{_LAST}",
    "ops.image.rgb_to_grayscale(rgb)": "torch.matmul(rgb, shades).unsqueeze(-1)",
    "ops.sparsemax(x)": "(lambda s: torch.clamp(x - ((torch.cumsum(s, -1) - 1) / torch.arange(1, 7, device=device))"
    ".gather(-1, (s - (torch.cumsum(s, -1) - 1) / torch.arange(1, 7, device=device) > 0).sum(-1, True) - 1), "
    "min=0.0))(torch.sort(x, -1, True).values)",
    "ops.softmax(x)": "torch.softmax(x, -1)",
    "ops.space_to_depth(image, 2)": "image.reshape(2, 4, 2, 4, 2, 4).permute(0, 1, 3, 2, 4, 5).reshape(2, 4, 4, 16)",
    "ops.sparse_categorical_crossentropy(labels, x, from_logits=True)": "F.cross_entropy(x, labels, reduction='none')",
    "ops.unfold(image, 2)": "F.unfold(image, 2)",
}

TWINS = {**POINTWISE, **REDUCTIONS, **SHAPES, **CREATION, **PLACES, **PRODUCTS, **FOURIER, **NETWORKS}


def tensors(requires_grad: bool = False) -> dict[str, Any]:
    """The small tensors that the calls speak of, and the modules that they use.

    Args:
        requires_grad: whether the floating-point ones take part in differentiation.
    """
    torch.manual_seed(0)
    half = torch.rand(4, 4)
    shapes = {"image": (2, 8, 8, 4), "line": (2, 8, 4)}
    # Larger convolutions go to kernels of 30 microseconds, which leave neither call its caches.
    shapes |= {"patch": (1, 4, 4, 1), "row": (1, 4, 1), "kernel": (3, 3, 1, 1), "point": (1, 1, 1, 2)}
    shapes |= {
        "kernel1": (3, 1, 2),
        "heads": (2, 3, 2, 4),
        "frames": (2, 6, 5),
        "columns": (1, 8, 9),
        "points": (4, 3),
        "rgb": (2, 8, 8, 3),
        "signal": (32,),
        "sides": (5, 5),
    }
    found: dict[str, Any] = {name: torch.rand(shape) for name, shape in shapes.items()}
    found |= {
        "x": torch.rand(4, 6),
        "y": torch.rand(4, 6),
        "square6": torch.rand(6, 6),
        "pairs": torch.rand(4, 2),
    }
    found |= {"v": torch.linspace(0.1, 1.0, 6), "p": torch.rand(6) + 0.5, "single": torch.rand(4, 1)}
    found |= {"square": half @ half.mT + torch.eye(4), "shares": torch.rand(4, 6).softmax(-1)}
    found |= {"shades": torch.tensor([0.2989, 0.587, 0.114])}
    found |= {"z": torch.complex(torch.rand(4), torch.rand(4)), "b": torch.rand(4, 6) > 0.5}
    found = {
        name: x.to(device()).requires_grad_(requires_grad and name != "shades" and x.is_floating_point())
        for name, x in found.items()
    }
    for name, (high, shape) in {"i": (6, (4, 6)), "j": (6, (4, 6))}.items():
        found[name] = torch.randint(1, high, shape, dtype=torch.int32, device=device())
    found["labels"] = torch.tensor([0, 3, 1, 2], device=device())
    found["places"] = torch.arange(6, device=device()).unsqueeze(1)
    found |= {"marks": torch.tensor([[1, 2], [3, 1]], device=device())}
    found |= {name: torch.full((2,), n, device=device()) for name, n in {"two": 2, "six": 6}.items()}
    return {**found, "torch": torch, "F": F, "device": device()}
