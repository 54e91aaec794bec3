"""The boards: what cases add up to, for those who answer for them; everybody else sees their own work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zerotrip.cases.actions.exporting import masked
from zerotrip.cases.models import Door, Procedure, Tag
from zerotrip.cases.models.rating import BAD_GRADES
from zerotrip.catalogue.queries import offered, spec_of, stage_name
from zerotrip.catalogue.spec import EXTENSION_STAGE
from zerotrip.errors import NotFound
from zerotrip.insight import queries
from zerotrip.insight.models import Lens, MarkKind
from zerotrip.insight.queries import MEASURED, Scope, Sums, together
from zerotrip.insight.ranking import places
from zerotrip.parties.models import Party, PartyKind
from zerotrip.parties.queries import streets
from zerotrip.web.accounts.access import staff_only
from zerotrip.web.desk.boards.asking import CUTS, GREEN, PERIODS, question_of
from zerotrip.web.desk.boards.tables import CASES, PEOPLE, Column, Row, groups, shown
from zerotrip.web.desk.frame import rail
from zerotrip.web.pages import page_of
from zerotrip.web.portal.cases.forms import uuid_from
from zerotrip.web.requests import Request
from zerotrip.web.templatetags.show import called
from zerotrip.web.workbooks import as_csv

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http.response import HttpResponseBase

    from zerotrip.catalogue.spec import ServiceSpec

PAGE_SIZE = 50
MOST_LINES = 50_000
"""Lines of a list that is taken out here; more go through the exports of the case list."""


class Reading:
    """A board under way: what is asked, what this person sees of it, and the names of what is in it."""

    def __init__(self, request: Request) -> None:
        given = request.GET.dict()
        self.request = request
        question = question_of(given, at=request.now)
        scope = Scope(request.actor, question.asked)
        if scope.empty and question.asked.by != "person":
            question.asked = replace(question.asked, by="person")
            scope = Scope(request.actor, question.asked)
        self.question, self.scope = question, scope

    @property
    def by(self) -> str:
        """What the rows are."""
        return self.question.asked.by

    @cached_property
    def specs(self) -> dict[str, ServiceSpec]:
        """The services by slug, as they are declared now."""
        return offered()

    @cached_property
    def offices(self) -> dict[UUID, str]:
        """The names of departments."""
        rows = Party.objects.filter(kind=PartyKind.DEPARTMENT)
        return {row.pk: called(row) for row in rows}

    def service(self, slug: str) -> str:
        """The name of a service; its key, once nobody offers it."""
        return str(self.specs[slug].name) if slug in self.specs else slug

    def frame(self, current: str) -> dict[str, Any]:
        """What every board has around it."""
        question = self.question
        return {
            "question": question,
            "asked": question.asked,
            "period": question.asked.period,
            "query": question.query(),
            "scope": self.scope,
            "periods": PERIODS.items(),
            "cuts": [(key, question.query(by=key), words) for key, words in CUTS.items()],
            "greens": GREEN.items(),
            "services": sorted(((slug, str(spec.name)) for slug, spec in self.specs.items()), key=lambda p: p[1]),
            "areas": streets({seat.area_path for seat in self.request.actor.seats}),
            "board": current,
            "folded": queries.folded_at(),
            **rail(self.request, "boards"),
        }


@require_GET
@staff_only
def board(request: Request) -> HttpResponseBase:
    """How cases fare by service, by department or by person, beside the period before."""
    reading = Reading(request)
    columns = PEOPLE if reading.by == "person" else CASES
    rows = list(_people(reading) if reading.by == "person" else _cases(reading))
    if request.GET.get("as") == "csv":
        return as_csv(_file_name(reading, _("监督统计")), _csv_lines(reading, columns, rows))
    normal = [row for row in rows if not row.green]
    context = {
        "columns": columns,
        "groups": groups(columns),
        "rows": [(row, _cells(reading, columns, row)) for row in rows],
        "tiles": [] if reading.by == "person" else _tiles(reading, normal),
        "doors": _doors(together(row.sums for row in normal)),
        "csv": f"?{reading.question.query()}&as=csv",
        **reading.frame("board"),
    }
    return render(request, "desk/boards/board.html", context)


def _cases(reading: Reading) -> Iterator[Row]:
    """A row for each service or department; those of the green channel in a row of their own at the end."""
    green = reading.question.asked.green
    scope = reading.scope.asking(green="with" if green == "apart" else green)
    found = Found(
        queries.rows_by(scope, reading.by, "green"),
        queries.open_now(scope, reading.by, "green", at=reading.request.now),
        queries.ratings_by(scope, reading.by, "green"),
    )
    named: dict[Any, list[tuple[Any, bool]]] = {}
    for key in found.keys:
        named.setdefault("" if green == "apart" and key[1] else key[0], []).append(key)
    rows = [_row(reading, name, keys, found) for name, keys in named.items() if name != ""]
    yield from sorted(rows, key=lambda row: (-row.sums["closed"], -row.open, row.name))
    if "" in named:
        yield _row(reading, "", named[""], found)


@dataclass(frozen=True)
class Found:
    """What the queries of a board found, by its rows and the green channel."""

    sums: Mapping[Any, Sums]
    pending: Mapping[Any, tuple[int, int]]
    graded: Mapping[Any, dict[int, int]]

    @property
    def keys(self) -> set[Any]:
        """All rows there are."""
        return {*self.sums, *self.pending, *self.graded}


def _row(reading: Reading, name: Any, keys: list[tuple[Any, bool]], found: Found) -> Row:
    held = [found.pending.get(key, (0, 0)) for key in keys]
    grades: Counter[int] = Counter()
    for key in keys:
        grades.update(found.graded.get(key, {}))
    called_ = reading.service(name) if reading.by == "service" else reading.offices.get(name, "")
    return Row(
        key=str(name),
        name=called_ if name != "" else _("绿色通道（单列，不计入以上各行）"),
        sums=together(found.sums[key] for key in keys if key in found.sums),
        open=sum(pair[0] for pair in held),
        overdue=sum(pair[1] for pair in held),
        green=name == "",
        grades=dict(grades),
    )


def _people(reading: Reading) -> Iterator[Row]:
    found = queries.people_of(reading.scope)
    noted = queries.marks_by(reading.scope, "account")
    keys = {*found, *(account for account, _kind in noted if account)}
    names = queries.names_of(keys)
    rows = [
        Row(
            key=str(key),
            name=names.get(key, ""),
            sums=found.get(key, Sums()),
            marks={kind: value for (account, kind), value in noted.items() if account == key},
        )
        for key in keys
    ]
    yield from sorted(rows, key=lambda row: (-row.sums["closed"], row.name))


@dataclass(frozen=True)
class Cell:
    """A number, and where the list behind it is."""

    text: str
    link: str = ""
    late: bool = False


def _cells(reading: Reading, columns: tuple[Column, ...], row: Row) -> list[Cell]:
    return [_cell(reading, column, row) for column in columns]


def _cell(reading: Reading, column: Column, row: Row) -> Cell:
    value = column.value(row)
    text = shown(value, column.form)
    late = column.measure in ("late", "overdue", "unlawful", "late-work", "bad") and bool(value)
    if not column.measure or not value:
        return Cell(text, late=late)
    return Cell(text, _link(reading, column.measure, row), late)


def _link(reading: Reading, measure: str, row: Row) -> str:
    question = reading.question
    if measure in ("work", "late-work"):
        late = "&late=1" if measure == "late-work" else ""
        return f"work/?{question.query()}&account={row.key}{late}"
    if measure == "marks":
        return f"marks/?{question.query()}&account={row.key}"
    narrowed = {"green": "only"} if row.green else {reading.by: row.key}
    if measure in ("ratings", "bad"):
        return f"ratings/?{question.query(**narrowed)}" + ("&bad=1" if measure == "bad" else "")
    return f"cases/?{question.query(**narrowed)}&measure={measure}"


def _tiles(reading: Reading, rows: list[Row]) -> list[dict[str, Any]]:
    """One number that matters each, beside the same of the period before."""
    asked = reading.question.asked
    now = together(row.sums for row in rows)
    then = queries.rows_by(reading.scope.asking(period=asked.period.before)).get("", Sums())
    overdue, pending = sum(row.overdue for row in rows), sum(row.open for row in rows)

    def tile(
        title: str, one: float | None, other: float | None, form: str, note: str, *, more: bool
    ) -> dict[str, Any]:
        return {"title": title, "text": shown(one, form), "note": note, **_change(one, other, form, more=more)}

    closed = {"title": _("办结"), "text": shown(now["closed"], "count"), "tone": ""}
    closed["change"] = _("上期全期 %(count)d") % {"count": then["closed"]}

    late = _("%(judged)d 件可评，%(late)d 件超期") % {"judged": now["judged"], "late": now.late}
    hands = _("九成在 %(p90)s 小时内；申请人平均 %(applicant)s 小时") % {
        "p90": shown(now.p90, "hours"),
        "applicant": shown(now.each("applicant"), "hours"),
    }
    again = _("再次补正 %(again)d 次，收回 %(back)d 次") % {"again": now["again"], "back": now["taken_back"]}
    trips = _("%(count)d 件到过窗口") % {"count": now["closed"] - now["zero_trip"]}
    open_ = _("现在在办 %(open)d 件，其中超期 %(late)d 件") % {"open": pending, "late": overdue}
    return [
        tile(_("按承诺办结"), now.on_time, then.on_time, "share", late, more=True),
        {**closed, "note": open_},
        tile(_("我方用时中位（工作小时）"), now.median, then.median, "hours", hands, more=False),
        tile(
            _("零跑腿率"),
            now.share("zero_trip", "closed"),
            then.share("zero_trip", "closed"),
            "share",
            trips,
            more=True,
        ),
        tile(_("每件补正"), now.each("corrections"), then.each("corrections"), "each", again, more=False),
    ]


def _change(one: float | None, other: float | None, form: str, *, more: bool) -> dict[str, Any]:
    """The comparison with the period before, in words and whether it is for the better."""
    if one is None or other is None:
        return {"change": _("上期没有可比的数"), "tone": ""}
    before = shown(other, form)
    if shown(one, form) == before:
        return {"change": _("与上期相同"), "tone": ""}
    up = one > other
    text = _("上期 %(before)s，上升") if up else _("上期 %(before)s，下降")
    return {"change": text % {"before": before}, "tone": "better" if up == more else "worse"}


def _doors(sums: Sums) -> list[dict[str, Any]]:
    """By which door closed cases came, as bars."""
    total = sum(sums.doors.values())
    labels = dict(Door.choices)
    found = sorted(((count, door) for door, count in sums.doors.items() if count), reverse=True)
    return [
        {
            "name": labels.get(door, door),
            "count": count,
            "share": shown(count / total, "share"),
            "width": count * 100 // total,
        }
        for count, door in found
    ]


def _file_name(reading: Reading, title: str) -> str:
    period = reading.question.asked.period
    return f"{title}-{period.since:%Y%m%d}-{period.last:%Y%m%d}.csv"


def _csv_lines(reading: Reading, columns: tuple[Column, ...], rows: Iterable[Row]) -> Iterator[list[str]]:
    yield [str(CUTS[reading.by]), *(f"{column.group} {column.title}" for column in columns)]
    for row in rows:
        yield [row.name, *(shown(column.value(row), column.form) for column in columns)]


@require_GET
@staff_only
def cases(request: Request) -> HttpResponseBase:
    """The very cases a number counts."""
    reading = Reading(request)
    measure = request.GET.get("measure", "closed")
    if measure not in MEASURED:
        raise NotFound(_("没有这个数。"))
    door = request.GET.get("door", "") if request.GET.get("door", "") in Door.values else ""
    found = queries.list_of(reading.scope, measure, at=request.now, door=door)
    found = found.select_related("case__applicant", "case__version")
    found = found.defer("case__version__definition", "case__version__files")
    if request.GET.get("as") == "csv":
        return as_csv(_file_name(reading, _("办件清单")), _case_lines(reading, found[:MOST_LINES]))
    context = {
        "page": page_of(request, found, size=PAGE_SIZE),
        "total": found.count(),
        "measure": measure,
        "title": _titles()[measure],
        "named": {slug: str(spec.name) for slug, spec in reading.specs.items()},
        **reading.frame("board"),
    }
    context["rows"] = [(row, reading.service(row.service)) for row in context["page"].object_list]
    context["narrowed"] = _narrowed(reading)
    context["query"] = f"{context['query']}&measure={measure}" + (f"&door={door}" if door else "")
    context["back"] = reading.question.query(service="", department="")
    return render(request, "desk/boards/cases.html", context)


def _titles() -> dict[str, str]:
    """What each list is of."""
    return {
        "received": _("收到的办件"),
        "closed": _("办结的办件"),
        "open": _("在办的办件"),
        "overdue": _("在办且超期的办件"),
        "judged": _("可评按时与否的办件"),
        "on_time": _("按承诺办结的办件"),
        "late": _("超过承诺的办件"),
        "late_unpaused": _("不计暂停会超过承诺的办件"),
        "unlawful": _("超过法定时限的办件"),
        "zero_trip": _("没有到过窗口的办件"),
        "trips": _("到过窗口的办件"),
        "corrected": _("告知过补正的办件"),
        "again": _("再次告知补正的办件"),
        "pauses": _("暂停过计时的办件"),
        "extensions": _("延过期的办件"),
        "withdrawn": _("撤回的办件"),
        "lapsed": _("逾期未补正的办件"),
        "granted": _("准予的办件"),
        "refused": _("不予许可的办件"),
        "declined": _("不予受理的办件"),
        "terminated": _("终止办理的办件"),
    }


def _narrowed(reading: Reading) -> str:
    asked = reading.question.asked
    parts = [
        reading.service(asked.service) if asked.service else "",
        reading.offices.get(asked.department, "") if asked.department else "",
        str(GREEN[asked.green]) if asked.green == "only" else "",
    ]
    return " · ".join(filter(None, parts))


def _case_lines(reading: Reading, found: QuerySet[Any]) -> Iterator[list[str]]:
    yield [
        _("办件编号"),
        _("事项"),
        _("项目"),
        _("申请人"),
        _("收件"),
        _("办结"),
        _("我方工时"),
        _("申请人工时"),
        _("暂停工时"),
    ]
    for row in found.iterator(chunk_size=1000):
        case = row.case
        name = masked(case.applicant.name) if case.applicant.kind == PartyKind.PERSON else case.applicant.name
        hours = [shown(value, "hours") for value in (row.hands, row.applicant, row.paused)]
        days = [row.received_on.isoformat(), row.closed_on.isoformat() if row.closed_on else ""]
        yield [case.number, reading.service(row.service), case.subject, name, *days, *hours]


@require_GET
@staff_only
def work(request: Request) -> HttpResponse:
    """The pieces of work behind a person's numbers."""
    reading = Reading(request)
    found = (
        queries.works(reading.scope).select_related("case", "account__person").order_by("-closed_on", "-assignment")
    )
    account = uuid_from(request.GET.get("account"))
    if account is not None:
        found = found.filter(account=account)
    late = request.GET.get("late") == "1"
    if late:
        found = found.filter(late=True)
    page = page_of(request, found, size=PAGE_SIZE)
    context = {
        "page": page,
        "total": found.count(),
        "rows": [
            (row, reading.service(row.service), _stage(spec_of(row.case.version_id), row.stage))
            for row in page.object_list
        ],
        "who": queries.names_of([account]).get(account, "") if account and page.object_list else "",
        "late": late,
        **reading.frame("board"),
    }
    context["back"] = context["query"]
    context["query"] += f"&account={account or ''}" + ("&late=1" if late else "")
    return render(request, "desk/boards/work.html", context)


