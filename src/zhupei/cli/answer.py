"""How a file command answers: one JSON document on standard output, exit code 0 (judged) or 2 (refused)."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn

from foundation.errors import DomainError

JUDGED: Final = 0
REFUSED: Final = 2


class RefusingParser(argparse.ArgumentParser):
    """Wrong arguments are a refusal like any other; `pattern` says in Chinese how the command is written."""

    def __init__(self, command: str, pattern: str, purpose: str) -> None:
        super().__init__(prog=f"zhupei {command}", description=purpose, allow_abbrev=False)
        self._pattern = pattern

    def parse_args(self, args: Iterable[str] | None = None, namespace: Any = None) -> Any:
        """The options; `--on=--` is refused, too, of which argparse makes an empty list."""
        options = super().parse_args(args, namespace)
        if any(isinstance(value, list) for value in vars(options).values()):
            self.error("--")
        return options

    def error(self, message: str) -> NoReturn:
        """Print the refusal instead of argparse's English usage."""
        raise SystemExit(refuse(f"命令的写法不对，应为：{self.prog} {self._pattern}。"))


def answer(judge: Callable[[], dict[str, Any]], *, unreadable: str) -> int:
    """Print what `judge` returns or why it refuses; `unreadable` is said when a file cannot be opened."""
    try:
        document = judge()
    except DomainError as refused:
        return refuse(refused.message)
    except (OSError, ValueError):  # no such file, a folder, a NUL in the path
        return refuse(unreadable)
    except MemoryError:
        return refuse("内存不够，没有核对完。请关闭其他程序后重试，或把文件分成几个再核对。")
    print_document(document)
    return JUDGED


def refuse(sentence: str) -> int:
    """Print a refusal; returns the exit code."""
    print_document({"refused": sentence})
    return REFUSED


def print_document(document: dict[str, Any]) -> None:
    """Print one JSON document in one line, in UTF-8 whatever the terminal's locale."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        print(json.dumps(document, ensure_ascii=False), flush=True)
    except BrokenPipeError:  # `| head` has seen enough; Python would complain again when it closes the stream
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def as_text(argument: str) -> str:
    """An argument as it was typed, also where the locale could not decode it (UTF-8 or GB 18030)."""
    if argument.isprintable():
        return argument
    raw = os.fsencode(argument)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")
