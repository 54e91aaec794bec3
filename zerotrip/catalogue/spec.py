"""The shape of a pack: what its files declare and a service version freezes.

Only shape lives here. Whether the names agree with one another (a stage's department, a material's
condition, the subject's field) is judged by ``catalogue.packs.check``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from copy import deepcopy
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from zerotrip.catalogue.numbers import NumberScheme
from zerotrip.catalogue.tariffs import Tariff
from zerotrip.catalogue.windows import Window
from zerotrip.questions.words import Name, Part, Slug, Text, Words
from zerotrip.workdays.limits import Unit, months_after

__all__ = ["Part", "Unit", "Words"]

Path = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=120)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}([0-9]{3})?$")]
Link = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s]+)?$", max_length=1000)]
TemplateName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,59}\.typ$")]


class Limit(Part):
    """A time limit with where it comes from. An amount of zero means on the spot."""

    amount: Annotated[float, Field(ge=0, le=3650)]
    unit: Unit
    basis: Words
    counted_from: Words | None = None
    """The moment the guide counts from, where it says so."""

    @model_validator(mode="after")
    def months_are_whole(self) -> Self:
        """Half a month is no limit anybody can count."""
        if self.unit is Unit.MONTHS and self.amount % 1:
            raise ValueError("months")
        return self


UNSTATED = Limit(amount=0, unit=Unit.WORKING_DAYS, basis=Words(zh="来源没有写明", en="Not stated by the source"))
"""Stands where an incomplete service has no limit."""


class Basis(Part):
    """A legal basis: law, articles, and where it was read."""

    title: Words
    articles: Words | None = None
    document: str = ""
    """Number of the document, such as 国务院令第673号."""
    url: Link = ""


class Tolerance(Part):
    """How a material may come later (容缺受理): against what, by when, and what if it does not."""

    against: Annotated[tuple[Literal["image", "commitment"], ...], Field(min_length=1)]
    """``image``: a picture now, the original later. ``commitment``: a promise now, the material later."""
    within: Limit
    """Counted from acceptance."""
    consequence: Literal["report", "suspend", "revoke", "end"]
    """When it is overdue: tell the leader; suspend or revoke the licence if it was issued
    conditionally; end the case, because the acceptance falls away."""
    basis: Words


class Reuse(Part):
    """The licence that can stand in for a material (电子证照共享), and what it fills in."""

    kind: Slug | Annotated[tuple[Slug, ...], Field(min_length=1)]
    """Kind of licence, or several of which any will do: see ``ServiceSpec.licence_kind``."""
    registry: bool = False
    """Whether the licence registry knows this kind too, by the same name."""
    holder: Literal["applicant"] = "applicant"
    fills: dict[Name, Name] = Field(default_factory=dict)
    """Field of the form → fact of the licence; ``number``, ``valid_until`` and ``holder`` are facts too."""
    days: Annotated[int, Field(ge=0, le=3650)] | None = None
    """The licence has to hold so many calendar days more; None: to the statutory end of the case."""
    make_up: Limit | None = None
    """How long the applicant has to hand the material in when the licence fails after acceptance."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of licence that will do."""
        return (self.kind,) if isinstance(self.kind, str) else self.kind


class Copies(Part):
    """How many of a paper are handed in."""

    originals: Annotated[int, Field(ge=0, le=50)] = 0
    duplicates: Annotated[int, Field(ge=0, le=50)] = 0


