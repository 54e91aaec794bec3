"""Databases of earlier versions: what stood at the last of the squashed migrations goes on, others are told how."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from config.faults import Fault
from config.preparation import require_no_half

pytestmark = pytest.mark.django_db


def recorded():
    return MigrationRecorder(connection).migration_qs


def test_what_stood_at_the_last_of_the_old_ones_has_nothing_of_them_to_apply():
    recorded().filter(name__contains="_squashed_").delete()
    require_no_half()
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_what_stopped_between_the_old_ones_is_told_which_version_comes_first():
    recorded().filter(app="cases", name__gte="0031_counted_in_the_index").delete()
    with pytest.raises(Fault, match=r"cases lacks 0031_counted_in_the_index.*commit 41f5aa1"):
        require_no_half()


def test_an_empty_database_stands_between_nothing():
    recorded().all().delete()
    require_no_half()


def test_a_case_has_one_open_round_in_the_database_too():
    """An earlier migration took this index away by mistake; 0036_one_open_submission makes it anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'one_open_submission_per_case'")
        (made,) = cursor.fetchone()
    assert "UNIQUE" in made
    assert made.endswith("(case_id) WHERE (submitted_at IS NULL)")
