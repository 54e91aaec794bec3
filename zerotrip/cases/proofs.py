"""What stands in for a material: the consented use of a licence, kept by the app that owns licences.

That app registers itself at start-up, as outcomes do: cases ask it what proves a material in a round, and
tell it when a material takes the place of a proof. Services none of whose materials a licence can stand in
for ask nobody and cost no query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import UUID

from zerotrip.catalogue.queries import spec_of
from zerotrip.rows import fetch_all

if TYPE_CHECKING:
    from zerotrip.cases.models import Case, Submission
    from zerotrip.parties.access import Actor
    from zerotrip.rows import Wanted, Writes


class Proof(Protocol):
    """The use of one licence for one material of a case, from a round on."""

    material: str
    round: int
    """The first round it counts in."""
    ended_round: int | None
    """The first round it no longer counts in."""
    filled: Any
    """Field of the form → the value the licence gives it."""

    def trouble(self, *, at: datetime) -> str:
        """Why it does not prove the material at ``at``, in the reader's words; nothing if it does."""
        ...

    def waiting(self, *, at: datetime) -> str:
        """Why nothing can be granted on it yet; nothing if something can."""
        ...


class Keeper(NamedTuple):
    """What the app that owns the proofs does for cases."""

    asked: Callable[[UUID], Wanted[Any]]
    """The rows of all proofs of a case, ended ones too, to be read with the rest of it."""
    told: Callable[[Sequence[Any]], Sequence[Proof]]
    """The proofs those rows are of; no query where there are none."""
    replace: Callable[[Writes, Proof, int, Actor, datetime], None]
    """End a proof in favour of what a round hands in, among the writes of the step."""


_keeper: list[Keeper] = []


def register(keeper: Keeper) -> None:
    """Name the one who keeps the proofs."""
    _keeper[:] = [keeper]


def rows_of(case_id: UUID) -> tuple[Wanted[Any], ...]:
    """What ``keep`` takes, to be read with the rest of a case."""
    return (_keeper[0].asked(case_id),) if _keeper else ()


def keep(case: Case, rows: Sequence[Any]) -> None:
    """Let a case have the proofs that were read with it, for as long as it is in hand."""
    case.proofs = _keeper[0].told(rows)


def of_case(case: Case) -> Sequence[Proof]:
    """All proofs of a case, ended ones too; no query where they were read with it, or no licence can be used."""
    if case.proofs is not None:
        return case.proofs
    if not _keeper or not spec_of(case.version_id).reusing:
        return ()
    return _keeper[0].told(*fetch_all(*rows_of(case.pk)))


def in_round(proofs: Iterable[Proof], round_: int) -> dict[str, Proof]:
    """The proofs that count in a round, by material."""
    return {
        proof.material: proof
        for proof in proofs
        if proof.round <= round_ and (proof.ended_round is None or proof.ended_round > round_)
    }


def of_submission(submission: Submission) -> dict[str, Proof]:
    """The proofs of a round whose case is loaded, by material."""
    return in_round(of_case(submission.case), submission.round)


def filled_by(proofs: Mapping[str, Proof]) -> dict[str, Any]:
    """What licences fill in: nobody types over it."""
    return {name: value for proof in proofs.values() for name, value in proof.filled.items()}


def changed_in(submission: Submission) -> set[str]:
    """The materials for which a proof begins or ends with this round."""
    proofs = of_case(submission.case)
    return {proof.material for proof in proofs if submission.round in (proof.round, proof.ended_round)}


def now(case: Case) -> dict[str, Proof]:
    """The proofs that count for what was last handed in, by material."""
    return {proof.material: proof for proof in of_case(case) if proof.ended_round is None}


def replace(writes: Writes, case: Case, material: str, round_: int, *, by: Actor, at: datetime) -> None:
    """What a round hands in for a material takes the place of its proof, if there is one."""
    if proof := now(case).get(material):
        _keeper[0].replace(writes, proof, round_, by, at)
