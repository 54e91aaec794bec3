"""``zerotrip migrate``: everything an installation needs before it serves."""

from __future__ import annotations

import click


@click.command("migrate")
def command() -> None:
    """Bring everything up to this version (升级数据库和文件).

    Migrations, texts, static files, work calendar, packs. Safe to repeat; does only what is not yet done.
    """
    from config import environment, preparation

    with environment.installation():
        preparation.prepare()
