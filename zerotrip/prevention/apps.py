"""The app of prevention."""

from __future__ import annotations

from django.apps import AppConfig


class PreventionConfig(AppConfig):
    """Prevention on the ground. Dormant until a district declares an event; what it holds is purged by date."""

    name = "zerotrip.prevention"

    def ready(self) -> None:
        from django.core.checks import register
        from django.utils.translation import gettext_lazy as _

        from zerotrip.catalogue.packs import parts
        from zerotrip.duties.models import Subject
        from zerotrip.duties.standing import populations, sources
        from zerotrip.duties.standing.scopes import register as stand
        from zerotrip.enterprises import blocks
        from zerotrip.prevention.events.rules import scopes
        from zerotrip.prevention.gates.declared import PART as GATES
        from zerotrip.prevention.inspections.declared import PART as INSPECTIONS
        from zerotrip.prevention.lots.declared import PART as GOODS
        from zerotrip.prevention.lots.queries import block_of
        from zerotrip.prevention.models import Measure
        from zerotrip.prevention.rosters.population import OWING_PEOPLE, OWING_SITES
        from zerotrip.prevention.screening.declared import PART as SCREENING
        from zerotrip.prevention.screening.taking import SAMPLES, samples
        from zerotrip.prevention.screening.voiding import ACT
        from zerotrip.prevention.sites.declared import PART as SITES
        from zerotrip.prevention.venues.checks import check_health_code
        from zerotrip.prevention.venues.declared import PART as VENUES

        blocks.register(
            blocks.Block("goods", _("冷链和物资"), block_of, "web/enterprises/blocks/goods.html", order=30)
        )
        parts.register(SITES)
        parts.register(GOODS)
        stand(scopes, Measure.values)
        populations.register(Subject.PERSON, OWING_PEOPLE)
        populations.register(Subject.SITE, OWING_SITES)
        sources.register(ACT, samples, at_once=SAMPLES)
        parts.register(GATES)
        parts.register(SCREENING)
        parts.register(VENUES)
        register(check_health_code)
        parts.register(INSPECTIONS)
        _purged()
        _sealed()
        _rounds_and_shifts()
        _leaflets()
        _picture()


def _purged() -> None:
    from zerotrip.prevention.events import keeping, purging, telling
    from zerotrip.prevention.gates import purging as gates
    from zerotrip.prevention.lots import people
    from zerotrip.prevention.rosters import owed
    from zerotrip.prevention.rosters import purging as rosters
    from zerotrip.prevention.screening import purging as screening
    from zerotrip.prevention.venues import purging as venues

    purging.register(people.NAME, people.purge, people.HOLDS)
    purging.register("tubes", screening.purge, screening.HOLDS)
    purging.register("passages", gates.purge_passages, gates.PASSAGES)
    purging.register("blocks", gates.purge_blocks, gates.BLOCKS)
    purging.register(venues.NAME, venues.purge, venues.HOLDS)
    purging.register(owed.NAME, owed.purge, owed.HOLDS)
    purging.register(owed.SAID, owed.purge_said, owed.SAID_HOLD)
    purging.register(telling.NAME, telling.purge, telling.HOLDS)
    for name, purge in rosters.PURGES.items():
        purging.register(name, purge, [rosters.HOLDS[name]])
    purging.enter(*keeping.HOLDS)


def _sealed() -> None:
    from zerotrip.catalogue.packs import parts
    from zerotrip.duties.standing import receipts
    from zerotrip.duties.standing.scopes import register as stand
    from zerotrip.prevention.events import purging
    from zerotrip.prevention.sealed.codes import receipt_code
    from zerotrip.prevention.sealed.declared import PART
    from zerotrip.prevention.sealed.purging import HOLDS, PURGES
    from zerotrip.prevention.sealed.rules import MEASURE, scopes

    parts.register(PART)
    stand(scopes, [MEASURE])
    receipts.register(receipt_code)
    for name, purge in PURGES.items():
        purging.register(name, purge, [HOLDS[name]])


def _rounds_and_shifts() -> None:
    from zerotrip.catalogue.packs import parts
    from zerotrip.duties.models import Subject
    from zerotrip.duties.standing import populations, sources
    from zerotrip.prevention.events import purging
    from zerotrip.prevention.posts import purging as shifts
    from zerotrip.prevention.posts.declared import PART
    from zerotrip.prevention.posts.owed import ACT, OWING_SHIFTS, sign_ons
    from zerotrip.prevention.rounds import purging as calls

    parts.register(PART)
    purging.register("shifts", shifts.purge_shifts, shifts.HOLDS)
    purging.enter(shifts.WORKERS)
    purging.register(calls.NAME, calls.purge, calls.HOLDS)
    purging.register(calls.PLANS, calls.purge_plans, calls.PLANS_HOLD)
    populations.register(Subject.SHIFT, OWING_SHIFTS)
    sources.register(ACT, sign_ons)


def _leaflets() -> None:
    from zerotrip.duties.standing import reminding, sources
    from zerotrip.prevention.events import purging
    from zerotrip.prevention.leaflets.purging import HOLDS, NAME, purge
    from zerotrip.prevention.leaflets.rules import ACT, receipts
    from zerotrip.prevention.leaflets.sending import remind
    from zerotrip.prevention.models.leaflets import WHO

    sources.register(ACT, receipts, sent_to=[who for who, _name in WHO])
    reminding.register(ACT, remind)
    purging.register(NAME, purge, HOLDS)


def _picture() -> None:
    from zerotrip.prevention.picture import lines
    from zerotrip.prevention.picture.counted import SOURCES

    for source in SOURCES:
        lines.register(source)
