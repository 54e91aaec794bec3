"""Results come in: a file somebody hands in, or messages of a laboratory's own system."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotAllowed, NotFound, Refused, Stale
from zerotrip.files import keeping, under_way
from zerotrip.files.scanning import scan
from zerotrip.ledger import actions as ledger
from zerotrip.parties.access import SYSTEM
from zerotrip.prevention.events.rules import require_in_force, scopes
from zerotrip.prevention.models import Finding, Measure, ResultFile, ResultFileStatus, Tube
from zerotrip.prevention.rosters.reading import LARGEST, table
from zerotrip.prevention.screening.boxes import Came, take_in
from zerotrip.prevention.screening.following import follow, settle_open
from zerotrip.prevention.screening.results.reading import COLUMNS, TUBE, Said, read
from zerotrip.prevention.screening.rules import may_sample
from zerotrip.prevention.screening.spec import rules
from zerotrip.prevention.screening.taking import BEHIND
from zerotrip.prevention.screening.voiding import recount, tested
from zerotrip.workdays.calendar import CHINA

if TYPE_CHECKING:
    from pathlib import Path

    from zerotrip.files.store import Readable
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.rosters.reading import Roster

BATCH = 5_000
"""Rows taken over in one transaction, and after which whoever is in a positive tube is named. A worker that comes
after a killed one loses no more, and doubles nothing."""
HEALED = 5_000
"""Tubes that are brought together with their results at once."""
SHOWN = 200
"""Faults that are named; all are counted."""
KEPT = timedelta(days=3)
"""How long a file that was handed in lies there."""


def hand_in(
    file: Readable,
    *,
    laboratory: str,
    area_path: str,
    name: str,
    language: str,
    by: Actor,
    at: datetime,
    file_id: UUID,
    said: int | None = None,
) -> ResultFile:
    """Keep a file of results and have it taken over. Twice is once. ``said`` is how many rows it should have.

    Raises NotAllowed, Invalid by field, Refused where screening is not in force or too many of one's own are under
    way, TooLarge.
    """
    _require_sound(laboratory, area_path, by)
    mine = ResultFile.objects.visible_to(by).filter(account=by.account)
    if (found := mine.filter(pk=file_id).first()) is not None:
        return found
    require_in_force(Measure.SCREENING, area_path, on=at.astimezone(CHINA).date())
    under_way.require_free(mine.filter(status__in=(ResultFileStatus.QUEUED, ResultFileStatus.READING)))
    row = ResultFile(
        pk=file_id,
        laboratory=laboratory,
        area_path=area_path,
        account_id=by.account,
        name=name[-200:],
        language=language,
        asked_at=at,
        found={} if said is None else {"said": said},
    )

    def make() -> None:
        with keeping.received(file, place_of(file_id), most=LARGEST) as (sha256, size):
            if not size:
                raise Invalid(_("请选择要导入的文件。"), {"file": [_("请选择要导入的文件。")]})
            row.sha256 = sha256
            ledger.append(row, "hand_in", by=by, at=at, details={"laboratory": laboratory, "sha256": sha256})
            row.save(force_insert=True)
            _enqueue(row)

    return under_way.made_once(row, mine, make)


def _require_sound(laboratory: str, area_path: str, by: Actor) -> None:
    if not by.is_staff:
        raise NotAllowed(_("结果由工作人员导入。"))
    problems = {}
    if laboratory not in {one.id for one in rules().laboratories}:
        problems["laboratory"] = [_("请选择检测机构。")]
    if not may_sample(by, area_path):
        problems["area"] = [_("请选择您辖区内的区域。")]
    if problems:
        raise Invalid(_("还没有导入。"), problems)


def place_of(file_id: UUID) -> Path:
    """Where a file lies until it is taken over."""
    return keeping.folder("results") / f"{file_id}.xlsx"


def _enqueue(row: ResultFile) -> None:
    from zerotrip.prevention.tasks import take_results

    take_results.configure(lock=f"prevention.results:{row.pk}").defer(file=str(row.pk))


def take_over(file_id: UUID, *, at: datetime) -> ResultFile | None:
    """Take over a file, batch by batch. None where it is not to be. Run again after a crash it begins anew, and
    finds what it knows already.

    Rows that say nothing are named and leave the others alone: ten thousand results do not wait for one.
    """
    row = under_way.begun(
        ResultFile.objects.all(), file_id, ResultFileStatus.QUEUED, ResultFileStatus.READING, done=0
    )
    if row is None:
        return None
    taking = _Taking(row, at)
    because = under_way.why_not(
        row,
        taking.run,
        language=row.language,
        broken=lambda: (
            _("读到第 %(rows)d 行时出了问题，前面的已经入库；重新上传同一文件不会重复。") % {"rows": row.done}
        ),
    )
    told = {name: count for name, count in row.found.items() if isinstance(count, int)}
    status = ResultFileStatus.FAILED if because else ResultFileStatus.DONE
    done = under_way.ended(
        row, status, by=SYSTEM, at=at, action="take_over", because=because[:400], details=told, ended_at=at
    )
    place_of(file_id).unlink(missing_ok=True)  # not before: whoever is killed in between reads it again
    return done


def sweep(*, at: datetime) -> int:
    """Remove the files of those that ended and were killed before they could; how many."""
    ended = ResultFile.objects.filter(ended_at__lt=at - KEPT, ended_at__gte=at - 3 * KEPT).exclude(name="")
    left = [place for key in ended.values_list("pk", flat=True) if (place := place_of(key)).exists()]
    for place in left:
        place.unlink(missing_ok=True)
    keeping.clear_leftovers(keeping.folder("results"), before=at - KEPT)
    return len(left)


class _Taking:
    """A file on its way into results."""

    def __init__(self, row: ResultFile, at: datetime) -> None:
        self.row, self.at = row, at
        self.counts: Counter[str] = Counter({"said": row.found["said"]} if "said" in row.found else {})
        self.faults: list[list[Any]] = []
        self.rows = 0

    def run(self) -> None:
        """Read it all."""
        with place_of(self.row.pk).open("rb") as held:
            scan(held)
        with table(place_of(self.row.pk), COLUMNS, must=TUBE) as found:
            lines = self._good(found)
            while batch := list(islice(lines, BATCH)):
                self.counts += record(batch, file=self.row, at=self.at)
                self._tell()
        said = self.counts["said"]
        if said and said != self.rows:
            told = {"said": said, "rows": self.rows}
            self._fault(0, _("应有 %(said)d 行，读到 %(rows)d 行：文件可能没有传完，请核对后重新发送。") % told)
        self._tell()

    def _good(self, found: Roster) -> Iterable[Said]:
        for written in found.lines():
            self.rows += 1
            said, because = read(written, at=self.at)
            if said is None:
                self._fault(written.number, because)
            else:
                yield said

    def _fault(self, number: int, because: str) -> None:
        self.counts["faults"] += 1
        if len(self.faults) < SHOWN:
            self.faults.append([number, because])

    def _tell(self) -> None:
        self.row.done = self.row.total = self.rows
        self.row.found, self.row.faults = dict(self.counts), self.faults
        under_way.told(self.row, done=self.rows, total=self.rows, found=self.row.found, faults=self.faults)


_INCOMING = """
CREATE TEMPORARY TABLE prevention_incoming (tube varchar(32), outcome varchar(8), issued_at timestamptz)
    ON COMMIT DROP