def _stage(spec: ServiceSpec | None, stage: str) -> str:
    """The name of a stage; its key, where a later version of the service no longer has it."""
    known = spec is not None and (stage == EXTENSION_STAGE or any(one.id == stage for one in spec.stages))
    return stage_name(spec, stage) if spec is not None and known else stage


@require_GET
@staff_only
def marks(request: Request) -> HttpResponseBase:
    """Everything that stopped a clock or asked again: by whom, why, how long."""
    reading = Reading(request)
    found = queries.noted(reading.scope).select_related("case", "account__person").order_by("-at", "-pk")
    account, kind = uuid_from(request.GET.get("account")), request.GET.get("kind", "")
    kind = kind if kind in MarkKind.values else ""
    found = found.filter(account=account) if account else found
    found = found.filter(kind=kind) if kind else found
    if request.GET.get("as") == "csv":
        return as_csv(_file_name(reading, _("暂停和补正")), _mark_lines(reading, found[:MOST_LINES]))
    page = page_of(request, found, size=PAGE_SIZE)
    kinds = queries.marks_by(reading.scope, "kind")
    context = {
        "page": page,
        "total": found.count(),
        "rows": [(row, reading.service(row.service), _what(row)) for row in page.object_list],
        "kinds": [(value, label, kinds.get((value, value), (0, 0))[0]) for value, label in MarkKind.choices],
        "kind": kind,
        "account": account or "",
        "who": queries.names_of([account]).get(account, "") if account and page.object_list else "",
        **reading.frame("marks"),
    }
    context["plain"] = context["query"] + (f"&account={account}" if account else "")
    context["query"] = context["plain"] + (f"&kind={kind}" if kind else "")
    return render(request, "desk/boards/marks.html", context)


