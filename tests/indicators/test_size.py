"""Two hundred areas, twenty indicators, forty periods: the same few statements as for one of each."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.indicators.conftest import DISTRICT
from tests.web.browsing import Browser
from zerotrip.indicators import queries
from zerotrip.indicators.actions import declare
from zerotrip.indicators.models import Filing, Observation
from zerotrip.indicators.periods import Frequency, Period
from zerotrip.indicators.spec import IndicatorSpec
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Area

NOW = datetime(2026, 4, 20, tzinfo=UTC)
STREETS, PARTS = 10, 19

FIGURES = """
INSERT INTO indicators_observation (indicator_id, area_path, industry, year, number, revision, value, base_note,
    published_places, basis, source, reason, filing_id)
SELECT indicator.slug, area.path, '', year, number, 1, 1 + (length(area.path) * year * number) %% 97, '', 0, '',
    '', '', %s
FROM indicators_indicator AS indicator, parties_area AS area, generate_series(2016, 2025) AS year,
    generate_series(1, 4) AS number
WHERE indicator.slug LIKE 'size-%%' AND area.name = '规模'
"""


@pytest.fixture
def large(bureau):
    """A district of ten subdistricts with nineteen communities each, and all their figures of ten years."""
    declared = {"unit": {"zh": "亿元"}, "frequency": "quarter", "department": "statistics", "source": {"zh": "x"}}
    named = [{"id": f"size-{number}", "name": {"zh": f"指标{number}"}} for number in range(20)]
    specs = [
        IndicatorSpec.model_validate({**declared, **one, "levels": ("subdistrict", "community")}) for one in named
    ]
    declare(specs, pack="size", by=SYSTEM, at=NOW)
    for street in range(STREETS):
        code = f"3701990{50 + street}000"
        above = Area.objects.create(
            code=code, name="规模", level="subdistrict", parent_id="370199000000", path=f"{DISTRICT}{code}/"
        )
        for part in range(PARTS):
            below = f"3701990{50 + street}{part + 1:03}"
            Area.objects.create(
                code=below, name="规模", level="community", parent=above, path=f"{above.path}{below}/"
            )
    filing = Filing.objects.create(door="form", state="taken", at=NOW)
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, [filing.pk])
        cursor.execute("ANALYZE indicators_observation")
    return bureau


def test_a_large_board_takes_the_same_few_statements(large):
    assert Observation.objects.count() == 200 * 20 * 40
    quarter = Period(2025, 4, Frequency.QUARTER)
    specs = queries.specs(large.statistics)
    with CaptureQueriesContext(connection) as asked:
        book = queries.book(large.statistics, specs, path=DISTRICT, periods=[quarter, quarter.year_before])
    assert len(asked) == 3
    assert len(book.rows) == 200 * 20 * 2
    assert len(book.value("size-0", DISTRICT, quarter).leaves) == STREETS

    browser = Browser(large.statistics)
    browser.open("/desk/indicators/?period=2025-4")
    with CaptureQueriesContext(connection) as asked:
        page = browser.open("/desk/indicators/?period=2025-4")
    assert len(asked) <= 14
    assert page.html.count('<section class="card figure">') == 25
    for url in ("of/size-1/?period=2025-4", "entry/?period=2025-4", "targets/?year=2025"):
        page = browser.open(f"/desk/indicators/{url}")
        assert sum(len(form.values) for form in page.forms) < (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS or 0), url