class Material(Part):
    """A document the applicant supplies."""

    id: Name
    name: Words
    note: Words | None = None
    required: bool | dict[str, Any] = True
    """True, False, or criteria over the answers: needed when they hold."""
    form: Literal["electronic", "paper", "both"] = "electronic"
    files: Annotated[int, Field(ge=1, le=50)] = 10
    """The most files the applicant may attach under this material."""
    copies: Copies | None = None
    """How many originals and duplicates, on paper."""
    source: Literal["", "applicant", "government", "intermediary", "other"] = ""
    """Where it comes from: the applicant, an authority, an intermediary."""
    source_note: Words | None = None
    """Which authority, which kind of intermediary."""
    size: Words | None = None
    """Size and make: ``A4``, ``白底，358×441 像素，JPG``."""
    accepted_if: Words | None = None
    """What intake looks for (受理标准)."""
    blank: Link = ""
    """Where the empty form lies."""
    example: Link = ""
    """Where a filled-in example lies."""
    basis: Words | None = None
    tolerable: Tolerance | None = None
    """May come later; None: needed before acceptance."""
    rehearsal: Literal["", "pre_review", "simulated"] = ""
    """May be open while the review is rehearsed: ``simulated`` for the result of a step before this
    one (模拟审批), ``pre_review`` for anything else that is still being made (容缺预审)."""
    licence: Reuse | None = None


class StageKind(StrEnum):
    """What staff do in a unit of work. Packs declare the first three; the others come up on the way."""

    INTAKE = "intake"
    REVIEW = "review"
    DECISION = "decision"
    APPROVAL = "approval"
    """Of an extension somebody asked for."""
    MAKE_UP = "make_up"
    """Comparing what was handed in later with what was owed."""
    CHECK = "check"
    """The check after a decision that rested on a commitment."""
    CALL_BACK = "call_back"
    """The call to whoever gave a bad grade."""
    HELP = "help"
    """Helping with a need: answering it, planning, doing it."""


class Stage(Part):
    """One unit of staff work. Stages whose ``after`` are all done run side by side."""

    id: Slug
    name: Words
    kind: Literal[StageKind.INTAKE, StageKind.REVIEW, StageKind.DECISION]
    department: Slug
    after: tuple[Slug, ...] = ()
    when: dict[str, Any] | None = None
    """Criteria over the answers: the stage is there only when they hold; else what comes after it comes
    after what was before it."""
    note: Words | None = None
    """What those who do it have to do: inspect on the spot with two people, ask a second office."""
    finds: tuple[dict[str, Any], ...] = ()
    """Fields that whoever gives a favourable opinion fills in: what was found or fixed. Certificates and
    amounts can say it."""
    two_people: bool = False
    """Of a review: it takes two staff (行政许可法 art. 34). One gives the opinion, another confirms it."""
    join: Literal["all", "any", "lead"] = "all"
    """How the opinions of the stages before it combine. ``all``: each has to be favourable for a
    grant. ``any``: it opens with the first favourable one, and the others are no longer needed.
    ``lead``: it opens when all are given, and whoever does this stage weighs them."""
    limit: Limit | None = None
    silence: Literal["remind", "agree", "object"] = "remind"
    """When the limit passes without an opinion: tell the leader, or count it as given."""
    silence_basis: Words | None = None
    """Where it says so; needed unless silence is only reminded of."""
    materials: tuple[Name, ...] = ()
    """What this stage looks at; empty means everything."""


EXTENSION_STAGE = "extension"
MAKE_UP_STAGE = "make-up"
CHECK_STAGE = "check"
CALL_BACK_STAGE = "call-back"
HELP_STAGE = "help"
"""Of whoever helps with a need: ``help.1``, ``help.2`` …"""
LEAD_STAGE = "lead"
"""Of whoever leads where nobody else helps, and of those above after the firm was not content."""


class Procedure(Part):
    """A special procedure whose time is not counted (行政许可法 art. 45)."""

    kind: Literal[
        "hearing",
        "bidding",
        "auction",
        "inspection",
        "test",
        "quarantine",
        "appraisal",
        "expert_review",
        "publicity",
    ]
    most: Limit
    """The longest it may be announced for."""


class HearingRule(Part):
    """Whether a permit is heard before it is decided on (行政许可法 arts. 46 and 47)."""

    held: Literal["law", "public", "asked"]
    """``law``: a law or rule asks for it; ``public``: the agency holds it in the public interest; both are
    announced. ``asked``: whoever it concerns is told of the right, and it is held if anybody asks."""
    basis: Words


class ThirdParties(Part):
    """How those whose major interest a permit touches are heard (行政许可法 art. 36)."""

    within: Limit
    """How long they have to answer once they are told. The law gives no days."""


