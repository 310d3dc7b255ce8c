"""How a command says no: a code for machines, a sentence for people, and the items concerned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class DomainError(Exception):
    """A refusal by a rule of the business.

    `code` is stable (the API shows it), `message` is one Chinese sentence that says what to do,
    `items` names what was wrong one by one (field or item key → sentence).
    """

    def __init__(self, code: str, message: str, items: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.items: dict[str, Any] = dict(items or {})

    def __str__(self) -> str:
        return self.message


def why_not(check: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """The sentence with which `check(…)` refuses; empty when it does not."""
    try:
        check(*args, **kwargs)
    except DomainError as refusal:
        return refusal.message
    return ""


class NotAllowedError(DomainError):
    """The actor may see the object but not do this to it."""

    def __init__(self, message: str = "您没有办理这一步的权限，请联系本单位的管理员。") -> None:
        super().__init__("not_allowed", message)


class NotFoundError(DomainError):
    """The actor does not see the object: for it there is none."""

    def __init__(self, message: str = "没有找到要办理的内容，它可能已被删除，请返回列表查看。") -> None:
        super().__init__("not_found", message)


class WrongStateError(DomainError):
    """The object has moved on since the page was opened."""

    def __init__(self, message: str = "状态已经变化，请刷新页面后再操作。") -> None:
        super().__init__("wrong_state", message)
