"""``zerotrip bench``: the figures."""

from __future__ import annotations

import click

from config.places import ROOT


@click.command("bench", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(context: click.Context, arguments: tuple[str, ...]) -> None:
    """Measure, one JSON line a figure (性能测量).

    Arguments go to `python -m bench`. Runs on a PostgreSQL of its own that syncs as a real one
    does, unless DATABASE_URL is set, and leaves the installation's data alone.
    """
    import os
    import subprocess
    import sys
    import tempfile
    from pathlib import Path

    from config import database, environment
    from config.faults import Fault

    if not (ROOT / "bench" / "__main__.py").exists():
        raise Fault("The benches are part of the source checkout and not installed here.")
    with tempfile.TemporaryDirectory(prefix="zerotrip-bench-") as data:
        Path(data).chmod(0o711)
        environment.describe()
        given = os.environ.get("DATABASE_URL")
        with database.embedded(Path(data) / "postgres") as embedded:
            result = subprocess.run(
                [sys.executable, "-m", "bench", *arguments],
                cwd=ROOT,
                env={**os.environ, "ZEROTRIP_DATA": data, "DATABASE_URL": given or embedded},
                check=False,
            )
    context.exit(result.returncode)
