"""The embedded PostgreSQL: OPS-01 (nothing to set up), and EXM-05 (what was committed survives a kill)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from foundation.database import DatabaseServerError, EmbeddedPostgres, ensure_database
from foundation.database.server import SOURCE_FOLDER, place_for, sockets_for

QUICK = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"}


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A checkout's folder that the server's account can walk to."""
    for folder in [tmp_path, *tmp_path.parents]:
        if folder != Path("/tmp") and folder.stat().st_uid == os.geteuid() and folder.is_relative_to("/tmp"):
            folder.chmod(0o755)
    yield tmp_path / "var"


def postgres_pid(server: EmbeddedPostgres) -> int:
    return int((server.place / "data/postmaster.pid").read_text().splitlines()[0])


def keeper_pids(server: EmbeddedPostgres) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if b"foundation.database.keeper" in command and os.fsencode(server.place) in command:
                found.append(int(entry.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def one(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def test_data_survive_a_stop(var: Path) -> None:
    """OPS-01: a second start keeps what was there, under the same published address."""
    with EmbeddedPostgres(var, settings=QUICK) as first:
        run(first.url, "CREATE TABLE t AS SELECT 7 AS n")
        assert (var / "postgres.url").read_text().strip() == first.url
    assert not (var / "postgres.url").exists()
    with EmbeddedPostgres(var, settings=QUICK) as second:
        assert second.url == first.url
        assert one(second.url, "SELECT n FROM t") == 7


def test_server_opens_no_network_port_and_runs_without_privileges(var: Path) -> None:
    """Only who may enter the private folder reaches the server; PostgreSQL never runs as root."""
    with EmbeddedPostgres(var, settings=QUICK) as server:
        assert one(server.url, "SHOW listen_addresses") == ""
        assert one(server.url, "SHOW server_encoding") == "UTF8"
        for folder in (server.sockets, server.place / "data"):
            assert folder.stat().st_mode & 0o777 == 0o700
        status = Path(f"/proc/{postgres_pid(server)}/status").read_text()
        assert "\nUid:\t0\t" not in status


def test_chinese_text_can_be_searched_by_trigrams(var: Path) -> None:
    """QRY-01: with a plain C locale pg_trgm would see no letters in Chinese names."""
    with EmbeddedPostgres(throwaway=True) as server:
        run(server.url, "CREATE EXTENSION pg_trgm")
        assert one(server.url, "SELECT cardinality(show_trgm('浙江育人专修学院'))") == 9


def test_a_second_command_joins_and_the_last_one_out_stops_it(var: Path) -> None:
    """`zhupei migrate` beside `make run` uses the same server, and neither stops it under the other."""
    first = EmbeddedPostgres(var, settings=QUICK)
    first.start()
    second = EmbeddedPostgres(var, settings=QUICK)
    second.start()
    pid = postgres_pid(first)
    assert postgres_pid(second) == pid
    first.stop()
    assert one(second.url, "SELECT 1") == 1
    second.stop()
    assert not alive(pid)


def test_many_commands_at_once_share_one_server(var: Path) -> None:
    """Commands that start in the same moment agree on one keeper."""
    code = (
        "import sys, psycopg; from pathlib import Path; from foundation.database import EmbeddedPostgres\n"
        "with EmbeddedPostgres(Path(sys.argv[1])) as s: psycopg.connect(s.url).execute('SELECT 1')"
    )
    commands = [
        subprocess.Popen(
            [sys.executable, "-c", code, var], env={**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)}
        )
        for _ in range(4)
    ]
    assert [command.wait(60) for command in commands] == [0, 0, 0, 0]


def test_nothing_is_left_when_the_user_is_killed(var: Path) -> None:
    """kill -9 of the command that started the server leaves no process behind, and the data are sound."""
    code = (
        "import sys, time; from pathlib import Path; from foundation.database import EmbeddedPostgres\n"
        "s = EmbeddedPostgres(Path(sys.argv[1])); s.start(); print('up', flush=True); time.sleep(600)"
    )
    command = subprocess.Popen(
        [sys.executable, "-c", code, var],
        env={**os.environ, "PYTHONPATH": str(SOURCE_FOLDER)},
        stdout=subprocess.PIPE,
    )
    assert command.stdout and command.stdout.readline() == b"up\n"
    server = EmbeddedPostgres(var)
    pid, keepers = postgres_pid(server), keeper_pids(server)
    assert keepers
    command.kill()
    command.wait()
    assert eventually(lambda: not alive(pid) and not any(map(alive, keepers)))
    with server:
        assert one(server.url, "SELECT 1") == 1


def test_a_killed_server_comes_back_with_every_commit(var: Path) -> None:
    """EXM-05: after kill -9 of PostgreSQL the keeper starts it again; what was committed is there."""
    with EmbeddedPostgres(var) as server:
        run(server.url, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS n")
        pid = postgres_pid(server)
        os.kill(pid, signal.SIGKILL)

        def back() -> bool:
            try:
                return postgres_pid(server) != pid and one(server.url, "SELECT count(*) FROM t") == 1000
            except (OSError, psycopg.OperationalError):
                return False

        assert eventually(back)
        assert server.is_alive()


def test_a_killed_keeper_takes_the_server_along_and_is_noticed(var: Path) -> None:
    """No server without a keeper; the command sees it and can start both again."""
    with EmbeddedPostgres(var, settings=QUICK) as server:
        pid = postgres_pid(server)
        for keeper in keeper_pids(server):
            os.kill(keeper, signal.SIGKILL)
        assert eventually(lambda: not server.is_alive())
        assert eventually(lambda: not alive(pid))
        server.start()
        assert one(server.url, "SELECT 1") == 1
        assert postgres_pid(server) != pid


def test_a_stale_lock_file_is_removed(var: Path) -> None:
    """After a crash of the machine the lock file names a process that is somebody else now."""
    with EmbeddedPostgres(var, settings=QUICK) as server:
        data = server.place / "data"
        lock = (data / "postmaster.pid").read_text().splitlines()
    lock[0] = str(os.getpid())
    (data / "postmaster.pid").write_text("\n".join(lock) + "\n")
    with EmbeddedPostgres(var, settings=QUICK) as server:
        assert one(server.url, "SELECT 1") == 1


def test_an_interrupted_first_start_is_made_anew(var: Path) -> None:
    """A power cut during initdb leaves no half-made data folder in use."""
    place = place_for(var.resolve())
    (place / "data.partial/base").mkdir(parents=True)
    (place / "data.partial/PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(var, settings=QUICK) as server:
        assert one(server.url, "SELECT 1") == 1


def test_data_of_another_version_are_refused_with_a_way_out(var: Path) -> None:
    """Data made by another major version are not touched."""
    with EmbeddedPostgres(var, settings=QUICK) as server:
        version = server.place / "data/PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(DatabaseServerError, match=r"made by PostgreSQL 12.*dump"):
        EmbeddedPostgres(var).start()


def test_a_server_that_cannot_start_says_why(var: Path) -> None:
    """The server's own words reach the person at the terminal."""
    with pytest.raises(DatabaseServerError, match="no_such_setting"):
        EmbeddedPostgres(var, settings={"no_such_setting": "1"}).start()


def test_checkouts_do_not_meet(tmp_path: Path, var: Path) -> None:
    """Two checkouts on one machine have a server each."""
    with (
        EmbeddedPostgres(var, settings=QUICK) as one_,
        EmbeddedPostgres(tmp_path / "b", settings=QUICK) as two,
    ):
        assert one_.url != two.url
        assert postgres_pid(one_) != postgres_pid(two)


def test_a_deep_folder_gets_its_sockets_elsewhere(tmp_path: Path) -> None:
    """A socket's path may have 107 bytes only."""
    deep = tmp_path.joinpath(*["深" * 10] * 4)
    assert len(str(sockets_for(deep))) < 60
    assert sockets_for(deep) == sockets_for(deep)
    assert sockets_for(deep) != sockets_for(deep / "x")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's data may be out of the server account's reach")
def test_root_keeps_data_where_the_server_account_can_go(tmp_path: Path) -> None:
    """/root is closed to others; a new clone at the same path begins with data of its own."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    first = place_for(closed)
    assert first.parent == Path("/var/lib/zhupei")
    assert place_for(closed) == first
    (closed / "postgres.id").unlink()
    assert place_for(closed) != first


def test_a_throwaway_server_leaves_nothing(tmp_path: Path) -> None:
    """Tests share a machine: each run has a folder of its own, removed at its end."""
    with EmbeddedPostgres(throwaway=True) as one_, EmbeddedPostgres(throwaway=True) as two:
        assert one_.place != two.place
        assert one(one_.url, "SHOW fsync") == "off"
    assert not one_.place.exists()
    assert not two.place.exists()


def test_ensure_database_creates_once() -> None:
    """A second database (the registry's) lives in the same server."""
    with EmbeddedPostgres(throwaway=True) as server:
        url = server.url_for("登记 库")
        assert ensure_database(url) is True
        assert ensure_database(url) is False
        assert one(url, "SELECT current_database()") == "登记 库"
