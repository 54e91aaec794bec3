"""Policies of a pack become versions: loaded at once, or proposed and published later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Max, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from zerotrip.catalogue import words
from zerotrip.catalogue.actions import canonical, digest_of
from zerotrip.catalogue.indexing import LONGEST
from zerotrip.catalogue.packs.parts import Changes, Files
from zerotrip.errors import Invalid
from zerotrip.ledger import actions as ledger
from zerotrip.policies.models import Act, Policy, PolicyVersion, Publication, Shelf
from zerotrip.policies.queries import spec_of
from zerotrip.policies.spec import PolicySpec, ShelfSpec, ShelvesSpec

if TYPE_CHECKING:
    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.parties.access import Actor


def load_shelves(files: Files[ShelvesSpec], pack: Pack, by: Actor, at: datetime) -> Changes:
    """Make these the shelves of the pack. One that another pack has already is shared: that one's words stand."""
    others = set(Shelf.objects.exclude(pack=pack.spec.id).values_list("slug", flat=True))
    wanted = [shelf for spec in files.values() for shelf in spec.shelves if shelf.id not in others]
    before = {row.slug: (row.position, row.definition) for row in Shelf.objects.filter(pack=pack.spec.id)}
    now = {shelf.id: (at, canonical(shelf)) for at, shelf in enumerate(wanted)}
    changes = Changes(
        made=[slug for slug in now if before.get(slug) != now[slug]], withdrawn=sorted(set(before) - set(now))
    )
    if changes.any:
        Shelf.objects.filter(pack=pack.spec.id).delete()
        Shelf.objects.bulk_create(
            Shelf(slug=slug, pack=pack.spec.id, position=position, definition=definition)
            for slug, (position, definition) in now.items()
        )
    return changes


def stored_shelves(pack: str) -> Files[ShelvesSpec]:
    """The shelves of a loaded pack."""
    found = [ShelfSpec.model_validate(row.definition) for row in Shelf.objects.filter(pack=pack)]
    return {"shelves": ShelvesSpec(shelves=tuple(found))} if found else {}


def load(files: Files[PolicySpec], pack: Pack, by: Actor, at: datetime) -> Changes:
    """Publish the policies of a pack: a new version of each that changed, the others left alone."""
    changes = Changes()
    changes.made += [spec.id for spec in files.values() if publish(spec, pack.spec.id, by=by, at=at)]
    gone = Policy.objects.published().select_for_update(of=("self",)).filter(pack=pack.spec.id)
    for policy in gone.exclude(slug__in=files).order_by("slug"):
        changes.withdrawn.append(policy.slug)
        _withdraw(policy, by=by, at=at)
    return changes


def publish(spec: PolicySpec, pack: str, *, by: Actor, at: datetime) -> bool:
    """Publish a policy of a pack at once. Whether anything changed."""
    policy, version = _version(spec, pack, by=by, at=at)
    if policy.current_id == version.pk:
        return False
    if policy.proposed_id == version.pk:
        policy.proposed = None
    publish_version(policy, version, by=by, at=at)
    return True


def _withdraw(policy: Policy, *, by: Actor, at: datetime) -> None:
    if policy.current_id is not None:
        note(policy, policy.current_id, Act.WITHDRAW, by=by, at=at)
    policy.current = policy.proposed = None
    policy.save(update_fields=["current", "proposed"])


def propose(files: Files[PolicySpec], pack: Pack, *, by: Actor, at: datetime) -> list[str]:
    """Make versions of what changed without publishing them. The policies that now have a proposal."""
    return [spec.id for spec in files.values() if propose_one(spec, pack.spec.id, by=by, at=at)]


def propose_one(spec: PolicySpec, pack: str, *, by: Actor, at: datetime) -> bool:
    """Make a version of a policy without publishing it. Whether there is a proposal now: none where it is
    what is published already."""
    policy, version = _version(spec, pack, by=by, at=at)
    proposed = None if policy.current_id == version.pk else version
    if policy.proposed_id != (proposed.pk if proposed else None):
        policy.proposed = proposed
        policy.save(update_fields=["proposed"])
    return proposed is not None


def publish_version(policy: Policy, version: PolicyVersion, *, by: Actor, at: datetime, reason: str = "") -> None:
    """Make a version the one people are told of; the caller holds the lock of the policy."""
    spec = spec_of(version.pk)
    note(policy, version.pk, Act.PUBLISH, by=by, at=at, reason=reason)
    policy.current = version
    for name, value in _described(spec).items():
        setattr(policy, name, value)
    policy.save()


def note(policy: Policy, version: UUID, act: Act, *, by: Actor, at: datetime, reason: str = "") -> Publication:
    """Write down what is done with a version."""
    row = Publication(policy=policy, version_id=version, act=act, at=at, by_id=by.user_id)
    ledger.append(row, act.value, by=by, at=at, reason=reason, details={"policy": policy.slug})
    row.save(force_insert=True)
    return row


def stored(pack: str) -> Files[PolicySpec]:
    """The published policies of a loaded pack."""
    rows = Policy.objects.published().filter(pack=pack).order_by("slug").values_list("slug", "current")
    return {slug: spec_of(version) for slug, version in rows}


def _version(spec: PolicySpec, pack: str, *, by: Actor, at: datetime) -> tuple[Policy, PolicyVersion]:
    """The policy, locked, and the version with this content, made where there is none."""
    digest = digest_of(canonical(spec))
    policy = Policy.objects.select_for_update(of=("self",)).filter(slug=spec.id).first()
    if policy is None:
        policy = Policy(slug=spec.id, pack=pack, **_described(spec))
        policy.save(force_insert=True)
    elif policy.pack != pack:
        raise Invalid(
            _("政策“%(id)s”已由服务包“%(pack)s”提供。") % {"id": spec.id, "pack": policy.pack},
            {f"policies/{spec.id}.yaml:1": [policy.pack]},
        )
    version = policy.versions.filter(digest=digest).first()
    if version is None:
        last = policy.versions.aggregate(last=Max("number"))["last"] or 0
        version = PolicyVersion(
            policy=policy, number=last + 1, digest=digest, definition=canonical(spec), loaded_at=at
        )
        details = {"policy": spec.id, "number": version.number, "digest": digest}
        # The row never changes once made, so its one journal entry is written before it.
        ledger.append(version, "made", by=by, at=at, details=details)
        version.save(force_insert=True)
    return policy, version


def _described(spec: PolicySpec) -> Mapping[str, object]:
    """What lists and the search read of a policy."""
    named = [spec.name.zh, spec.name.en, spec.id, spec.document, *spec.keywords]
    literal = words.vector(
        [
            (f"{spec.name.zh} {spec.name.en}", "A"),
            *((keyword, "B") for keyword in (*spec.keywords, spec.document)),
            (f"{spec.summary.zh} {spec.summary.en} {spec.issuer.zh}", "C"),
            *((f"{clause.text.zh} {clause.text.en}", "D") for clause in spec.clauses),
            (f"{spec.benefit.gives.zh} {spec.benefit.gives.en}", "D"),
        ]
    )
    return {
        "shelves": list(spec.shelves),
        "audience": list(spec.audience),
        "valid_from": spec.valid.since,
        "valid_to": spec.valid.until,
        "issued": spec.issued or "",
        "search_text": " ".join(named).lower()[:LONGEST],
        "search_words": Cast(Value(literal), SearchVectorField()),
    }
