"""A handful of policies, one for each way an enterprise can stand to one, and a firm with facts."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone

from tests import world
from zerotrip.catalogue.actions import load_pack
from zerotrip.facts.actions import Statement, record
from zerotrip.parties.access import SYSTEM
from zerotrip.parties.models import Party

FACTS = """
sources:
  - {id: tax, trust: 1, name: {zh: 税务, en: Tax authority}}
  - {id: statistics, trust: 1, name: {zh: 统计, en: Statistics}}
  - {id: self, trust: 5, own: true, name: {zh: 企业自己填报, en: Stated by the enterprise}}
facts:
  - {id: area, kind: area, label: {zh: 所在区域, en: Where it is}, computed: {party: area}}
  - {id: industry, kind: industry, label: {zh: 所属行业, en: Industry}}
  - id: staff
    kind: number
    decimals: 0
    at_least: 0
    label: {zh: 从业人员, en: Staff}
    unit: {zh: 人, en: people}
    fresh: 400
  - {id: revenue, kind: money, per: year, label: {zh: 年营业收入, en: Revenue of the year}}
  - {id: assets, kind: money, per: year, label: {zh: 资产总额, en: Assets}}
  - id: size_class
    kind: choice
    label: {zh: 企业规模, en: Size class}
    choices:
      - {value: large, label: {zh: 大型, en: Large}}
      - {value: medium, label: {zh: 中型, en: Medium}}
      - {value: small, label: {zh: 小型, en: Small}}
      - {value: micro, label: {zh: 微型, en: Micro}}
    computed: {size_class: {industry: industry, staff: staff, revenue: revenue, assets: assets}}
  - {id: exporter, kind: yes_no, label: {zh: 出口企业, en: Exporter}}
  - {id: certified, kind: yes_no, label: {zh: 认定企业, en: Certified}, sources: [statistics]}
  - {id: rent, kind: money, label: {zh: 年租金, en: Rent of the year}}
  - id: layoff_rate
    kind: number
    decimals: 4
    at_least: 0
    at_most: 1
    label: {zh: 裁员率, en: Share laid off}
  - {id: age, kind: number, of: [person], label: {zh: 年龄, en: Age}, unit: {zh: 岁, en: years}}
"""

POLICY = """
id: {id}
name: {{zh: {name}, en: {id}}}
summary: {{zh: {name}（虚构）, en: Invented}}
region: {{name: {{zh: 示范区, en: Demonstration District}}, code: "370199"}}
issuer: {{zh: 示范区（虚构）, en: District (invented)}}
document: 示范发〔2026〕1号
shelves: [growth]
keywords: [{name}]
sources: [虚构的示范办法]
{more}
"""


def policy(slug: str, name: str, more: str) -> str:
    """A policy file."""
    return POLICY.format(id=slug, name=name, more=more.strip())


def around(days: int) -> str:
    """A day so far from today."""
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def policies() -> dict[str, str]:
    """One that holds, one that does not, one unknown, one about to end, one over, one had, one for people."""
    small = "clauses: [{id: size, text: {zh: 员工不多, en: Few staff}, when: {fact: staff, at_most: 300}}]\n"
    gives = "benefit: {kind: payment, gives: {zh: 补贴租金的一半, en: Half the rent}, tiers: "
    half = gives + "[{id: half, name: {zh: 租金补贴, en: Rent}, of: [rent], rate: 0.5, at_most: 50000}]}\n"
    plain = "benefit: {kind: service, gives: {zh: 上门服务, en: A visit}}\n"
    exports = "clauses: [{id: exports, text: {zh: 有出口, en: Exports}, when: {fact: exporter, is: true}}]\n"
    many = "clauses: [{id: many, text: {zh: 员工很多, en: Many staff}, when: {fact: staff, more_than: 500}}]\n"
    grown = "clauses: [{id: age, text: {zh: 年满十八, en: Of age}, when: {fact: age, at_least: 18}}]\n"
    return {
        "rent-half": policy("rent-half", "房租补贴", small + half),
        "export-help": policy("export-help", "出口扶持", exports + plain),
        "many-staff": policy("many-staff", "大厂奖励", many + plain),
        "ends-soon": policy("ends-soon", "限时服务", small + plain + f"valid: {{until: {around(9)}}}"),
        "is-over": policy("is-over", "旧补贴", small + plain + f"valid: {{until: {around(-9)}}}"),
        "had-already": policy(
            "had-already", "换证补助", plain + "apply: {how: {zh: 网上申请, en: Online}, service: pesticide-change}"
        ),
        "for-people": policy("for-people", "个人创业补贴", grown + plain + "audience: [person]"),
    }


def pack(folder: Path, files: dict[str, str] | None = None, facts: str = FACTS) -> Path:
    """The small pack with these policies."""
    shutil.copytree(world.PACK, folder, dirs_exist_ok=True)
    shutil.copy(world.WHOLE / "shelves.yaml", folder)
    (folder / "policies").mkdir(exist_ok=True)
    (folder / "facts.yaml").write_text(facts, encoding="utf-8")
    for slug, text in (policies() if files is None else files).items():
        (folder / "policies" / f"{slug}.yaml").write_text(text, encoding="utf-8")
    return folder


def load(folder: Path, files: dict[str, str] | None = None, facts: str = FACTS) -> Path:
    """The pack, loaded now."""
    load_pack(pack(folder, files, facts), by=SYSTEM, at=timezone.now())
    return folder


def state(firm: Party, source: str = "tax", as_of: date | None = None, **facts: Any) -> None:
    """Let a source say this of a firm."""
    day = as_of or timezone.localdate()
    said = [Statement(name, value, day, source) for name, value in facts.items()]
    record(firm.pk, said, by=SYSTEM, at=timezone.now(), key=uuid4())


def year_end() -> date:
    """The last day of last year."""
    return timezone.localdate().replace(month=1, day=1) - timedelta(days=1)
