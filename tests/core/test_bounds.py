"""What a config of a stranger may ask for; hostile configs themselves are in `tests/security`."""

from __future__ import annotations

import pytest

from kerastorch.core import bounds
from kerastorch.errors import CorruptModelError


@pytest.fixture
def container(tmp_path, monkeypatch):
    """The file that tells the memory of a container."""
    monkeypatch.setattr(bounds, "_CONTAINER", (str(tmp_path / "nowhere"), str(tmp_path / "memory.max")))
    bounds._memory_of_machine.cache_clear()
    yield tmp_path / "memory.max"
    bounds._memory_of_machine.cache_clear()


def test_weights_of_a_config_take_no_more_memory_than_the_container_has(container):
    container.write_text("4000\n")
    with bounds.reading({}):
        bounds.reserve((500,), 4)
        with pytest.raises(CorruptModelError, match="2004 bytes; 2000 are left"):
            bounds.reserve((501,), 4)


def test_a_container_without_a_limit_has_that_of_the_machine(container):
    container.write_text("max\n")
    with bounds.reading({}):
        bounds.reserve((500,), 4)
        with pytest.raises(CorruptModelError, match="are left for all that is described"):
            bounds.reserve((1 << 45,), 4)
