"""``zerotrip staff``: who works in which department."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from zerotrip.parties.models import User

ROLES = ("clerk", "reviewer", "leader", "head", "helper", "duty", "supervisor", "administrator")


@click.group("staff")
def command() -> None:
    """Members of staff: add, list, rename, reset, hand over, end (工作人员)."""


@command.command()
@click.argument("email")
@click.argument("name")
@click.argument("department")
@click.argument("roles", nargs=-1, required=True, type=click.Choice(ROLES))
@click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")
def add(email: str, name: str, department: str, roles: tuple[str, ...], *, ask: bool) -> None:
    """Give NAME an account at EMAIL and seats as ROLES in DEPARTMENT, named by its code in the pack.

    The password is shown once. The second factor is set up at the first sign-in.
    """
    from config import environment

    password = _password(ask=ask)
    with environment.installation():
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_email
        from django.utils import timezone

        from zerotrip.parties import actions
        from zerotrip.parties.access import SYSTEM
        from zerotrip.parties.models import Role
        from zerotrip.parties.queries import departments

        try:
            validate_email(email)
        except ValidationError as error:
            raise click.BadParameter(f"{email} is no e-mail address.", param_hint="EMAIL") from error
        actions.add_staff(
            email=email,
            name=name,
            password=password,
            department=departments([department])[department],
            roles=[Role(role) for role in roles],
            by=SYSTEM,
            at=timezone.now(),
        )
    _tell(email, password, ask=ask)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
def list_staff(*, as_json: bool) -> None:
    """Who holds which seats now, and who has a second factor."""
    from config import environment

    with environment.installation():
        from django.utils import timezone

        from zerotrip.parties.queries import seats_in_force

        rows = [
            {
                "email": seat.person.account.email,
                "name": seat.person.name,
                "department": seat.organisation.code,
                "role": seat.role,
                "since": seat.during.lower.isoformat(),
                "second_factor": _has_second_factor(seat.person.account),
            }
            for seat in seats_in_force(at=timezone.now())
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        factor = "" if row["second_factor"] else "\tno second factor yet"
        click.echo(f"{row['email']}\t{row['name']}\t{row['department']}\t{row['role']}{factor}")


@command.command()
@click.argument("email")
@click.option("--ask", is_flag=True, help="Ask for the password instead of making one.")
def reset(email: str, *, ask: bool) -> None:
    """Give EMAIL a new password and forget its second factor, for whoever has lost either."""
    from config import environment

    password = _password(ask=ask)
    with environment.installation():
        from allauth.mfa.models import Authenticator
        from django.db import transaction
        from django.utils import timezone

        from zerotrip.parties import actions
        from zerotrip.parties.access import SYSTEM
        from zerotrip.parties.queries import staff_account

        now = timezone.now()
        with transaction.atomic():
            account = staff_account(email, at=now)
            actions.set_password(account, password, by=SYSTEM, at=now)
            Authenticator.objects.filter(user=account).delete()
    _tell(email, password, ask=ask)


@command.command()
@click.argument("email")
@click.argument("name")
def rename(email: str, name: str) -> None:
    """Let EMAIL go by NAME from now on; what was signed keeps the name of its day."""
    from config import environment

    with environment.installation():
        from django.utils import timezone

        from zerotrip.parties import actions
        from zerotrip.parties.access import SYSTEM
        from zerotrip.parties.queries import staff_account

        now = timezone.now()
        person = actions.rename_person(staff_account(email, at=now).person, name=name, by=SYSTEM, at=now)
        click.echo(f"{email}: {person.name}")


@command.command("hand-over")
@click.argument("email")
@click.argument("to")
def hand_over(email: str, to: str) -> None:
    """Hand everything assigned to EMAIL over to TO, in one go. EMAIL keeps its seats.

    What TO has no role for goes back to its department.
    """
    from config import environment

    with environment.installation():
        from django.utils import timezone

        _hand_over(email, to, at=timezone.now())


@command.command()
@click.argument("email")
@click.option("--to", default="", help="E-mail of the colleague who gets what is assigned to EMAIL.")
def end(email: str, *, to: str) -> None:
    """End every seat of EMAIL and its password, now. Open sessions end with it.

    What is assigned to EMAIL is handed over to the colleague named, else goes back to the department.
    """
    from config import environment

    with environment.installation():
        from django.utils import timezone

        from zerotrip.cases.actions import give_back_everything
        from zerotrip.parties import actions
        from zerotrip.parties.access import SYSTEM
        from zerotrip.parties.queries import staff_account

        now = timezone.now()
        account = staff_account(email, at=now)
        if to:
            _hand_over(email, to, at=now)
        left = give_back_everything(account, by=SYSTEM, at=now)
        ended = actions.end_staff(account, by=SYSTEM, at=now)
        if left:
            click.echo(f"{left} item{'' if left == 1 else 's'} given back to the department")
        click.echo(f"{email}: {ended} seat{'' if ended == 1 else 's'} ended")


def _hand_over(email: str, to: str, *, at: datetime) -> None:
    from zerotrip.cases.actions import hand_over as hand
    from zerotrip.parties.access import SYSTEM, actor_for
    from zerotrip.parties.queries import staff_account
    from zerotrip.relief.naming.queries import count_named

    other = actor_for(staff_account(to, at=at), at=at)
    account = staff_account(email, at=at)
    named = count_named(account.person_id)
    answers = hand(account, to=other, by=SYSTEM, at=at)
    left = count_named(account.person_id)
    for answer in answers:
        click.echo(f"{answer.work.case.number}\t{answer.work.stage}\t{answer.said}")
    click.echo(f"{len(answers)} item{'' if len(answers) == 1 else 's'} handed over")
    if named:
        click.echo(f"named for {named} enterprises and subjects: {named - left} handed over, {left} left")


def _password(*, ask: bool) -> str:
    if not ask:
        return secrets.token_urlsafe(12)
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(typed) < 10:
        raise click.BadParameter("A password has at least 10 characters.", param_hint="password")
    return typed


def _tell(email: str, password: str, *, ask: bool) -> None:
    click.echo(f"{email}: sign in at /sign-in/staff/ and set up a second factor")
    if not ask:
        click.echo(f"password, shown once: {password}")


def _has_second_factor(account: User) -> bool:
    from allauth.mfa.utils import is_mfa_enabled

    return bool(is_mfa_enabled(account))
