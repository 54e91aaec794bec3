"""A district that pays a benefit without application: the example of docs/policies.md, and firms it is for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from config.places import ROOT
from tests import world
from tests.district import District
from zerotrip.catalogue.actions import load_pack
from zerotrip.facts.actions import Statement, derive_due, record
from zerotrip.facts.queries import vocabulary
from zerotrip.parties.access import SYSTEM, Actor
from zerotrip.parties.models import Party, Role
from zerotrip.policies.unasked import actions
from zerotrip.policies.unasked.models import Grant, Run

MANUAL = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
POLICY = "steady-output"
AT = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
"""Wednesday, 10:00 in China."""
GOOD = {
    "industry": "3453",
    "above_scale": True,
    "quarter_power_cost": "300000",
    "specialised": False,
    "exporter": False,
    "new_staff": "0",
    "blacklisted": False,
}
"""What is stated of a firm that is to have 30,000 yuan, besides its revenue."""
ACCOUNT = {"bank": "示范银行济南示范支行", "number": "6222 0000 1234 5678"}


def example() -> dict[str, Any]:
    """The policy of the manual."""
    (text,) = re.findall(r"```yaml\n# policies/steady-output\.yaml\n(.*?)```", MANUAL, re.DOTALL)
    return dict(yaml.safe_load(text))


def declared() -> list[dict[str, Any]]:
    """The facts of the manual."""
    (text,) = re.findall(r"```yaml\n# facts\.yaml[^\n]*\n(.*?)```", MANUAL, re.DOTALL)
    return list(yaml.safe_load(text)["facts"])


class Pack:
    """The pack of the first stories with policies of a test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(shutil.copytree(world.PACK, folder))
        shutil.copy(world.WHOLE / "shelves.yaml", self.folder)
        facts = yaml.safe_load((world.WHOLE / "facts.yaml").read_text(encoding="utf-8"))
        there = {fact["id"] for fact in facts["facts"]}
        facts["facts"] += [fact for fact in declared() if fact["id"] not in there]
        (self.folder / "facts.yaml").write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
        (self.folder / "policies").mkdir()

    def policy(self, name: str = POLICY, *, at: datetime = AT, **changes: Any) -> str:
        """Publish the policy of the manual, or it with changes, under a name; examples are left out."""
        spec = {**example(), **changes, "id": name}
        spec["unasked"] = {**example()["unasked"], **changes.get("unasked", {})}
        spec.pop("examples")
        text = yaml.safe_dump(spec, allow_unicode=True, sort_keys=False)
        (self.folder / "policies" / f"{name}.yaml").write_text(text, encoding="utf-8")
        load_pack(self.folder, by=SYSTEM, at=at)
        derive_due(at=at)
        return name


@pytest.fixture
def pack(district: District, tmp_path: Path) -> Pack:
    pack = Pack(tmp_path / "pack")
    pack.policy()
    return pack


@pytest.fixture
def firm_of(pack: Pack) -> Callable[..., Party]:
    """Register another firm of which all is stated that the policy asks, unless said otherwise."""

    def make(name: str, serial: int, *, growth: bool = True, **facts: Any) -> Party:
        firm = world.enterprise(name, serial)
        state(firm, growth=growth, **{**GOOD, **facts})
        return firm

    return make


def state(firm: Party, *, at: datetime = AT - timedelta(days=1), growth: bool | None = None, **facts: Any) -> None:
    """State facts of a firm; ``growth`` also its revenue of this year's and last year's first months."""
    kinds = vocabulary().facts
    day = date(2026, 3, 31)
    said = [
        Statement(name, value, day, (kinds[name].sources or ("department",))[0])
        for name, value in facts.items()
        if value is not None
    ]
    if growth is not None:
        said += [
            Statement("monthly_revenue", str((120 if growth else 90) if year == 2026 else 100), last, "tax")
            for year in (2025, 2026)
            for last in (date(year, 1, 31), date(year, 2, 28), date(year, 3, 31))
        ]
    record(firm.pk, said, by=SYSTEM, at=at, key=uuid4())


@pytest.fixture
def firms(firm_of: Callable[..., Party], district: District) -> dict[str, Party]:
    """Four firms: two that have it, one whose revenue fell, one of which an answer is missing."""
    state(district.firm, growth=True, **GOOD)
    chip = {"specialised": True, "quarter_power_cost": "9000000", "exporter": True, "new_staff": "25"}
    return {
        "ours": district.firm,
        "chip": firm_of("示范芯片有限公司", 901, **chip),
        "falling": firm_of("示范下滑有限公司", 902, growth=False),
        "unknown": firm_of("示范未知有限公司", 903, blacklisted=None),
    }


@pytest.fixture
def head(district: District) -> Actor:
    """Another leader of the department that pays."""
    return world.acting(world.staff("head", "approval-bureau", Role.HEAD))


def drafted(by: Actor, policy: str = POLICY, *, at: datetime = AT) -> Run:
    """A run whose amounts are worked out."""
    run = actions.draft(policy, by=by, at=at, key=uuid4())
    return actions.go_on(run.pk, at=at)


def announced(by: Actor, policy: str = POLICY, *, at: datetime = AT) -> Run:
    """A run that is public."""
    return actions.announce(drafted(by, policy, at=at).pk, by=by, at=at)


def grant_of(run: Run, firm: Party) -> Grant:
    """The last grant of a firm in a run."""
    return Grant.objects.select_related("run", "party").filter(run=run, party=firm).latest("pk")


def after_notice(run: Run) -> datetime:
    """A moment after the notice of a run."""
    run.refresh_from_db()
    return run.notice_until + timedelta(hours=1)
