"""docs/ says what the code says."""

import pytest

from deploy.docs import PAGES
from tests.architecture.tree import ROOT


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_fresh(name: str) -> None:
    assert (ROOT / name).read_text() == PAGES[name](), "run: make docs"
