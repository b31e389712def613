"""Advisories about loaders of models, and the cases that hold each of them."""

from __future__ import annotations

import pytest

from tests.security import archives, checkpoints, configs, downloads, hdf5, tensors
from tests.security.guard import cases_of

_CODE_ANYWHERE = (
    "configs: bytecode as Lambda function, keras",
    "configs: os.system as Lambda function, keras",
)
_OUTSIDE = (
    "downloads: S13 tar '../x', file",
    "downloads: S19 tar 'a/../../b', web",
    "downloads: S19 symbolic link, web",
)
ADVISORIES: dict[str, tuple[str, ...]] = {
    # Bytecode of a Lambda layer of Keras 2.
    "CVE-2024-3660": ("configs: S2 Keras 2 bytecode, h5", "configs: S2 Keras 2 bytecode, saved_model"),
    # Any module and function that the config names.
    "CVE-2025-1550": ("configs: os.system as layer, keras", "configs: Popen as Lambda function, keras"),
    # Functions of Keras itself that fetch, unpack or load.
    "CVE-2025-8747": ("configs: get_file as Lambda function, keras", "configs: S5 every public name"),
    # `safe_mode` without effect on HDF5.
    "CVE-2025-9905": ("configs: bytecode as Lambda function, h5", "configs: os.system as layer, h5"),
    # A config that switches safe mode off before it is used.
    "CVE-2025-9906": ("configs: S4 mode, keras", "configs: S4 mode, stream"),
    # Vocabularies read from paths and addresses that a config names.
    "CVE-2025-12058": (
        "configs: S8 path in StringLookup, keras",
        "configs: S8 address in StringLookup, keras",
    ),
    # Members of archives that `get_file` unpacks outside of its folder.
    "CVE-2024-55459": _OUTSIDE,
    "CVE-2025-12060": _OUTSIDE,
    "CVE-2025-12638": (*_OUTSIDE, "downloads: S19 chain of links, web", "downloads: S19 hard link, web"),
    # Pickles inside the config of a wrapper of torch modules.
    "CVE-2025-49655": ("configs: S7 pickled module, keras", "configs: S7 pickled module, json"),
    # Datasets that claim more than memory holds.
    "CVE-2026-0897": (
        "hdf5: S10 shape, keras",
        "hdf5: S10 many, compressed",
        "hdf5: S10 chunk, load_weights",
    ),
    # SavedModels that a config names.
    "CVE-2026-1462": ("configs: S8 path in TFSMLayer, keras", "configs: S8 path in TFSMLayer, json"),
    # HDF5 files whose values lie in other files.
    "CVE-2026-1669": (
        "hdf5: S9 external storage, keras",
        "hdf5: S9 virtual, h5",
        "hdf5: S9 external link, editor",
    ),
    # Known here by their numbers alone: a config may name no code, and no file outside, on any way in.
    "CVE-2026-12479": _CODE_ANYWHERE,
    "CVE-2026-12481": _CODE_ANYWHERE,
    "GHSA-hqp4-2352-xf5r": (*_CODE_ANYWHERE, "configs: S8 path in TextVectorization, keras"),
    # Code in a file of tensors, by the older formats of torch.
    "CVE-2025-32434": ("archives: S17 tar, .pt load_weights", "archives: S17 old torch, .pt load_weights"),
    # Items set in what is no dictionary, and storages that are smaller than they claim.
    "CVE-2026-24747": ("tensors: .pt: confused items", "tensors: .pt: short storage"),
    # Links that lead out of the folder by more characters than a path may have (of Python's tarfile).
    "CVE-2025-4517": ("downloads: S13 chain of links, file", "downloads: S19 tar chain of links, web"),
}
KNOWN = {
    f"{table.__name__.rpartition('.')[2]}: {name}"
    for table in (configs, hdf5, checkpoints, tensors, archives, downloads)
    for name in cases_of(table)
}


@pytest.mark.parametrize("advisory", ADVISORIES)
def test_an_advisory_is_held_by_cases_of_the_harness(advisory: str) -> None:
    assert set(ADVISORIES[advisory]) <= KNOWN, set(ADVISORIES[advisory]) - KNOWN


# Every kind of file and every number of the list of crafted inputs has cases.
_NUMBERS = [f"S{number}" for number in range(1, 22)]
_ELSEWHERE = {"S1": "configs: bytecode as Lambda function, keras", "S3": "configs: os.system as layer, keras"}
_ELSEWHERE["S18"] = "configs: bytecode as Lambda function, pickle"


@pytest.mark.parametrize("number", _NUMBERS)
def test_a_crafted_input_has_cases(number: str) -> None:
    if number in _ELSEWHERE:
        assert _ELSEWHERE[number] in KNOWN
    else:
        assert any(f": {number} " in name for name in KNOWN)
