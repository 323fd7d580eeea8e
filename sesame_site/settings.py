"""Settings, each read from the environment or .env; .env.example documents every one."""

import os
import sys
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from sesame_site import paths, services
from sesame_site.kit.database import limits
from sesame_site.kit.logs import configure_logs
from sesame_site.kit.secret import kept_secret

env = environ.Env()
env.read_env(str(paths.HOME / ".env"))

DEBUG: bool = env.bool("DEBUG", default=False)
HTTPS: bool = env.bool("HTTPS", default=not DEBUG)
SESAME_VAR = Path(env.str("SESAME_VAR", default=str(paths.HOME / "var"))).resolve()
SECRET_KEY: str = env.str("SECRET_KEY", default="") or kept_secret(SESAME_VAR)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_NAME = "Sesame"

# --- What it is made of ---

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "oauth2_provider",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "csp",
    "pghistory",
    "pgtrigger",
    "django_structlog",
    "django_prometheus",
    "citizens",
    "scoring",
    "perks",
    "observatory",
    "sesame_site.demo",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sesame_site.kit.pages.csp.ContentSecurityPolicy",
    "sesame_site.kit.rest.bodies.LengthRequired",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sesame_site.kit.requests.RequestLog",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "citizens.reads.ReadsAreNoted",
    "sesame_site.kit.database.readonly.ReadOnlyGet",
]

ROOT_URLCONF = "sesame_site.urls"
WSGI_APPLICATION = "sesame_site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [paths.TEMPLATES],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sesame_site.context.page",
            ],
            "builtins": [
                "sesame_site.kit.pages.numbers",
                "sesame_site.kit.pages.forms",
                "sesame_site.navigation",
                "scoring.explanation.wording",
            ],
        },
    },
]

# --- Where it keeps things ---


def _database(url: str) -> dict[str, Any]:
    database: dict[str, Any] = dict(environ.Env.db_url_config(url))
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host/name")
    options = database.setdefault("OPTIONS", {})
    # A folder of sockets comes as ?host=, and others with it; what reads these settings wants them in their places.
    for name in ("host", "port", "user", "password"):
        database[name.upper()] = options.pop(name, "") or database[name.upper()]
    return database | {
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": limits.KEEPALIVES | options,
    }


DATABASES = {"default": _database(env.str("DATABASE_URL", default="") or services.postgres_url(SESAME_VAR))}
PROCESS: str = env.str("SESAME_PROCESS", default="") or limits.kind_of_process(sys.argv)
if PROCESS not in limits.LIMITS:
    raise ImproperlyConfigured(f"SESAME_PROCESS must be one of {', '.join(limits.LIMITS)}.")
DATABASE_LIMITS = limits.Limits(
    *(
        env.int(f"DATABASE_{name.upper()}_SECONDS", default=default)
        for name, default in limits.LIMITS[PROCESS]._asdict().items()
    )
)
# By the environment, which every driver in this process reads for every connection that it opens.
os.environ["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} {DATABASE_LIMITS.as_options()}".strip()
REDIS_URL: str = env.str("REDIS_URL", default="") or services.valkey_url(SESAME_VAR)

# Whoever waits for a page is told at once. One more attempt, as the server may have been started again meanwhile.
REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 2, "socket_timeout": 5, "retry": Retry(NoBackoff(), 1)}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": REDIS_OPTIONS,
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = SESAME_VAR / "static"
STATICFILES_DIRS = [paths.STATIC]
STATIC_BUILT: bool = env.bool("STATIC_BUILT", default=not DEBUG)
WHITENOISE_USE_FINDERS = not STATIC_BUILT
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_BUILT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = SESAME_VAR / "media"
if not STATIC_BUILT:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that is not there

# --- Who may come in ---

