"""A small vocabulary and statements for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from zerotrip.facts.spec import FactsSpec
from zerotrip.facts.vocabulary import Vocabulary

TODAY = date(2026, 3, 3)
SPEC = FactsSpec.model_validate_json(
    """{"sources": [
      {"id": "tax", "trust": 1, "name": {"zh": "税务"}},
      {"id": "statistics", "trust": 1, "name": {"zh": "统计"}},
      {"id": "self", "trust": 5, "own": true, "name": {"zh": "企业自己填报"}}],
    "facts": [
      {"id": "area", "kind": "area", "label": {"zh": "区域"}, "computed": {"party": "area"}},
      {"id": "industry", "kind": "industry", "label": {"zh": "行业"}},
      {"id": "opened", "kind": "date", "label": {"zh": "成立日期"}},
      {"id": "exporter", "kind": "yes_no", "label": {"zh": "出口企业"}},
      {"id": "markets", "kind": "multi_choice", "label": {"zh": "市场"}, "choices": [
        {"value": "home", "label": {"zh": "国内"}}, {"value": "abroad", "label": {"zh": "国外"}}]},
      {"id": "motto", "kind": "text", "label": {"zh": "口号"}},
      {"id": "staff", "kind": "number", "label": {"zh": "从业人员"}, "unit": {"zh": "人"}, "units": {"千人": 1000},
       "at_least": 0, "at_most": 100000, "fresh": 400},
      {"id": "insured", "kind": "number", "label": {"zh": "参保人数"}, "sources": ["tax"]},
      {"id": "assets", "kind": "money", "label": {"zh": "资产"}, "per": "year"},
      {"id": "revenue", "kind": "money", "label": {"zh": "年收入"}, "per": "year"},
      {"id": "sales", "kind": "money", "label": {"zh": "月收入"}, "per": "month", "fresh": 100},
      {"id": "insured_share", "kind": "number", "label": {"zh": "参保率"},
       "computed": {"quotient": ["insured", "staff"]}},
      {"id": "year_sales", "kind": "money", "label": {"zh": "去年收入"},
       "computed": {"total": {"of": "sales", "year": -1}}},
      {"id": "quarter", "kind": "money", "label": {"zh": "近三月"},
       "computed": {"total": {"of": "sales", "periods": 3}}},
      {"id": "growth", "kind": "number", "label": {"zh": "同比"},
       "computed": {"change": {"of": "sales", "periods": 2}}},
      {"id": "size", "kind": "choice", "label": {"zh": "规模"}, "choices": [
        {"value": "large", "label": {"zh": "大型"}}, {"value": "medium", "label": {"zh": "中型"}},
        {"value": "small", "label": {"zh": "小型"}}, {"value": "micro", "label": {"zh": "微型"}}],
       "computed": {"size_class": {"industry": "industry", "staff": "staff", "revenue": "revenue",
                                   "assets": "assets"}}},
      {"id": "small_exporter", "kind": "yes_no", "label": {"zh": "小微出口企业"}, "computed": {"holds": {"all": [
        {"fact": "exporter", "is": true}, {"fact": "size", "in": ["small", "micro"]}]}}}
    ]}"""
)
WORDS = Vocabulary.of([SPEC])
LATEST = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    """A statement that is in no database."""

    name: str
    value: Any
    source: str = "tax"
    as_of: date = TODAY
    hours_ago: int = 0

    @property
    def recorded_at(self) -> datetime:
        return LATEST - timedelta(hours=self.hours_ago)
