"""What is written down about parcels, and settings that will not do, say so."""

from __future__ import annotations

import pytest

from config.places import ROOT
from zerotrip.licences.post.checks import check_courier
from zerotrip.licences.post.couriers import courier
from zerotrip.licences.post.states import TRANSITIONS, Status, Step, diagram
from zerotrip.signed import signature


def test_the_drawing_is_the_table():
    assert diagram() in (ROOT / "docs/states/parcel.md").read_text(encoding="utf-8")


def test_every_step_is_in_the_table_and_every_status_can_be_reached():
    assert set(TRANSITIONS) == set(Step)
    assert {to for _sources, to in TRANSITIONS.values()} == set(Status)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        ({"COURIER": "nowhere.Courier"}, {"licences.E001"}),
        ({"COURIER_NUMBERS": "ZT{seq}"}, {"licences.E002"}),
        ({"COURIER_NUMBERS": "快{year}{seq}"}, {"licences.E002"}),
        ({"COURIER_SECRETS": ["short"]}, {"licences.E003"}),
        ({"COURIER": "zerotrip.licences.post.couriers.webhook.Webhook"}, {"licences.E004"}),
        ({"COURIER_URL": "http://courier.example/track"}, {"licences.W005"}),
        ({"COURIER_URL": "https://courier.example/track"}, set()),
    ],
)
def test_settings_that_will_not_do_are_named(settings, changes, found):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert {message.id for message in check_courier()} == found


def test_without_settings_there_is_no_courier(settings):
    assert courier() is None


def test_the_signature_is_that_of_the_documents():
    """As ``printf '%s.%s' 1772503200 '{"events": []}' | openssl dgst -sha256 -hmac secret`` has it."""
    expected = "ee334689003ed748ca6fd0ce0fb7ce2f222019add74784719ce80c4b6dfc2a8a"
    assert signature("secret", "1772503200", b'{"events": []}') == f"sha256={expected}"
