from __future__ import annotations

from pathlib import Path

import pytest

from vim_adapters.capabilities import Feature
from vim_adapters.contract import VimAdapter
from vim_adapters.errors import VimError, family, slug
from vim_adapters.guarded import Limits
from vim_adapters.registry import KINDS
from vim_adapters.resources import Kind
from vim_adapters.simulated.faults import ERRORS

REFERENCE = (Path(__file__).parents[3] / "docs" / "reference" / "vim-contract.md").read_text()


def leaves(cls):
    children = cls.__subclasses__()
    return [leaf for child in children for leaf in leaves(child)] if children else [cls]


@pytest.mark.parametrize(
    "word",
    sorted(
        {
            *Kind,
            *Feature,
            *ERRORS,
            *KINDS,
            *Limits.__struct_fields__,
            *(slug(error) for error in leaves(VimError)),
            *(family(error) for error in leaves(VimError)),
        }
    ),
)
def test_the_reference_names_everything(word):
    """Each kind, feature, error, family, fault and setting is in the reference, in code type."""
    assert f"`{word}`" in REFERENCE


def test_the_reference_names_every_verb():
    """Each verb of the contract has a row."""
    for verb in (name for name in vars(VimAdapter) if not name.startswith("_")):
        assert f"| `{verb}" in REFERENCE
