"""Who came to a door, as a digest: the number itself is read, digested, and kept nowhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zerotrip.parties import seals
from zerotrip.parties.models import Party
from zerotrip.prevention.models import DocumentKind
from zerotrip.prevention.rosters.identity import phone_of
from zerotrip.questions.kinds import is_identity_number

if TYPE_CHECKING:
    from zerotrip.parties.access import Actor
    from zerotrip.prevention.models import Person

_DOCUMENT = re.compile(r"[0-9A-Z]{4,30}\Z")
LONGEST = 40


def plain(number: str) -> str:
    """A number as it is digested: without spaces and dashes, capitals."""
    return re.sub(r"[\s-]+", "", number[:LONGEST]).upper()


def digest_of(number: str) -> bytes | None:
    """The digest of an identity number, a telephone number or another document; None for what is none of them.

    The same as on rosters, so that somebody is found by what their roster knows. A document counts as a passport.
    """
    number = plain(number)
    if is_identity_number(number):
        return seals.digest(number)
    phone = phone_of(number)
    if phone:
        return by_phone(phone)
    return by_document(DocumentKind.PASSPORT, number) if _DOCUMENT.match(number) else None


def by_phone(phone: str) -> bytes:
    """The digest of whoever is known by a telephone number."""
    return seals.digest(f"phone:{phone}")


def by_document(kind: str, number: str) -> bytes:
    """The digest of whoever is known by a document."""
    return seals.digest(f"{kind}:{number}")


def digests_asked(number: str) -> list[bytes]:
    """The digests under which somebody of this number may have been noted, whatever kind of document it is."""
    number = plain(number)
    found = digest_of(number)
    if found is None or is_identity_number(number) or phone_of(number):
        return [] if found is None else [found]
    return [by_document(kind, number) for kind in DocumentKind.values]


def digests_of(person: Person) -> list[bytes]:
    """The digests under which somebody on a roster may have been noted."""
    known = [bytes(one) for one in (person.ric_digest, person.document_digest) if one is not None]
    return [*known, by_phone(person.phone)] if person.phone else known


def digest_of_actor(actor: Actor) -> bytes | None:
    """The digest of whoever is signed in: of their number, where it is known; None for nobody."""
    if actor.person_id is None:
        return None
    known = Party.objects.filter(pk=actor.person_id).values_list("ric_digest", flat=True).first()
    return bytes(known) if known is not None else seals.digest(f"party:{actor.person_id}")