class Corrections(Part):
    """What becomes of a notice of corrections that is not answered."""

    within: Limit
    """How long the applicant has, from the notice."""
    remind: tuple[Annotated[int, Field(ge=1, le=60)], ...] = (3, 1)
    """Working days before the end on which the applicant is reminded."""
    lapse: bool = True
    """Whether the application counts as withdrawn after that."""
    reopen: Limit | None = None
    """How long after a lapse the applicant can take it up again."""


class Approval(Part):
    """Who decides. Without a level the leader decides alone; with levels somebody drafts and others approve."""

    draft: Literal["clerk", "reviewer"] = "clerk"
    """Who drafts, in the department of the decision."""
    levels: tuple[Literal["leader", "head"], ...] = ()
    """The roles that approve a drafted decision, one after the other."""


class Owing(Part):
    """How the service treats cases accepted with gaps."""

    issue: Literal["after", "conditional"] = "after"
    """``after``: the certificate is made when everything is there. ``conditional``: at once, marked so."""
    remind: tuple[Annotated[int, Field(ge=1, le=60)], ...] = (3, 1)
    """Working days before the end on which the applicant is reminded."""
    basis: Words


class Promise(Part):
    """Notification and commitment (告知承诺): what is promised, what follows, what if it was false."""

    conditions: Annotated[tuple[Words, ...], Field(min_length=1)]
    """What the law requires, told to the applicant, who declares that it is met."""
    liability: Words
    """What a false commitment leads to."""
    waives: tuple[Name, ...] = ()
    """Materials not asked for from who commits."""
    at_once: bool = False
    """Whether the decision follows from the commitment by rule, without anybody's hand."""
    check: Limit
    """The check after the decision is done within this."""
    correct: Limit
    """How long the holder has to put right what the check finds."""
    bar: Limit
    """How long a false commitment keeps the applicant from committing again."""
    basis: Words


class Allotment(Part):
    """That a licence is limited in number (行政许可法 art. 57): how many, and where that is written.

    It is granted in the order of acceptance.
    """

    number: Annotated[int, Field(ge=1, le=1_000_000)]
    per: Literal["total", "year"] = "total"
    """``total``: so many at a time; one that is ended makes room. ``year``: of what a calendar year accepts."""
    basis: Words


class Safety(Part):
    """That a licence directly concerns public safety, people's health, or the safety of life and property.

    Only then false materials bar from applying again for a year (行政许可法 art. 78), and a licence got by
    fraud for three (art. 79); the law sets the lengths.
    """

    basis: Words


CONFIRM = Limit(
    amount=5,
    unit=Unit.WORKING_DAYS,
    basis=Words(
        zh="本平台的默认期限：没有规定企业几日内确认",
        en="The platform's own default: no rule gives the firm days to confirm",
    ),
)


class Needing(Part):
    """How a need (企业诉求) is followed. Its end is the ``promised`` limit of the service.

    Every limit says for itself whether nights and holidays count: by its unit.
    """

    answer: Limit
    """By when a named person answers."""
    plan: Limit
    """By when the firm knows what will be done."""
    confirm: Limit = CONFIRM
    """How long the firm has to say whether it is settled; after that it counts as settled."""


class Green(Part):
    """The green channel of a service: its shorter promise."""

    promised: Limit


OUTCOMES = frozenset({"licence", "letter"})
"""The outcome kinds there are; ``cases.outcomes`` knows the handler of each."""