def _what(row: Any) -> str:
    return str(Procedure(row.what).label) if row.what in Procedure.values else str(row.get_kind_display())


def _mark_lines(reading: Reading, found: QuerySet[Any]) -> Iterator[list[str]]:
    yield [_("办件编号"), _("事项"), _("做了什么"), _("谁"), _("什么时候"), _("工作小时"), _("理由")]
    for row in found.iterator(chunk_size=1000):
        who = row.account.person.name if row.account else ""
        at = f"{row.at:%Y-%m-%d %H:%M}"
        hours = shown(row.minutes, "hours") if row.kind == MarkKind.PAUSE else ""
        yield [row.case.number, reading.service(row.service), _what(row), who, at, hours, row.reason]


@require_GET
@staff_only
def ratings(request: Request) -> HttpResponse:
    """What applicants said, with what became of the call-back on each bad grade."""
    reading = Reading(request)
    bad = request.GET.get("bad") == "1"
    found = queries.rated(reading.scope).select_related("case")
    found = found.filter(grade__in=BAD_GRADES) if bad else found
    page = page_of(request, found, size=PAGE_SIZE)
    context = {
        "page": page,
        "total": found.count(),
        "rows": [
            (row, reading.service(row.service), [Tag(tag).label for tag in row.tags]) for row in page.object_list
        ],
        "bad": bad,
        "narrowed": _narrowed(reading),
        **reading.frame("ratings"),
    }
    context["plain"] = context["query"]
    context["query"] += "&bad=1" if bad else ""
    return render(request, "desk/boards/ratings.html", context)


