"""Django settings of the platform; everything that differs between machines is an environment variable.

`zhupei.config.environment` declares and checks them and refuses unsafe ones in production (OPS-02).
"""

from __future__ import annotations

from pathlib import Path

import structlog
from csp.constants import NONE, SELF

from zhupei.config.environment import check, env, var_folder

check()

ROOT = Path(__file__).resolve().parents[3]
BASE_DIR = ROOT / "src"
VAR = var_folder()

ENVIRONMENT = env("ZHUPEI_ENV")
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
DEBUG = ENVIRONMENT == "development" and env("ZHUPEI_DEBUG")

SECRET_KEY = env("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = env("FIELD_ENCRYPTION_KEYS")
BLIND_INDEX_KEY = env("BLIND_INDEX_KEY")
ALLOWED_HOSTS = env("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "axes",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "django_structlog",
    "procrastinate.contrib.django",
    "foundation.workflow",
    "foundation.numbers",
    "foundation.review",
    "foundation.audit",
    "foundation.files",
    "foundation.messages",
    "foundation.jobs",
    "foundation.limits",
    "foundation.ui",
    "zhupei.regions",
    "zhupei.accounts",
    "zhupei.organizations",
    "zhupei.people",
    "zhupei.catalog",
    "zhupei.enrollment",
    "zhupei.billing",
    "zhupei.training",
    "zhupei.learning",
    "zhupei.assessment",
    "zhupei.exam",
    "zhupei.portals.shared",
    "zhupei.portals.public",
    "zhupei.portals.enterprise",
    "zhupei.portals.institution",
    "zhupei.portals.authority",
    "zhupei.portals.learner",
    "zhupei.portals.exam",
    "zhupei.demo",
]

MIDDLEWARE = [
    "zhupei.portals.shared.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhupei.portals.shared.middleware.ActorMiddleware",
    "zhupei.portals.shared.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zhupei.config.urls"
WSGI_APPLICATION = "zhupei.config.wsgi.application"

_LOADERS: list = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "zhupei.portals.shared.context.shell",
            ],
        },
    }
]

DATABASES = {"default": env("DATABASE_URL")}
if pool := DATABASES["default"]["OPTIONS"].get("pool"):
    pool["max_size"] = max(pool["max_size"], env("WEB_THREADS"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "zhupei.accounts.backends.PortalBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "zhupei.accounts.passwords.LengthAndClassesValidator"},
    {"NAME": "zhupei.accounts.passwords.CommonPasswordValidator"},
    {"NAME": "zhupei.accounts.passwords.OwnNumbersValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = ["username", ["ip_address", "username"]]
AXES_USERNAME_CALLABLE = "zhupei.accounts.backends.axes_username"
AXES_LOCKOUT_CALLABLE = "zhupei.accounts.backends.axes_lockout"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # the audit log holds sign-ins
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_SENSITIVE_PARAMETERS = ["account", "phone", "code", "old_password", "new_password", "repeat_password"]
INITIAL_LEARNER_PASSWORD = env("INITIAL_LEARNER_PASSWORD")

SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "zhupei.portals.shared.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
if PRODUCTION:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOADS = VAR / "uploads"
UPLOADS.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_TEMP_DIR = str(UPLOADS)
MAX_ARCHIVE_BYTES = env("MAX_ARCHIVE_BYTES")
FILES_ACCEL_PREFIX = env("FILES_ACCEL_PREFIX")
TRUSTED_PROXIES = env("TRUSTED_PROXIES")
CALENDAR_FILE = env("CALENDAR_FILE")

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR / "files")},
    },
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR / "files")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SMS_GATEWAY = env("SMS_GATEWAY")
PROCRASTINATE_ON_APP_READY = "foundation.jobs.queue.on_app_ready"

DJANGO_TABLES2_TEMPLATE = "ui/table.html"
COTTON_SNAKE_CASED_NAMES = True

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # accounts are unique per portal; zhupei.accounts.backends looks them up by both
]

# Structured logs: one JSON object a line in production, readable lines in development. Never ID numbers or phones.
_SHARED_PROCESSORS: list = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_SHARED_PROCESSORS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False)
            if PRODUCTION
            else structlog.dev.ConsoleRenderer(colors=False),
            "foreign_pre_chain": _SHARED_PROCESSORS,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL")},
    "loggers": {
        "axes": {"level": "ERROR"},
        "django_structlog": {"level": "INFO" if PRODUCTION else "WARNING"},
        "procrastinate": {"level": "WARNING"},
    },
}
