"""Every environment variable of the platform: name, meaning, default, check (OPS-02).

`zhupei settings` prints them. The settings call `check()` first: nothing starts with a value that cannot
be read, nor in production with one that is only fit for a developer's machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from foundation.calendar.working_days import read_file

ENVIRONMENTS = ("development", "test", "production")
CHECKOUT = Path(__file__).resolve().parents[3]
MIN_SECRET = 32


class ConfigurationError(Exception):
    """The environment is not fit to start with; one sentence a line says what to set."""


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("应为 1 或 0")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _count(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.strip().isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"应为 {least} 到 {most} 之间的整数")
        return int(text)

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError("应为 " + "、".join(words) + " 之一")
        return text

    return parse


def var_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for everything that running leaves behind: files, the embedded database, logs."""
    return Path(environ.get("ZHUPEI_VAR") or CHECKOUT / "var")


def database(url: str) -> dict[str, Any]:
    """Django's database settings from `postgresql://user:password@host:port/name?option=value`.

    The host may be a percent-encoded folder of a Unix socket. Without a URL the embedded server is meant:
    `zhupei` starts it and sets DATABASE_URL, other commands find the running one by its published file.
    """
    if not url:
        published = var_folder() / "postgres.url"
        url = published.read_text().strip() if published.exists() else "postgresql:///zhupei"
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("应为 postgresql://用户:密码@主机:端口/库名")
    options = dict(parse_qsl(parts.query))
    # urlsplit's hostname is in lower case, which would spoil a socket's folder.
    host = parts.netloc.rpartition("@")[2]
    host = host.partition(":")[0] if not host.startswith("[") else parts.hostname or ""
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "zhupei",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(host),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
    }
    if os.environ.get("ZHUPEI_ENV") != "test":
        settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
    return settings


def _calendar(text: str) -> Path | None:
    if not text:
        return None
    read_file(Path(text))
    return Path(text)


def _never(text: str) -> str | None:
    return "不能在正式环境打开" if _flag(text) else None


def _must_be_set(text: str) -> str | None:
    return None if text else "必须设置"


def _hosts(text: str) -> str | None:
    hosts = _words(text)
    if not hosts or "*" in hosts or set(hosts) <= {"127.0.0.1", "localhost", "testserver"}:
        return "必须写明对外服务的域名，不能用通配符"
    return None


def _secret(text: str) -> str | None:
    if text.startswith("development-"):
        return "必须换成自己的密钥"
    return None if len(text) >= MIN_SECRET else f"密钥至少 {MIN_SECRET} 个字符"


def _secrets(text: str) -> str | None:
    keys = _words(text)
    if not keys:
        return "必须设置"
    return next((problem for key in keys if (problem := _secret(key))), None)


def _real_gateway(text: str) -> str | None:
    return "必须换成真实的短信通道" if text.endswith(".DevelopmentInbox") else None


