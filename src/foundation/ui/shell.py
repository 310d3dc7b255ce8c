"""What the frame around a portal page shows; each portal makes one `Shell` per request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class MenuItem:
    """One entry of the left menu. `count` is what waits for the user there (0 shows nothing)."""

    label: str
    url: str
    icon: str
    count: int = 0
    active: bool = False


@dataclass
class Shell:
    """The frame's content. An empty URL leaves that piece out.

    `body_badge` is a (tone, label) pair such as `("ok", "已审核")`; `alert` a (tone, sentence) pair for
    every page.
    """

    home_url: str = "/"
    menu: list[MenuItem] = field(default_factory=list)
    path: str = ""
    brand: str = "筑培"
    portal: str = ""
    body_name: str = ""
    body_badge: tuple[str, str] | None = None
    user_name: str = ""
    search_url: str = ""
    search_hint: str = "搜索"
    messages_url: str = ""
    message_count: int = 0
    password_url: str = ""
    sign_out_url: str = ""
    alert: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if self.path and not any(item.active for item in self.menu):
            mark_active(self.menu, self.path)

    @property
    def waiting(self) -> int:
        """How much waits behind the whole menu; shown on the menu button of a phone."""
        return sum(item.count for item in self.menu)


def mark_active(menu: Iterable[MenuItem], path: str) -> None:
    """Light the entry whose address is the longest beginning of `path`."""
    best: MenuItem | None = None
    longest = -1
    for item in menu:
        prefix = urlsplit(item.url).path
        whole = prefix if prefix.endswith("/") else prefix + "/"
        if (path == prefix or path.startswith(whole)) and len(prefix) > longest:
            best, longest = item, len(prefix)
    if best is not None:
        best.active = True
