"""The `zhupei` command: judges files, runs the platform, and passes every other word on to Django."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence

from zhupei.config.environment import ConfigurationError, check, listing, var_folder

# These need neither Django nor a database, so that they answer at once.
FILE_COMMANDS = {
    "check-roster": "zhupei.cli.check_roster",
    "check-materials": "zhupei.cli.check_materials",
    "seat": "zhupei.cli.seat",
}

HELP = """\
用法：zhupei 命令 [参数]

运行
  serve                     启动全部服务，按 Ctrl-C 停止
  settings                  列出全部环境变量和现在的值

处理文件（不需要数据库）
  check-roster 文件         核对报名汇总表
  check-materials 压缩包    核对报名资料
  seat 名单                 编排考场座位

管理
  migrate                   更新数据库结构
  demo                      装入演示数据，列出演示账号
  exam_hall                 开设一场演练考试，列出准考证号
  open_authority            开设主管部门的第一个账号
  help                      列出其余的管理命令
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in {"-h", "--help"}:
        print(HELP, end="")
        return 0
    name, *rest = words
    if module := FILE_COMMANDS.get(name):
        return _run_of(module)(rest)
    if name == "settings":
        print(listing())
        return 0
    try:
        check()
        if name == "serve":
            return _run_of("zhupei.config.serve")(rest)
        return manage(words)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def manage(words: Sequence[str]) -> int:
    """Run one of Django's management commands; the embedded database is started for as long as it takes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhupei.config.settings")
    if os.environ.get("DATABASE_URL") or words[0] == "help":
        return _execute(words)
    from foundation.database import DatabaseServerError, EmbeddedPostgres

    try:
        with EmbeddedPostgres(var_folder()) as server:
            os.environ["DATABASE_URL"] = server.url
            return _execute(words)
    except DatabaseServerError as error:
        print(f"内置数据库没有启动：{error}", file=sys.stderr)
        return 1


def _execute(words: Sequence[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["zhupei", *words])
    return 0


def _run_of(module: str) -> Callable[[Sequence[str]], int]:
    run: Callable[[Sequence[str]], int] = importlib.import_module(module).run
    return run


if __name__ == "__main__":
    sys.exit(main())
