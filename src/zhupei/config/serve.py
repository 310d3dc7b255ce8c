"""`zhupei serve`: one process that starts the database, the web server and the worker and tends them."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

from foundation.database import DatabaseServerError, EmbeddedPostgres
from foundation.processes import die_with_parent
from zhupei.config.environment import env, var_folder

READY_SECONDS = 90.0
STOP_SECONDS = 20.0
RESTARTS_PER_MINUTE = 5
POLL_SECONDS = 0.2
CONNECTIONS = 10_000  # open ones a web process; the machines of a whole exam keep theirs


class ServeError(Exception):
    """The services can't go on; the message says why, in Chinese."""


class StopRequestedError(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, SIGHUP)."""


def _say(text: str) -> None:
    print(text, flush=True)


@dataclass
class Service:
    """A child process that is started again when it ends by itself."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it in a process group of its own; it ends with us, however we end."""
        now = time.monotonic()
        self.starts = [moment for moment in self.starts if now - moment < 60] + [now]
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )

    def keep_alive(self) -> None:
        """Start it again if it has ended. Raises ServeError when that happens too often."""
        if self.process is None or self.process.poll() is None:
            return
        code = self.process.returncode
        self._kill_group()
        if len(self.starts) > RESTARTS_PER_MINUTE:
            raise ServeError(f"{self.name}一再退出（退出码 {code}），原因见上面的输出。全部服务已停止。")
        _say(f"{self.name}意外退出（退出码 {code}），正在重新启动。")
        self.start()

    def ask_to_stop(self) -> None:
        """Let it finish what it is doing."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def await_stop(self, deadline: float) -> None:
        """Wait until it has ended; what is left at `deadline` (monotonic seconds) is killed."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, deadline - time.monotonic()))
        self._kill_group()
        self.process.wait()

    def _kill_group(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def web_command(host: str, port: int, workers: int) -> list[str]:
    """How the web server is started."""
    return [
        *(sys.executable, "-m", "granian", "zhupei.config.rsgi:application", "--interface", "rsgi"),
        *("--host", host, "--port", str(port), "--workers", str(workers), "--loop", "uvloop"),
        *("--backlog", "4096", "--backpressure", str(CONNECTIONS)),
        *("--http", "1"),  # what a proxy speaks to us; looking for the other costs a little every time
        *("--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "10"),
        *("--log-level", "warning"),
    ]


def _web() -> Service:
    return Service("网站服务", web_command(env("HOST"), env("PORT"), env("WEB_WORKERS")))


def _worker() -> Service:
    return Service(
        "后台任务",
        [
            *(sys.executable, "-m", "zhupei.config.cli", "procrastinate", "worker"),
            *("--concurrency", str(env("JOB_CONCURRENCY"))),
        ],
    )


def allow_open_files() -> None:
    """As many open connections as the machine lets us have, up to what the web processes take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 2 * CONNECTIONS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _require_free_port() -> None:
    host, port = env("HOST"), env("PORT")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"网站不能监听 {host}:{port}（{error.strerror}）。请停止占用它的程序，"
                f"或者换一个端口，例如：PORT={port + 80} make run"
            ) from error


def _prepare() -> str:
    """Migrate, load the demonstration data once; returns the list of demonstration accounts."""
    done = subprocess.run(
        [sys.executable, "-m", "zhupei.config.prepare"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        preexec_fn=die_with_parent(signal.SIGTERM),
        text=True,
    )
    if done.returncode != 0:
        raise ServeError("数据库没有准备好，原因见上面的输出。")
    return done.stdout.strip()


def base_url() -> str:
    """The platform's address as seen from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(env("HOST"), env("HOST"))
    return f"http://{host}:{env('PORT')}/"


def _await_web(web: Service) -> None:
    deadline = time.monotonic() + READY_SECONDS
    host = env("ALLOWED_HOSTS")[0].lstrip(".")
    request = urllib.request.Request(base_url() + "healthz", headers={"Host": host})
    while time.monotonic() < deadline:
        web.keep_alive()
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=5):
            return
        time.sleep(POLL_SECONDS)
    raise ServeError(f"网站服务在 {READY_SECONDS:.0f} 秒内没有就绪，原因见上面的输出。")


@contextlib.contextmanager
def _stop_signals() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)  # once asked, we stop in order
        raise StopRequestedError

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    yield


def _summary(accounts: str) -> str:
    lines = ["", f"筑培已启动：{base_url()}"]
    if env("SMS_GATEWAY").endswith(".DevelopmentInbox"):
        lines.append(f"短信收件箱：{base_url()}dev/sms/")
    lines += ["", accounts] if accounts else []
    return "\n".join([*lines, "", "按 Ctrl-C 停止。"])


def _run_services(server: EmbeddedPostgres | None) -> None:
    """Start the services and look after them until we are asked to stop."""
    _say("正在更新数据库结构，首次启动还会装入演示数据……")
    accounts = _prepare()
    web, worker = services = (_web(), _worker())
    try:
        for service in services:
            service.start()
        _await_web(web)
        worker.keep_alive()
        _say(_summary(accounts))
        while True:
            time.sleep(POLL_SECONDS)
            if server and not server.is_alive():
                _say("数据库意外停止，正在重新启动。")
                server.start()
            for service in services:
                service.keep_alive()
    finally:
        _say("正在停止……")
        for service in services:
            service.ask_to_stop()
        deadline = time.monotonic() + STOP_SECONDS
        for service in services:
            service.await_stop(deadline)


def run(argv: Sequence[str]) -> int:
    """Serve until asked to stop; 0 then, 1 when the services could not be started or kept running."""
    if argv:
        print("用法：zhupei serve（地址和端口由环境变量设置，见 zhupei settings）", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhupei.config.settings")
    try:
        with _stop_signals():
            _require_free_port()
            allow_open_files()
            if os.environ.get("DATABASE_URL"):
                _run_services(None)
            else:
                with EmbeddedPostgres(var_folder()) as server:
                    os.environ["DATABASE_URL"] = server.url
                    _run_services(server)
    except StopRequestedError:
        _say("已停止。")
        return 0
    except ServeError as error:
        print(error, file=sys.stderr)
    except DatabaseServerError as error:
        print(f"内置数据库没有启动：{error}", file=sys.stderr)
    return 1