@require_GET
@staff_only
def ranking(request: Request) -> HttpResponseBase:
    """Who keeps promises, ranked so that neither luck nor pauses help; with what was paused beside it."""
    reading = Reading(request)
    if reading.by == "person":
        rows = list(_people(reading))
    else:
        found = queries.rows_by(reading.scope, reading.by, spread=False)
        name = reading.service if reading.by == "service" else lambda key: reading.offices.get(key, "")
        rows = [Row(key=str(key), name=name(key), sums=sums) for key, sums in found.items()]
    ranked = _ranked([row for row in rows if row.sums["judged"]])
    if request.GET.get("as") == "csv":
        return as_csv(_file_name(reading, _("按时排名")), _ranking_lines(reading, ranked))
    context = {"rows": ranked, "csv": f"?{reading.question.query()}&as=csv", **reading.frame("ranking")}
    context["cuts"] = [(key, reading.question.query(by=key), words) for key, words in CUTS.items()]
    return render(request, "desk/boards/ranking.html", context)


def _ranked(rows: list[Row]) -> list[dict[str, Any]]:
    taken = places([row.sums.score for row in rows])
    unpaused = places([row.sums.score_unpaused for row in rows])
    ranked = [_ranked_row(row, place, other) for row, place, other in zip(rows, taken, unpaused, strict=True)]
    return sorted(ranked, key=lambda one: (one["place"], one["row"].name))