@dataclass(frozen=True)
class Variable:
    """One variable. `parse` raises ValueError with half a Chinese sentence; `unsafe` says why production
    cannot run with a value, or None. The value of a `secret` is never printed."""

    name: str
    meaning: str
    default: str
    parse: Callable[[str], Any] = str
    unsafe: Callable[[str], str | None] = lambda text: None
    secret: bool = False


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "ZHUPEI_ENV",
        "运行环境：development 开发，test 测试，production 正式",
        "development",
        _one_of(*ENVIRONMENTS),
    ),
    Variable("ZHUPEI_DEBUG", "出错时显示调试页面，只用于开发", "", _flag, _never),
    Variable("ZHUPEI_VAR", "存放上传文件、内置数据库和日志的文件夹，默认为代码目录下的 var", ""),
    Variable(
        "SECRET_KEY",
        "会话和令牌的签名密钥",
        "development-only-secret-key-change-me-in-production",
        str,
        _secret,
        secret=True,
    ),
    Variable(
        "FIELD_ENCRYPTION_KEYS",
        "加密字段的密钥，旧的在前、新的在后，用逗号分隔",
        "development-field-key",
        _words,
        _secrets,
        secret=True,
    ),
    Variable(
        "BLIND_INDEX_KEY",
        "证件号、手机号检索摘要的密钥，启用后不能更换",
        "development-index-key",
        str,
        _secret,
        secret=True,
    ),
    Variable("ALLOWED_HOSTS", "对外服务的域名，用逗号分隔", "127.0.0.1,localhost,testserver", _words, _hosts),
    Variable("CSRF_TRUSTED_ORIGINS", "代理之后的站点地址（含 https://），用逗号分隔", "", _words),
    Variable(
        "DATABASE_URL",
        "PostgreSQL 地址：postgresql://用户:密码@主机:端口/库名；不设置时使用内置的数据库",
        "",
        database,
        _must_be_set,
        secret=True,
    ),
    Variable("HOST", "网站监听的地址", "127.0.0.1"),
    Variable("PORT", "网站监听的端口", "8000", _count(1, 65535)),
    Variable("WEB_WORKERS", "网站进程数", "2", _count(1, 256)),
    Variable(
        "WEB_THREADS",
        "每个网站进程同时处理的页面请求数，每个占用一个数据库连接；保存考试答案、等待上传和下载都不占用",
        "4",
        _count(1, 256),
    ),
    Variable("JOB_CONCURRENCY", "后台任务进程同时处理的任务数", "2", _count(1, 64)),
    Variable(
        "INITIAL_LEARNER_PASSWORD", "学员首次登录的初始密码，须同时输入短信验证码", "111111", secret=True
    ),
    Variable(
        "SMS_GATEWAY", "短信通道的类名", "foundation.messages.gateways.DevelopmentInbox", str, _real_gateway
    ),
    Variable(
        "TRUSTED_PROXIES", "网站前面有几层自己的代理；按它写的 X-Forwarded-For 认来访地址", "0", _count(0, 9)
    ),
    Variable("FILES_ACCEL_PREFIX", "由前端服务器发送文件时的内部路径（X-Accel-Redirect），不用时留空", ""),
    Variable(
        "MAX_ARCHIVE_BYTES", "报名资料压缩包的大小上限（字节）", str(1024**3), _count(1024**2, 100 * 1024**3)
    ),
    Variable(
        "CALENDAR_FILE",
        "节假日和调休安排的文件，补充或更正系统自带的年份；没有安排的年份按周一至周五计算办理期限",
        "",
        _calendar,
    ),
    Variable("LOG_LEVEL", "日志级别", "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
)
_BY_NAME = {variable.name: variable for variable in VARIABLES}


def env(name: str) -> Any:
    """The parsed value of a declared variable."""
    variable = _BY_NAME[name]
    return variable.parse(os.environ.get(name, variable.default))


def problems(environ: Mapping[str, str]) -> list[str]:
    """What keeps the platform from starting with this environment, one Chinese sentence each."""
    production = environ.get("ZHUPEI_ENV") == "production"
    found = []
    for variable in VARIABLES:
        text = environ.get(variable.name, variable.default)
        try:
            if text or variable.default:
                variable.parse(text)
            problem = variable.unsafe(text) if production else None
        except ValueError as error:
            problem = f"{error}，现在是“{'（保密）' if variable.secret else text}”"
        if problem:
            found.append(f"{variable.name}（{variable.meaning}）：{problem}。")
    return found


def check(environ: Mapping[str, str] = os.environ) -> None:
    """Raise ConfigurationError unless the platform may start with this environment."""
    found = problems(environ)
    if found:
        raise ConfigurationError("环境变量的设置不能启动系统：\n  " + "\n  ".join(found))


def listing(environ: Mapping[str, str] = os.environ) -> str:
    """The text that `zhupei settings` prints: every variable with its meaning, default and present value."""
    lines = []
    for variable in VARIABLES:
        lines.append(f"{variable.name}\n    {variable.meaning}")
        if variable.default:
            lines.append(f"    默认：{variable.default}")
        if variable.name in environ:
            lines.append(f"    现在：{'（已设置，保密）' if variable.secret else environ[variable.name]}")
    return "\n".join(lines + [f"不能启动：{problem}" for problem in problems(environ)])
