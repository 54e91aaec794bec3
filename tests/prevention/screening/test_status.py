"""What is known of somebody from their tubes: a pool clears, but does not condemn, unless the district says so."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from zerotrip.prevention.screening.queries import Status, status_of


def told(outcome: str, capacity: int = 10):
    return SimpleNamespace(tube=SimpleNamespace(outcome=outcome, capacity=capacity))


@pytest.mark.parametrize(
    ("samples", "decides", "status"),
    [
        ([], False, Status.UNKNOWN),
        ([told("")], False, Status.UNKNOWN),
        ([told("negative")], False, Status.NEGATIVE),
        ([told("positive")], False, Status.RETEST),
        ([told("positive")], True, Status.POSITIVE),
        ([told("positive", 1)], False, Status.POSITIVE),
        ([told("unclear")], True, Status.RETEST),
        ([told("negative", 1), told("positive")], False, Status.NEGATIVE),
        ([told(""), told("positive")], False, Status.RETEST),
        ([told("invalid", 1), told("negative")], False, Status.NEGATIVE),
    ],
)
def test_the_latest_tube_of_which_something_is_known_speaks(samples, decides, status):
    assert status_of(samples, pool_decides=decides) == status
