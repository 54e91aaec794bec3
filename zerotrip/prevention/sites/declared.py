"""``sites.yaml`` of packs: judged, loaded, and told again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from zerotrip.catalogue.actions import canonical, digest_of
from zerotrip.catalogue.packs.parts import Changes, PackPart
from zerotrip.errors import Refused
from zerotrip.prevention.models.sites import SiteKind
from zerotrip.prevention.sites.spec import SiteKindSpec, SitesSpec
from zerotrip.questions.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from zerotrip.catalogue.packs.folder import Pack
    from zerotrip.catalogue.packs.judging import Judge
    from zerotrip.catalogue.packs.parts import Files
    from zerotrip.parties.access import Actor

NAME = "sites"


def judge(files: Files[SitesSpec], pack: Pack, judges: Mapping[str, Judge]) -> None:
    """Add what does not agree: names twice, groups there are not."""
    for name, found in files.items():
        told = judges[name]
        told.unique((one.id for one in found.groups), ("groups",), "id")
        told.unique((one.id for one in found.kinds), ("kinds",), "id")
        groups = [one.id for one in found.groups]
        for place, kind in enumerate(found.kinds):
            told.known(kind.group, groups, ("kinds", place, "group"), _("没有分组“%(name)s”。"))
            told.unique((one.name for one in kind.fields), ("kinds", place, "fields"), "name")


def load(files: Files[SitesSpec], pack: Pack, by: Actor, at: datetime) -> Changes:
    """Make the database say what the pack says; see ``PackPart.load``.

    A kind that is no longer declared takes no new sites; those there are stay. Raises Refused for one that
    another pack declares.
    """
    changes = Changes()
    held = {row.pk: row for row in SiteKind.objects.select_for_update()}
    found = [(kind, spec) for spec in files.values() for kind in spec.kinds]
    for place, (kind, spec) in enumerate(found):
        group = next(one for one in spec.groups if one.id == kind.group)
        definition = canonical(kind) | {"group_name": canonical(group.name)}
        digest, row = digest_of(definition), held.get(kind.id)
        if row is not None and row.pack != pack.spec.id:
            raise Refused(_("场所类型“%(id)s”已由服务包“%(pack)s”提供。") % {"id": kind.id, "pack": row.pack})
        if row is not None and (row.digest, row.place, row.withdrawn_at) == (digest, place, None):
            continue
        told = {"pack": pack.spec.id, "place": place, "group": kind.group, "small": kind.small, "risk": kind.risk}
        told |= {"digest": digest, "definition": definition, "loaded_at": at, "withdrawn_at": None}
        SiteKind.objects.update_or_create(pk=kind.id, defaults=told)
        changes.made.append(kind.id)
    gone = SiteKind.objects.kept().filter(pack=pack.spec.id).exclude(pk__in=[kind.id for kind, _spec in found])
    changes.withdrawn += sorted(gone.values_list("pk", flat=True))
    gone.update(withdrawn_at=at)
    return changes


def stored(pack: str) -> Files[SitesSpec]:
    """The kinds of a loaded pack, as its file would say them."""
    rows = list(SiteKind.objects.kept().filter(pack=pack))
    if not rows:
        return {}
    groups = {row.group: {"id": row.group, "name": row.definition["group_name"]} for row in rows}
    kinds = [_kind_of(row.definition) for row in rows]
    return {NAME: SitesSpec.model_validate_json(json.dumps({"groups": list(groups.values()), "kinds": kinds}))}


def _kind_of(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in definition.items() if name != "group_name"}


_parsed: dict[str, SiteKindSpec] = {}


def spec_from(digest: str, definition: Mapping[str, Any]) -> SiteKindSpec:
    """A declaration, parsed once a process."""
    found = _parsed.get(digest)
    if found is None:
        found = _parsed[digest] = SiteKindSpec.model_validate_json(json.dumps(_kind_of(definition)))
    return found


def group_name(kind: SiteKind) -> Words:
    """What the group of a kind is called."""
    return Words.model_validate(kind.definition["group_name"])


PART: PackPart[SitesSpec] = PackPart(NAME, SitesSpec, judge=judge, load=load, stored=stored, folder=False)