AUTH_USER_MODEL = "citizens.User"
AUTHENTICATION_BACKENDS = [
    "citizens.access.RecordsByRights",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Days from a right being given, or an account touched by somebody else, until it can approve what others began.
COOLING_DAYS: int = env.int("COOLING_DAYS", default=7)
OPEN_SIGNUP: bool = env.bool("OPEN_SIGNUP", default=False)
ACCOUNT_FORMS = {"login": "sesame_site.kit.accounts.adapters.SignInForm"}
ACCOUNT_ADAPTER = "sesame_site.kit.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {} if env.bool("SIGN_IN_LIMITS", default=True) else False
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("TRUSTED_PROXIES", default=0)
MFA_ADAPTER = "sesame_site.kit.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = SITE_NAME
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "sesame_site.kit.accounts.passkeys.AddPasskeyForm",
    "edit_webauthn": "sesame_site.kit.accounts.passkeys.RenamePasskeyForm",
    "authenticate_webauthn": "sesame_site.kit.accounts.passkeys.SecondPasskeyForm",
    "login_webauthn": "sesame_site.kit.accounts.passkeys.SignInPasskeyForm",
    "reauthenticate_webauthn": "sesame_site.kit.accounts.passkeys.ConfirmPasskeyForm",
}
# False also over plain http: browsers offer passkeys there for localhost alone, which is accepted anyway, and True
# would accept an answer made for any other site.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    "SCOPES": {
        "score:read": _("See your score and its band"),
        "explanation:read": _("See every line that makes up your score"),
        "history:read": _("See how your score has changed"),
        "behaviours:write": _("Furnish behaviours of consenting citizens"),
        "rulesets:read": _("Read the rule sets"),
        "runs:read": _("Read the runs"),
    },
    "DEFAULT_SCOPES": [],
    "SCOPES_BACKEND_CLASS": "citizens.scopes.AllowedScopes",
    "PKCE_REQUIRED": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    # The current best practice (RFC 9700): each of these forbids one thing that older clients did.
    **{
        f"COMPLIANT_BCP_RFC9700_{rule}": True
        for rule in (
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "TOKEN_STORAGE",
        )
    },
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
    "ROTATE_REFRESH_TOKEN": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"] if HTTPS else ["https", "http"],
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth2_provider.contrib.rest_framework.OAuth2Authentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["sesame_site.kit.rest.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["sesame_site.kit.rest.filters.StrictFilters"],
    "DEFAULT_PAGINATION_CLASS": "sesame_site.kit.rest.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "sesame_site.kit.rest.schema.Schema",
    "EXCEPTION_HANDLER": "sesame_site.kit.rest.problems.exception_handler",
    "DEFAULT_THROTTLE_CLASSES": [
        "sesame_site.kit.rest.throttles.StrangersRate",
        "sesame_site.kit.rest.throttles.CallersRate",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("API_RATE_ANONYMOUS", default="60/min"),
        "user": env.str("API_RATE_SIGNED_IN", default="600/min"),
    },
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Sesame",
    "DESCRIPTION": "Scores, why they are what they are, and what feeds them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": None,
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RunStatusEnum": "scoring.enums.RunStatus.choices",
        "RuleSetStatusEnum": "scoring.enums.RuleSetStatus.choices",
    },
    "OAUTH2_FLOWS": ["authorizationCode", "clientCredentials"],
    "OAUTH2_AUTHORIZATION_URL": "/o/authorize/",
    "OAUTH2_TOKEN_URL": "/o/token/",
    "OAUTH2_SCOPES": OAUTH2_PROVIDER["SCOPES"],
}

# --- Safety in the browser ---

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
# These pages come from libraries that style inline and, in the admin, evaluate expressions.
CONTENT_SECURITY_POLICY_BY_PREFIX: dict[str, dict[str, list[str]]] = {
    "/admin/": {
        "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
    },
    "/api/docs/": {"style-src": ["'self'", "'unsafe-inline'"], "worker-src": ["'self'", "blob:"]},
    # After consent the browser is sent on to the client, which form-action would forbid.
    "/o/authorize/": {"form-action": ["'self'", "https:", "http://localhost:*", "http://127.0.0.1:*"]},
}

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "sesame_site.kit.pages.unsaved.csrf_failure"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS: int = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Language and time ---

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
LOCALE_PATHS = [paths.PACKAGE / "locale"]
FORMAT_MODULE_PATH = "sesame_site.formats"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- How the web server behaves ---

WEB_THREADS: int = env.int("WEB_THREADS", default=4)
WEB_QUEUE: int = env.int("WEB_QUEUE", default=64)
WEB_SECONDS_TO_SEND: float = env.float("WEB_SECONDS_TO_SEND", default=20)
WEB_SECONDS_TO_TAKE: float = env.float("WEB_SECONDS_TO_TAKE", default=20)

# --- E-mail ---

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
MAIL_BACKEND: str = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_BACKEND = "sesame_site.kit.mail.CountedMail"
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="sesame@localhost")

# --- Background work ---

CELERY_BROKER_URL = REDIS_URL
# Nobody asks for results: what came of a task stands in the database. Whoever sends one would wait 20 seconds for a
# broker that is away.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_DEFAULT_QUEUE = "sesame"
CELERY_TASK_TIME_LIMIT = 3600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * 3600, "socket_connect_timeout": 5}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 10
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- Metrics ---

# Where several web processes add up what they count; without it each tells of itself alone.
if METRICS_FOLDER := env.str("METRICS_FOLDER", default=""):
    Path(METRICS_FOLDER).mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = METRICS_FOLDER

# --- Logs ---

LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
LOG_AS_JSON: bool = env.bool("LOG_AS_JSON", default=False)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOGGING_CONFIG = None
configure_logs(level=LOG_LEVEL, as_json=LOG_AS_JSON)

# --- The admin ---

UNFOLD = {
    "SITE_TITLE": "Sesame records",
    "SITE_HEADER": "Sesame records",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": f"{STATIC_URL}sesame/icon.svg"}],
    "ENVIRONMENT": "sesame_site.context.mark_of_records",
}

# Arrow and numba start threads of their own; a fork of a Celery pool must not inherit half of them.
os.environ.setdefault("NUMBA_THREADING_LAYER", "workqueue")

# --- Scores ---

SCORE_RUNS_KEPT: int = env.int("SCORE_RUNS_KEPT", default=24)
SPARK_MASTER: str = env.str("SPARK_MASTER", default="local[*]")
SPARK_FOLDER = Path(env.str("SPARK_FOLDER", default=str(SESAME_VAR / "spark"))).resolve()
