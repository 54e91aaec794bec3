"""What most of screening begins with."""

from __future__ import annotations

import pytest

from tests.prevention.emergency import declared
from tests.prevention.screening.sampling import point
from zerotrip.prevention.models import Measure


@pytest.fixture
def place(district):
    """A sampling point where screening is in force."""
    declared(district, Measure.SCREENING)
    return point()