def _ranked_row(row: Row, place: int, unpaused: int) -> dict[str, Any]:
    sums, person = row.sums, row.marks is not None
    return {
        "row": row,
        "place": place,
        "unpaused": unpaused,
        "gained": unpaused - place if sums["on_time_unpaused"] < sums["on_time"] else 0,
        "kept": sums["on_time"],
        "judged": sums["judged"],
        "share": shown(sums.on_time, "share"),
        "score": shown(sums.score, "share"),
        "bar": round(sums.score * 100),
        "paused": shown(row.paused_minutes, "hours") if person else shown(sums.paused_share, "share"),
        "pauses": row.count(MarkKind.PAUSE) if person else sums["pauses"],
        "taken_back": row.count(MarkKind.TAKEN_BACK) if person else sums["taken_back"],
        "extensions": row.count(MarkKind.EXTENSION) if person else sums["extensions"],
    }


def _ranking_lines(reading: Reading, ranked: list[dict[str, Any]]) -> Iterator[list[Any]]:
    paused = _("暂停小时") if reading.by == "person" else _("暂停时间占比")
    titles = [_("按时"), _("可评"), _("按时率"), _("排名依据"), paused, _("暂停"), _("收回补正"), _("延期")]
    yield [_("名次"), _("不计暂停的名次"), str(CUTS[reading.by]), *titles]
    names = ("kept", "judged", "share", "score", "paused", "pauses", "taken_back", "extensions")
    for one in ranked:
        yield [one["place"], one["unpaused"], one["row"].name, *(one[name] for name in names)]


@require_GET
@staff_only
def steps(request: Request) -> HttpResponse:
    """Which stages take longest against their limit."""
    reading = Reading(request)
    found = queries.people_of(reading.scope, lens=Lens.STAGE)
    rows = [_step(reading, service, stage, sums) for (service, stage), sums in found.items()]
    rows.sort(key=lambda row: (-row["late_share"], -row["p90"], row["service"]))
    return render(request, "desk/boards/steps.html", {"rows": rows, **reading.frame("steps")})


def _step(reading: Reading, service: str, stage: str, sums: Sums) -> dict[str, Any]:
    spec = reading.specs.get(service)
    declared = next((one for one in spec.stages if one.id == stage), None) if spec else None
    return {
        "service": reading.service(service),
        "stage": _stage(spec, stage),
        "limit": declared.limit if declared else None,
        "count": sums["closed"],
        "late": sums.late,
        "late_share": sums.late / sums["closed"],
        "share": shown(sums.late / sums["closed"], "share"),
        "median": shown(sums.median, "hours"),
        "p90": sums.p90 or 0,
        "p90_text": shown(sums.p90, "hours"),
        "bar": round((sums.late / sums["closed"]) * 100),
    }
