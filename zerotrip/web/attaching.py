"""Files beside a form: judged as they come in, kept while the form is refused, taken away before it is sent.

What a browser sent in a file control is gone with the answer. So whatever was good of a form that is shown
again is named in it by a signed token, with a box to untick; only whoever sent it can send it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from zerotrip.errors import Invalid, NotFound, Refusal
from zerotrip.files.attaching import MOST, PLACE, Handed, receive, too_many
from zerotrip.files.models import Blob
from zerotrip.web.requests import storable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from zerotrip.parties.access import Actor
    from zerotrip.web.requests import Request

SALT = "zerotrip.held"
HELD_FOR = timedelta(hours=20)
"""How long a form may hold a file: less than what is bound to nothing stays in the store."""
KEPT, REFUSED = "-kept", "-refused"
"""Behind the name of a control: what came before, and why something was not taken."""
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.webp,application/pdf,image/*"


@dataclass(frozen=True)
class Held:
    """A file a form holds on to, named by its token."""

    token: str
    handed: Handed

    @property
    def name(self) -> str:
        """As it is shown."""
        return self.handed.name

    @property
    def blob(self) -> Blob:
        """What it is."""
        return self.handed.blob


@dataclass
class Attaching:
    """The files of one control of a form: what it holds, and what was wrong."""

    name: str
    held: list[Held] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    photo: bool = False
    """One photograph is taken, and nothing else."""

    @property
    def accept(self) -> str:
        """What its dialogue offers."""
        return "image/*" if self.photo else ACCEPTED

    @property
    def most(self) -> int:
        """Files it takes."""
        return 1 if self.photo else MOST

    @property
    def largest(self) -> int:
        """Bytes of one file."""
        return settings.FILE_LIMIT

    @property
    def bounds(self) -> str:
        """What is taken, in words."""
        words = {"size": self.largest // 1024 // 1024, "most": self.most}
        if self.photo:
            return _("一张照片，不超过 %(size)d MB。") % words
        return _("照片或 PDF，每个不超过 %(size)d MB，一次最多 %(most)d 个。") % words

    def handed(self) -> list[Handed]:
        """The files, to be bound. Raises Invalid at the control while there is something wrong with them."""
        if self.problems:
            raise Invalid(_("有文件没有收下，其他内容都还在。"), {self.name: self.problems})
        return [one.handed for one in self.held]

    def refuse(self, problems: Mapping[str, list[str]]) -> None:
        """Say at the control what an action found wrong with its files."""
        self.problems += [text for text in problems.get(self.name, ()) if text not in self.problems]


def hold(request: Request) -> None:
    """Take in what a form sent: each file is judged and stored, and named in ``request.POST`` from then on.

    What is refused is said there too, so that a form shown again has both at their places.
    """
    if request.method != "POST" or getattr(request, "_held", False):
        return
    told: Any = request.POST.copy()
    for name in [name for name in told if name.endswith(REFUSED)]:
        del told[name]
    for name in request.FILES:
        for upload in request.FILES.getlist(name)[: MOST + 1]:
            try:
                handed = receive(upload, name=upload.name or "", at=request.now)
            except Refusal as refusal:
                text = _("%(name)s：%(text)s") % {"name": storable(upload.name or ""), "text": refusal.message}
                told.appendlist(f"{name}{REFUSED}", text)
            else:
                token = token_of(handed, by=request.actor, at=request.now)
                told.appendlist(f"{name}{KEPT}", token)
    request.POST = told
    request._held = True  # type: ignore[attr-defined]


def attaching(sent: QueryDict, name: str = PLACE, *, by: Actor, at: datetime, photo: bool = False) -> Attaching:
    """The files of one control as a form sent them, after ``hold``; ``photo``: one photograph."""
    held: dict[str, Held] = {}
    problems = list(sent.getlist(f"{name}{REFUSED}"))
    for token in sent.getlist(f"{name}{KEPT}")[: 3 * MOST]:
        handed = opened(token, by=by, at=at)
        if handed is None:
            problems.append(_("先前选的文件已经过期，请重新选择。"))
        elif photo and not handed.blob.media_type.startswith("image/"):
            problems.append(_("“%(name)s”不是照片。") % {"name": handed.name})
        else:
            held[handed.blob.pk] = Held(token, handed)
    files = Attaching(name, list(held.values()), problems, photo)
    if len(held) > files.most:
        problems.append(too_many(len(held), files.most))
    return files


def attached(request: Request, name: str = PLACE, *, photo: bool = False) -> Attaching:
    """The files of one control of the form that was sent."""
    hold(request)
    return attaching(request.POST, name, by=request.actor, at=request.now, photo=photo)


def token_of(handed: Handed, *, by: Actor, at: datetime) -> str:
    """A file in a form of ``by``, signed."""
    told = {"blob": handed.blob.pk, "name": handed.name, "by": str(by.user_id), "at": int(at.timestamp())}
    return signing.dumps(told, salt=SALT)


def opened(token: str, *, by: Actor, at: datetime) -> Handed | None:
    """The file a token names, for whoever sent it and while it is held; else None."""
    try:
        told = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    age = at - datetime.fromtimestamp(told["at"], tz=at.tzinfo)
    if told["by"] != str(by.user_id) or not timedelta(0) <= age + timedelta(minutes=5) or age > HELD_FOR:
        return None
    blob = Blob.objects.filter(pk=told["blob"]).first()
    return Handed(blob, told["name"]) if blob is not None else None


def load_held(token: str, request: Request) -> Handed:
    """The same for an address. Raises NotFound."""
    found = opened(token, by=request.actor, at=request.now)
    if found is None:
        raise NotFound(_("没有找到这个文件。"))
    return found