"""

_KEEP = """
WITH fresh AS (
    INSERT INTO prevention_result (tube, outcome, issued_at, file_id)
    SELECT DISTINCT tube, outcome, issued_at, %s::uuid FROM prevention_incoming ORDER BY tube
    ON CONFLICT (tube, issued_at, outcome) DO NOTHING RETURNING tube
)
SELECT count(*) FROM fresh
"""

_LATEST = """
WITH held AS (
    SELECT code, outcome, outcome_at FROM prevention_tube WHERE code = ANY(%(tubes)s) ORDER BY code FOR UPDATE
), latest AS (
    SELECT DISTINCT ON (r.tube) r.tube, r.outcome, r.issued_at, h.outcome AS before
    FROM held h JOIN prevention_result r ON r.tube = h.code
    ORDER BY r.tube, r.issued_at DESC, r.id DESC
), changed AS (
    UPDATE prevention_tube t SET outcome = l.outcome, outcome_at = l.issued_at FROM latest l
    WHERE t.code = l.tube AND (t.outcome, t.outcome_at) IS DISTINCT FROM (l.outcome, l.issued_at)
    RETURNING t.code, t.outcome, l.before, t.capacity
)
SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM changed WHERE before NOT IN ('', outcome)),
    (SELECT count(*) FROM changed WHERE outcome = 'positive'),
    (SELECT array_agg(code) FROM changed
        WHERE outcome <> 'negative' OR before NOT IN ('', 'negative') OR capacity = 1),
    (SELECT array_agg(code) FROM changed WHERE 'invalid' IN (before, outcome))
