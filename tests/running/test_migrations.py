"""Databases of earlier versions: what stood at the last of the squashed migrations goes on, others are told how."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.db.migrations import CreateModel, RunSQL
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from config.faults import Fault
from config.preparation import require_no_half
from zerotrip.tables import Together

pytestmark = pytest.mark.django_db


def recorded():
    return MigrationRecorder(connection).migration_qs


def test_what_stood_at_the_last_of_the_old_ones_has_nothing_of_them_to_apply():
    recorded().filter(name__contains="_squashed_").delete()
    require_no_half()
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.parametrize(
    ("app", "lacking"),
    [
        ("cases", "0031_counted_in_the_index"),
        pytest.param("duties", "0011_standing", id="at the squash before"),
        ("duties", "0016_shifts"),
        ("policies", "0005_bank_answers"),
        ("prevention", "0026_grids_along"),
    ],
)
def test_what_stopped_between_the_old_ones_is_told_which_version_comes_first(app, lacking):
    recorded().filter(app=app, name__gte=lacking).delete()
    with pytest.raises(Fault, match=rf"{app} lacks {lacking}.*commit e7b9a2c"):
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


def test_what_makes_several_models_makes_them_together():
    """One by one, each would have Django build all related classes anew."""
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if migration.__module__.startswith("zerotrip."):
            apart = [operation for operation in migration.operations if isinstance(operation, CreateModel)]
            assert len(apart) < 2, f"{app}.{name}: put them into zerotrip.tables.Together"


def test_tables_made_together_may_refer_to_each_other_and_go_again():
    def model(name, **to):
        return CreateModel(
            name, [("id", models.AutoField(primary_key=True)), *((n, refer(m)) for n, m in to.items())]
        )

    def refer(to):
        return models.ForeignKey(f"made.{to}", models.CASCADE, null=True)

    made = Together([model("Egg", layer="Hen"), RunSQL("SELECT 1", "SELECT 2"), model("Hen", born_of="Egg")])
    before = ProjectState(real_apps={"contenttypes"})
    assert before.apps
    after = before.clone()
    made.state_forwards("made", after)
    with connection.schema_editor() as editor:
        made.database_forwards("made", editor, before, after)
    assert {"made_egg", "made_hen"} <= set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        to = {name: connection.introspection.get_relations(cursor, f"made_{name}") for name in ("egg", "hen")}
    assert to == {"egg": {"layer_id": ("id", "made_hen")}, "hen": {"born_of_id": ("id", "made_egg")}}
    assert made.reversible
    with connection.schema_editor() as editor:
        made.database_backwards("made", editor, after, before)
    assert not {"made_egg", "made_hen"} & set(connection.introspection.table_names())