class Upon(Part):
    """What a granted case does to a licence its applicant holds (变更、延续、补发、注销)."""

    act: Literal["change", "renew", "reissue", "cancel"]
    """``change``: the next edition of the same number with new facts. ``renew``: the next edition, valid
    on from the old end. ``reissue``: the same again, because it was lost. ``cancel``: given up."""
    fills: dict[Name, Name | Annotated[tuple[Name, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Field of the form → fact of the licence, or several of which the first counts that there is;
    ``number``, ``valid_until`` and ``holder`` are facts too."""
    unlisted: bool = False
    """Whether it may be about a paper licence that this system does not hold; it then issues anew."""
    before: Limit | None = None
    """Of a renewal: how long before the end of the licence to apply (行政许可法 art. 50)."""
    deemed: Words | None = None
    """Of a renewal: where it says that no decision before the end of the licence renews it."""


class Sheet(Part):
    """One sheet of a certificate: 正本, 副本, an appendix."""

    name: Words
    facts: tuple[Name, ...] = ()
    """The facts it shows, by name; empty: all."""


PLAIN = "general"
"""The template that services share whose licences have nothing in common."""


class Outcome(Part):
    """What a granted case produces. ``kind`` has exactly one handler (cases/outcomes.py)."""

    kind: Slug
    name: Words
    upon: Upon | None = None
    """What it does to a licence of this kind the applicant holds; None: it issues a new one."""
    number: NumberScheme | None = None
    """Scheme of the number: ``{year}``, ``{month}``, ``{seq:06}`` and literal text."""
    template: TemplateName | None = None
    """Typst file in the pack's ``templates/``."""
    licence_kind: Slug | None = None
    """What sort of licence it is, for others to ask for; None: the name of its template."""
    valid_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    """Days the licence holds, counted from the day it is issued; None: no end of its own."""
    valid_months: Annotated[int, Field(ge=1, le=1200)] | None = None
    """Months it holds: 60 are five years, to the day before the same date."""
    valid_until: Path | None = None
    """The date field that says when the licence ends, such as ``answers.licence_valid_until``."""
    facts: dict[Name, Path | Annotated[tuple[Path, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """What the certificate says: name of the fact → a path such as ``answers.project_name``, or
    several of them, of which the first that has a value counts."""
    sheets: tuple[Sheet, ...] = ()
    """The sheets of the certificate, one after the other; without any it is one."""

    def last_day(self, first: date) -> date | None:
        """The last day of what is issued on ``first``, where its length is set; else None."""
        if self.valid_months is not None:
            return months_after(first, self.valid_months) - timedelta(days=1)
        return first + timedelta(days=self.valid_days - 1) if self.valid_days else None

    def paths(self, fact: str) -> tuple[str, ...]:
        """Where a fact is looked for, in order."""
        declared = self.facts[fact]
        return (declared,) if isinstance(declared, str) else declared

    def read(self, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The facts of the certificate from ``known``, such as ``{"answers": …, "applicant": …}``.

        A fact that nothing is known of is None.
        """
        return {fact: next(self._values(fact, known), None) for fact in self.facts}

    def _values(self, fact: str, known: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
        for path in self.paths(fact):
            root, _dot, name = path.partition(".")
            if (value := known.get(root, {}).get(name)) not in (None, "", [], {}):
                yield value


class LetterText(Part):
    """How the letter of a decision reads, in the pack's own words. Letters are written in Chinese."""

    act: Literal["grant", "conditional", "refuse", "decline", "terminate"]
    """``conditional``: a grant on conditions; without one it reads as ``grant``."""
    title: Text | None = None
    """None: as ours are called."""
    paragraphs: Annotated[tuple[Text, ...], Field(min_length=1)]
    """With the placeholders of ``LETTER_NAMES`` in braces. One that stands alone may become several
    paragraphs, or none."""


LETTER_NAMES = frozenset(
    (
        "service",
        "subject",
        "number",
        "applicant",
        "department",
        "date",
        "outcome",
        "reasons",
        "conditions",
        "remedies",
    )
)
"""What a letter of a decision can name."""


class Question(Part):
    """A frequent question with its answer."""

    q: Words
    a: Words


class Step(Part):
    """One step of the published process, as the applicant sees it."""

    name: Words
    note: Words | None = None


class Particular(Part):
    """An element that guides publish and no rule reads: power source, nature of the agency …"""

    name: Words
    value: Words


class Consult(Part):
    """Where to ask. What is not known is left out, never invented."""

    phone: Annotated[str, StringConstraints(max_length=40)] = ""
    hours: Words | None = None
    address: Words | None = None


class Hall(Part):
    """A place where it is handled at a counter."""

    name: Words
    address: Words | None = None
    hours: Words | None = None
    phone: Annotated[str, StringConstraints(max_length=40)] = ""
    note: Words | None = None
    """Which windows, what is done there, how to get there."""


class Variant(Part):
    """A case of a service (情形) in which something is otherwise: its limits, its outcome."""

    id: Slug
    name: Words
    when: dict[str, Any]
    """Criteria over the answers. The first variant that holds counts."""
    note: Words | None = None
    statutory: Limit | None = None
    promised: Limit | None = None
    outcome: Outcome | None = None


class ServiceSpec(Part):
    """A service as a pack declares it."""

    id: Slug
    name: Words
    summary: Words
    incomplete: Words | None = None
    """Why it is not open for application: what its source does not say and an officer has to complete.
    Form, stages, outcome, subject and limits may be missing then."""
    category: Literal[
        "permit",
        "filing",
        "confirmation",
        "payment",
        "reward",
        "ruling",
        "levy",
        "inspection",
        "public_service",
        "need",
        "other",
    ]
    need: Needing | None = None
    """Of an enterprise's need (``category: need``), and only of one: it has no stages and no outcome."""
    handling: Literal["immediate", "promised"]
    """``immediate`` is 即办件, decided on the spot when complete; ``promised`` is 承诺件."""
    audience: Annotated[tuple[Literal["enterprise", "person"], ...], Field(min_length=1)]
    themes: Annotated[tuple[Slug, ...], Field(min_length=1)]
    keywords: tuple[Text, ...] = ()
    """What people call it: words the search finds it by, in either language."""
    department: Slug
    codes: dict[Name, Text] = Field(default_factory=dict)
    """Official codes, such as ``basic`` and ``implementing``, only where the source states them."""
    statutory: Limit = UNSTATED
    promised: Limit = UNSTATED
    extension: Limit | None = None
    """By how much the limits can be extended once, in their own unit; None: not at all."""
    extension_by: Literal["leader", "head"] = "head"
    """Who approves an extension: art. 42 asks for the head of the agency."""
    procedures: tuple[Procedure, ...] = ()
    hearing: HearingRule | None = None
    """None: by the rules of the law alone, once somebody concerned is told of the right."""
    third_parties: ThirdParties | None = None
    """None: they have the platform's own days to answer."""
    corrections: Corrections | None = None
    """None: a notice waits for its answer without end."""
    approval: Approval = Approval()
    owing: Owing | None = None
    """Needed where a material may come later."""
    promise: Promise | None = None
    green: Green | None = None
    safety: Safety | None = None
    """None: false materials are refused with a warning, and nobody is barred."""
    visits: Annotated[int, Field(ge=0, le=20)] | None = None
    """Trips needed; None where the source does not say."""
    visits_because: Words | None = None
    """Why somebody has to come."""
    depth: Words | None = None
    channels: tuple[Words, ...] = ()
    fee: Words | None = None
    """At a glance; how it is worked out is in ``tariff``."""
    tariff: Tariff | None = None
    """What is to be paid."""
    pays: Tariff | None = None
    """What is paid to the applicant: a subsidy, an allowance."""
    apply: tuple[Window, ...] = ()
    """When an application may come; empty: at any time."""
    quota: Words | None = None
    """How many are granted, and in which order."""
    allotment: Allotment | None = None
    """How many can be granted, where it is counted and kept; ``quota`` only says it."""
    variants: tuple[Variant, ...] = ()
    conditions: tuple[Words, ...] = ()
    legal_basis: tuple[Basis, ...] = ()
    process: tuple[Step, ...] = ()
    particulars: tuple[Particular, ...] = ()
    consult: Consult = Consult()
    complaints: Consult = Consult()
    """Where to complain."""
    places: tuple[Hall, ...] = ()
    remedies: tuple[Words, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[Words, ...] = ()
    letters: tuple[LetterText, ...] = ()
    """The letters of decisions that do not read as ours do."""
    commitments: tuple[Words, ...] = ()
    """What the applicant will be asked to declare; the guide says it beforehand, the form asks for it."""
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]
    form: tuple[dict[str, Any], ...] = ()
    """Sections of fields; parsed by ``questions.parse``."""
    materials: tuple[Material, ...] = ()
    stages: tuple[Stage, ...] = ()
    outcome: Outcome = Outcome(kind="licence", name=UNSTATED.basis)
    delivery: Annotated[tuple[Literal["electronic", "post", "counter"], ...], Field(min_length=1)] = ("electronic",)
    subject: Name = "subject"
    """The field whose value names the case in lists."""
    area: Name | None = None
    """The address field that says where the matter lies; without it, the department's area."""

    @property
    def has_statutory(self) -> bool:
        """Whether a statutory limit is stated."""
        return self.statutory != UNSTATED

    def procedure(self, kind: str) -> Procedure | None:
        """The special procedure of this kind, if the service has it."""
        return next((each for each in self.procedures if each.kind == kind), None)

    def outcomes(self) -> tuple[Outcome, ...]:
        """Its outcome, and those of its variants."""
        return (self.outcome, *(variant.outcome for variant in self.variants if variant.outcome is not None))

    def stored(self) -> dict[str, Any]:
        """The whole declaration as it is stored: the facts of certificates in pairs, in the order declared.

        A JSON object of PostgreSQL forgets the order of its keys.
        """
        told = self.model_dump(mode="json")
        for outcome in _outcomes_in(told):
            outcome["facts"] = [list(pair) for pair in outcome["facts"].items()]
        return told

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> Self:
        """A declaration from what is stored; older versions have their facts as an object."""
        told = deepcopy(dict(stored))
        for outcome in _outcomes_in(told):
            outcome["facts"] = dict(outcome.get("facts", {}))
        return cls.model_validate(told)

    def as_for(self, variant_id: str, left_out: AbstractSet[str]) -> ServiceSpec:
        """The service as it is for one application: of this variant, without these stages."""
        variant = next((each for each in self.variants if each.id == variant_id), None)
        changes: dict[str, Any] = {}
        if variant is not None:
            for key in ("statutory", "promised", "outcome"):
                if (own := getattr(variant, key)) is not None:
                    changes[key] = own
        if left_out:
            changes["stages"] = tuple(
                stage.model_copy(update={"after": self._instead(stage.after, left_out)})
                for stage in self.stages
                if stage.id not in left_out
            )
        return self.model_copy(update=changes) if changes else self

    def _instead(self, after: tuple[str, ...], left_out: AbstractSet[str]) -> tuple[str, ...]:
        """The stages before one, with those that are left out replaced by what is before them."""
        found: list[str] = []
        for name in after:
            found += self._instead(self.stage(name).after, left_out) if name in left_out else [name]
        return tuple(dict.fromkeys(found))

    def letter(self, *acts: str) -> LetterText | None:
        """How the letter of the first of these acts reads that the pack words itself; None: as ours."""
        return next((each for act in acts for each in self.letters if each.act == act), None)

    def stage(self, stage_id: str) -> Stage:
        """The stage of this id. Raises ``KeyError`` when there is none."""
        for stage in self.stages:
            if stage.id == stage_id:
                return stage
        raise KeyError(stage_id)

    def finding_sections(self, stage_id: str = "") -> list[dict[str, Any]]:
        """What is found in a stage, or in all of them, as sections of a form."""
        return [
            {"id": f"found-{stage.id}"[:60], "title": stage.name.model_dump(), "fields": list(stage.finds)}
            for stage in self.stages
            if stage.finds and stage_id in ("", stage.id)
        ]

    def has_limit(self, stage_id: str) -> bool:
        """Whether this is a declared stage with a limit of its own."""
        return any(stage.id == stage_id and stage.limit is not None for stage in self.stages)

    def material(self, material_id: str) -> Material:
        """The material of this id. Raises ``KeyError`` when there is none."""
        for material in self.materials:
            if material.id == material_id:
                return material
        raise KeyError(material_id)

    @property
    def licence_kind(self) -> str:
        """The kind of the licences this service issues or acts upon: as declared, or the name of the template."""
        return self.outcome.licence_kind or (self.outcome.template or self.id).removesuffix(".typ")

    @property
    def barred_as(self) -> str:
        """By what those are known who may not apply for this licence: its kind where that tells it apart."""
        plain = self.outcome.licence_kind is None and self.licence_kind == PLAIN
        return self.id if plain else self.licence_kind

    @property
    def reusing(self) -> tuple[Material, ...]:
        """The materials a licence can stand in for."""
        return tuple(material for material in self.materials if material.licence is not None)

    def ready_stages(self, done: AbstractSet[str]) -> tuple[Stage, ...]:
        """The stages not yet done whose predecessors all are, in the order declared."""
        return tuple(stage for stage in self.stages if stage.id not in done and done >= set(stage.after))


def _outcomes_in(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The outcomes of a service as data: its own, and those of its variants."""
    found = [told.get("outcome"), *(each.get("outcome") for each in told.get("variants", ()))]
    return [outcome for outcome in found if outcome]


class PackSpec(Part):
    """``pack.yaml``: what the pack is and where its facts come from."""

    id: Slug
    name: Words
    sources: Annotated[tuple[Text, ...], Field(min_length=1)]
    notes: tuple[Words, ...] = ()


class AreaName(Part):
    """The name of an area or of a day, as short as its column."""

    zh: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    en: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""


class AreaSpec(Part):
    """An administrative area and the one it lies in; the parent stands before its parts."""

    code: AreaCode
    name: AreaName
    level: Literal["city", "district", "subdistrict", "community", "grid"]
    parent: AreaCode | None = None


class DepartmentName(Part):
    """The name of a department, as short as its column."""

    zh: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    en: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)] = ""


class Escalation(Part):
    """Who is told when something stays late: a seat in a department, some working days after the end."""

    after: Annotated[int, Field(ge=0, le=60)]
    """Working days past the end of the limit."""
    to: Slug | None = None
    """Code of the department; None: the one it is ``part_of``, else itself."""
    role: Literal["leader", "head"] = "head"


class DepartmentSpec(Part):
    """A department: the code packs call it by, the area it serves, the department it belongs to."""

    code: Slug
    name: DepartmentName
    area: AreaCode
    part_of: Slug | None = None
    uscc: Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NP-RTUW-Y]{18}$")] | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9 -]{4,18}[0-9]$")] | None = None
    """Where people reach it, as they dial it: ``0531-…``."""
    escalate: Escalation | None = None
    """Beside the leaders and the head of the department, who are told at once."""


class Hours(Part):
    """One span of office hours on every working day, local time."""

    start: time
    end: time

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        """A span of no length, or across midnight, is a slip of the pen."""
        if self.start.tzinfo or self.end.tzinfo or self.end <= self.start:
            raise ValueError("hours")
        return self


class Closure(Part):
    """A day on which the district is closed although the calendar says working.

    Taking it out of the file later does not open the day again: that is done on the calendar.
    """

    day: date
    name: AreaName


class ThemeSpec(Part):
    """A subject people browse by. Their order in the file is their order on the page."""

    id: Slug
    name: Words
    note: Words | None = None


class CounterSpec(Part):
    """How the counters of a district work."""

    accepts_own: bool = False
    """Whoever keyed an application in at the counter may accept it too (综合窗口); never decide on it."""


class DistrictSpec(Part):
    """``district.yaml``: the places and departments the services are done in."""

    name: Words
    area: AreaCode
    """The district itself, among ``areas``."""
    notice: Words | None = None
    """Shown on every page, such as that the district is fictitious."""
    case_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,6}$")]
    """Case numbers begin with it."""
    areas: Annotated[tuple[AreaSpec, ...], Field(min_length=1, max_length=20000)]
    departments: Annotated[tuple[DepartmentSpec, ...], Field(min_length=1)]
    hours: Annotated[tuple[Hours, ...], Field(min_length=1)]
    closures: tuple[Closure, ...] = ()
    counter: CounterSpec = CounterSpec()
    themes: Annotated[tuple[ThemeSpec, ...], Field(min_length=1)]
    frequent: Annotated[tuple[Slug, ...], Field(max_length=8)] = ()
    """Services named under the search box of the home page, in this order."""
