"""Checksums of large files, which several threads compute, are those of zlib."""

from __future__ import annotations

import io
import os
import zlib

import pytest
import torch

from kerastorch.saving.checksums import checksum_of, joined

CONTENT = os.urandom(1 << 16) * 800  # 50 MiB


@pytest.fixture(params=[1, 3, 16], ids=["one thread", "three", "many"])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("start", "size"), [(0, len(CONTENT)), (7, 40_000_001), (5, 3), (9, 0)])
def test_a_part_of_a_file(start, size, threads, tmp_path):
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    expected = zlib.crc32(CONTENT[start : start + size])
    assert checksum_of(path, start, size) == expected
    assert checksum_of(io.BytesIO(CONTENT), start, size) == expected


def test_a_file_that_ends_before(threads, tmp_path):
    path = tmp_path / "content"
    path.write_bytes(CONTENT[:100])
    assert checksum_of(path, 0, 100) == zlib.crc32(CONTENT[:100])
    assert checksum_of(path, 0, 1 << 40) != zlib.crc32(CONTENT[:101])


@pytest.mark.parametrize("size", [0, 1, 2, 63, 64, 65, 4097])
def test_contents_one_behind_the_other(size):
    first, second = CONTENT[:100], CONTENT[100 : 100 + size]
    assert joined(zlib.crc32(first), zlib.crc32(second), size) == zlib.crc32(first + second)
