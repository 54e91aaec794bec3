"""Two firms that do not know each other."""

from __future__ import annotations

import pytest

from tests.relief.market import Firm, firm


@pytest.fixture
def printer(district) -> Firm:
    """Has an idle plant, in the second subdistrict."""
    return firm("济南虚构印刷有限公司", 901)


@pytest.fixture
def retailer(district) -> Firm:
    """Looks for space, in the first subdistrict."""
    return firm("济南虚构零售有限公司", 902)
