"""The pages of the server: who is let in, which app they see, and what they are told when there is none.

Voila renders the apps. Never runs a notebook that was not named when the server started, and never keeps the token in
an address that a kernel, a log or the browser's history could see.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from tornado.httputil import HTTPServerRequest
from traitlets import Unicode
from traitlets.config import Config
from voila.tornado.handler import TornadoVoilaHandler

from salescoach import resources
from salescoach.language import CODES
from salescoach.server.guard import same_secret

RENDER = "/voila/render/"
# Should text from people ever become markup, it still cannot load anything or send anything away. FigureWidget compiles
# functions and loads its module from text, hence 'unsafe-eval' and blob:.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def language_of(handler: web.RequestHandler) -> str:
    """The language asked for, when there is such a one, else the server's."""
    asked = handler.get_query_argument("language", "")
    return asked if asked in CODES else str(handler.settings["language"])


def name_the_page(handler: web.RequestHandler, notebook: Any, cwd: str) -> None:
    """Give the notebook the title that its page has in the language asked for."""
    app = handler.request.path.removeprefix(RENDER).removesuffix(".ipynb")
    words = resources.load_words(language_of(handler))
    if words.has(f"server.title.{app}"):
        notebook.metadata["title"] = words(f"server.title.{app}")


class TokenOnly(IdentityProvider):
    """Who has the token is in; no password, no login form. The cookie ends with the browser's session."""

    ticket = Unicode(config=True, help="Opens one page, once.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.cookie_options = {"samesite": "Strict", "expires_days": None}

    def get_handlers(self) -> list[tuple[str, object]]:
        """No login and no logout page."""
        return []

    async def get_user_token(self, handler: web.RequestHandler) -> User | None:
        """The person who shows the token, or the ticket for the first time."""
        given = self.get_token(handler) or ""
        if same_secret(given, self.ticket):
            self.ticket = ""
        elif not same_secret(given, self.token):
            return None
        known = self.get_user_cookie(handler)
        return known if isinstance(known, User) else self.generate_anonymous_user(handler)


class Notices:
    """Says in the reader's language why there is no page, and in the log what went wrong; mixed into handlers."""

    KEYS: Mapping[int, str] = {403: "refused", 404: "missing", 503: "full"}

    def write_error(self: Any, status_code: int, **problem: Any) -> None:
        """The notice for a status."""
        language, key = language_of(self), self.KEYS.get(status_code, "failed")
        words = resources.load_words(language)
        page = self.settings["voila_jinja2_env"].get_template("notice.html")
        title, text = words(f"server.{key}.title"), words(f"server.{key}.text")
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.finish(page.render(language=language, title=title, text=text))

    def log_exception(self: Any, kind: Any, problem: Any, trace: Any) -> None:
        """Faults only, by path: Tornado would write the query down as well, and it names people."""
        if not isinstance(problem, web.HTTPError):
            fault = (kind, problem, trace)
            self.settings["voila"].log.error("%s %s", self.request.method, self.request.path, exc_info=fault)


class Notice(Notices, web.RequestHandler):
    """Answers any request with one status and its notice."""

    def initialize(self, status: int) -> None:
        self.status = status

    def prepare(self) -> None:
        self.send_error(self.status)

    def check_xsrf_cookie(self) -> None:
        """Nothing is changed here."""


class Front(Notices, JupyterHandler):
    """The bare address leads to the first app, with its query; the token becomes a cookie on the way."""

    def initialize(self, app: str) -> None:
        self.app = app

    @web.authenticated
    async def get(self) -> None:
        self.redirect(without_token(self.request, RENDER + self.app), status=303)


class AppPage(Notices, TornadoVoilaHandler):  # type: ignore[misc]
    """One of the named apps, and nothing else."""

    traitlet_config: Config

    def initialize(self, apps: list[str], **options: Any) -> None:
        super().initialize(**options)
        self.apps = apps

    @web.authenticated
    async def get(self, path: str) -> None:
        if path not in self.apps:
            raise web.HTTPError(404, "Not one of the apps")
        if "token" in self.request.query_arguments:
            # The cookie is set by now. The kernel, the history of the browser and the log need not know the token.
            self.redirect(without_token(self.request, self.request.path), status=303)
            return
        _ = self.xsrf_token  # sets the cookie without which the page could not end its kernel when it is closed
        self.traitlet_config = deepcopy(self.traitlet_config)
        self.traitlet_config.VoilaExporter.language_code = language_of(self)
        await super().get(path)


def without_token(request: HTTPServerRequest, path: str) -> str:
    """*path* with the query of *request*, but for the token."""
    query = [(name, value) for name, value in parse_qsl(request.query, keep_blank_values=True) if name != "token"]
    return f"{path}?{urlencode(query)}" if query else path
