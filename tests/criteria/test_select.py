"""The database and Python say the same of every row."""

from __future__ import annotations

import pytest
from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.criteria.rules import TODAY, VOCABULARY, facts, trees
from zerotrip.criteria import Truth, parse, select

COLUMNS = {name: F(name) for name in VOCABULARY}
MEANS = {True: Truth.YES, False: Truth.NO, None: Truth.UNKNOWN}


class Row(models.Model):  # noqa: DJ008  nobody reads it
    """One column of each type of fact, all nullable, known to no app."""

    name = models.TextField(null=True)
    area = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    cost = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    opened = models.DateField(null=True)
    demolition = models.BooleanField(null=True)
    kind = models.CharField(max_length=10, null=True)
    trades = ArrayField(models.TextField(), null=True)
    industry = models.TextField(null=True)

    class Meta:
        app_label = "criteria_rows"
        apps = Apps()


@pytest.fixture
def table(db):
    with connection.schema_editor() as editor:
        editor.create_model(Row)


def held(tree, rows):
    """What the database says of each row."""
    Row.objects.all().delete()
    Row.objects.bulk_create(Row(pk=number, **row) for number, row in enumerate(rows))
    holds = select(parse(tree, vocabulary=VOCABULARY), COLUMNS, today=TODAY)
    found = Row.objects.annotate(holds=holds)
    said = dict(found.values_list("pk", "holds"))
    for value in (True, False, None):
        wanted = {pk for pk, truth in said.items() if truth is value}
        assert set(found.filter(holds=value).values_list("pk", flat=True)) == wanted
    return [MEANS[said[number]] for number in range(len(rows))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(trees(), st.lists(facts(), min_size=1, max_size=6))
def test_select_agrees_with_explain(table, tree, rows):
    rule = parse(tree, vocabulary=VOCABULARY)
    assert held(tree, rows) == [rule.explain({"today": TODAY, **row}).truth for row in rows]


def test_an_empty_text_is_unknown_to_both(table):
    row = {"name": ""}
    assert held({"fact": "name", "is_not": "济南"}, [row]) == [Truth.UNKNOWN]
    assert held({"not": {"fact": "name", "in": ["济南"]}}, [row]) == [Truth.UNKNOWN]


def test_a_fact_without_a_column_is_refused():
    rule = parse({"fact": "area", "is": 1}, vocabulary=VOCABULARY)
    with pytest.raises(KeyError, match="area"):
        select(rule, {}, today=TODAY)