"""
"""Of each tube the latest result counts. Its row is locked, so that whoever fills it meanwhile waits."""

_UNMET = """
SELECT t.code FROM prevention_tube t
CROSS JOIN LATERAL (SELECT FROM prevention_result r WHERE r.tube = t.code LIMIT 1) r
WHERE t.outcome = '' AND t.begun_at >= %s LIMIT %s
"""
"""Tubes that were written while their result was, neither seeing the other. Each is looked up by its code: few are
without a result, and there are many results.
"""


@transaction.atomic
def record(said: Sequence[Said], *, file: ResultFile, at: datetime) -> Counter[str]:
    """Keep some results, make the latest of each tube count, and do what follows. The same again changes nothing,
    unless a tube came to be known meanwhile.

    Counts: ``new`` and ``again``, ``corrected`` tubes that had another outcome, ``unknown`` tubes nobody has filled
    yet (their result waits for them), ``positive`` tubes.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        with cursor.copy("COPY prevention_incoming (tube, outcome, issued_at) FROM STDIN") as copy:
            for one in said:
                copy.write_row((one.tube, one.outcome, one.issued_at))
        cursor.execute(_KEEP, [file.pk])
        (fresh,) = cursor.fetchone()
        cursor.execute("DROP TABLE prevention_incoming")
    tubes = sorted({one.tube for one in said})
    held, corrected, positive = _make_count(tubes, at=at)
    tested({one.tube for one in said if one.outcome != Finding.INVALID})
    return Counter(
        new=fresh,
        again=len(said) - fresh,
        corrected=corrected,
        unknown=len(tubes) - held,
        positive=positive,
    )


def _make_count(tubes: Sequence[str], *, at: datetime) -> tuple[int, int, int]:
    """Make the latest result of each tube count, and do what follows. How many are known, corrected, positive."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, {"tubes": list(tubes)})
        held, corrected, positive, concerned, counted = cursor.fetchone()
    recount(counted or ())
    if concerned:
        follow(concerned, at=at)
    return held, corrected, positive


@transaction.atomic
def bring_together(*, at: datetime) -> int:
    """Bring tubes and results together that were written at once, so that neither saw the other. How many tubes."""
    with connection.cursor() as cursor:
        cursor.execute(_UNMET, [at - 2 * BEHIND, HEALED])
        tubes = sorted(code for (code,) in cursor.fetchall())
    if tubes:
        _make_count(tubes, at=at)
        known = Tube.objects.filter(pk__in=tubes).exclude(outcome__in=("", Finding.INVALID))
        tested(set(known.values_list("pk", flat=True)))
    settle_open(at=at)
    return len(tubes)


def hear(
    said: Sequence[Said],
    body: bytes,
    *,
    came: Sequence[Came] = (),
    laboratory: str,
    file_id: UUID,
    at: datetime,
) -> ResultFile:
    """Take in the boxes and keep the results of one message of a laboratory's system. The same again is the same.

    Raises NotFound for a laboratory the district does not have or a box it was not handed, Refused where screening
    is in force nowhere, Stale for a message that says something else than the one of this key.
    """
    if laboratory not in {one.id for one in rules().laboratories}:
        raise NotFound(_("没有这家检测机构。"))
    sha256 = hashlib.sha256(body).hexdigest()
    if (found := ResultFile.objects.filter(pk=file_id).first()) is not None:
        return _same(found, sha256)
    row = ResultFile(
        pk=file_id,
        laboratory=laboratory,
        area_path=_where(at),
        sha256=sha256,
        status=ResultFileStatus.DONE,
        total=len(said),
        done=len(said),
        asked_at=at,
        ended_at=at,
    )

    def make() -> None:
        row.save(force_insert=True)
        taken_in = take_in(came, also={one.tube for one in said}, laboratory=laboratory, at=at) if came else []
        counts = dict(record(said, file=row, at=at))
        row.found = counts | ({"boxes": [str(box.pk) for box in taken_in]} if taken_in else {})
        ledger.append(row, "hear", by=SYSTEM, at=at, details={"laboratory": laboratory, **row.found})
        row.save()

    return _same(under_way.made_once(row, ResultFile.objects.all(), make), sha256)


def _same(row: ResultFile, sha256: str) -> ResultFile:
    if row.sha256 != sha256:
        raise Stale(_("这个编号已经用过，内容和那一次不同；更正请用新的编号。"))
    return row


def _where(at: datetime) -> str:
    """The widest area in which people are screened. Raises Refused where there is none."""
    paths = [scope.area_path for scope in scopes(Measure.SCREENING, at)]
    if not paths:
        raise Refused(_("现在没有启动核酸筛查，不能接收结果。"))
    return min(paths, key=len)
