"""The server process: Voila with our own settings, routes and guard. :class:`salescoach.server.Server` starts it.

Reads its order from standard input and nothing from command line, configuration files or a person's Jupyter set-up.
It never listens by itself (the socket is handed to it) and never serves a file: only the apps it was told, their
kernels, and the JavaScript and style sheets of Voila.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import sys
from collections.abc import Sequence
from typing import Any

from jupyter_core.utils import run_sync
from jupyter_server.base.handlers import FileFindHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from traitlets import Integer
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from salescoach import resources
from salescoach.language import CODES
from salescoach.server.guard import hosts, refusal
from salescoach.server.pages import CONTENT_SECURITY_POLICY, RENDER, AppPage, Front, Notice, TokenOnly, name_the_page
from salescoach.server.voila import READY, Order

# Everything else that Voila would route (directory tree, contents, files, themes, login form) is left out.
KEPT = (
    KernelHandler,
    VoilaKernelWebsocketHandler,
    VoilaShutdownKernelHandler,
    TemplateStaticFileHandler,
    MultiStaticFileHandler,
    FileFindHandler,
)


def configuration(order: Order) -> Config:
    """Voila's settings for one person on one machine; each is here because its default is unsafe or unsuitable."""
    config = Config()
    config.Voila.root_dir = os.path.join(order.folder, "apps")
    config.Voila.token = order.token
    config.Voila.identity_provider_class = TokenOnly
    config.Voila.open_browser = False
    config.Voila.log_level = "WARN"
    config.TokenOnly.ticket = order.ticket
    config.VoilaConfiguration.template = "salescoach"
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.file_allowlist = []
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.strip_sources = True
    config.VoilaConfiguration.prelaunch_hook = name_the_page
    config.VoilaConfiguration.multi_kernel_manager_class = CappedKernels
    config.VoilaConfiguration.resources = {
        "words": page_words(),
        "apps": app_titles(order.apps),
        "page_css": resources.page_style,
    }
    config.VoilaExporter.language_code = order.language
    config.CappedKernels.most = order.limits.kernels
    config.MappingKernelManager.cull_idle_timeout = order.limits.idle_seconds
    config.MappingKernelManager.cull_interval = order.limits.check_seconds
    config.MappingKernelManager.cull_connected = False
    config.MappingKernelManager.allow_tracebacks = False
    config.KernelManager.transport = "ipc"  # TCP ports are open to every user of the machine, and can clash
    config.KernelManager.shutdown_wait_time = 2.0
    config.KernelRestarter.restart_limit = 0  # a restarted kernel knows nothing, and the page would wait for ever
    return config


def page_words() -> dict[str, dict[str, str]]:
    """The texts of the page template, by language."""
    catalogues = {code: resources.load_words(code) for code in CODES}
    keys = ("loading", "javascript", "incomplete", "apps")
    return {code: {key: words(f"server.{key}") for key in keys} for code, words in catalogues.items()}


def app_titles(apps: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """Path and title of each app that has a title, by language: the way from one app to another."""
    catalogues = {code: resources.load_words(code) for code in CODES}
    stems = {app: f"server.title.{app.removesuffix('.ipynb')}" for app in apps}
    return {
        code: [{"path": app, "title": words(key)} for app, key in stems.items() if words.has(key)]
        for code, words in catalogues.items()
    }


class CappedKernels(AsyncMappingKernelManager):
    """Kernels up to a number; then 503, which leaves the pages that are open alone."""

    most = Integer(8, config=True, help="Kernels at a time.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)  # type: ignore[no-untyped-call]
        self._starting: set[str] = set()

    async def start_kernel(self, **options: Any) -> str:  # type: ignore[override]
        """Start one, unless there are enough, counting those that are still starting."""
        if len(self._starting.union(self.list_kernel_ids())) >= self.most:
            raise web.HTTPError(503, "As many kernels as allowed are running")
        kernel_id = self.new_kernel_id(**options)
        self._starting.add(kernel_id)
        try:
            return str(await super().start_kernel(kernel_id=kernel_id, **options))
        finally:
            self._starting.discard(kernel_id)


class GuardedApplication(web.Application):
    """Looks at every request before any handler does: pages, static files and sockets alike."""

    def find_handler(self, request: HTTPServerRequest, **options: Any) -> Any:
        reason = refusal(request.headers, self.settings["hosts"])
        if reason:
            self.settings["voila"].log.warning("Refused: %s", reason)
            return self.get_handler_delegate(request, Notice, {"status": 403})
        return super().find_handler(request, **options)


# Warnings that are always there and mean nothing here: our notebooks carry no signature of Jupyter's, and Jupyter
# gives Tornado a time-out that Tornado takes for too long.
ALWAYS_SAID = ("is not trusted", "websocket_ping_timeout")


def worth_saying(record: logging.LogRecord) -> bool:
    """False for the warnings of :data:`ALWAYS_SAID`."""
    return not any(words in str(record.msg) for words in ALWAYS_SAID)


class App(Voila):  # type: ignore[misc]
    """Voila without its configuration files, its listening and its directory mode."""

    order: Order

    def load_config_file(self, *names: Any, **options: Any) -> None:
        """None: a file that lies about could open the server to the network."""

    def init_settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = super().init_settings()
        return settings | {
            "language": self.order.language,
            "hosts": hosts(self.order.port),
            "headers": {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Referrer-Policy": "same-origin"},
            "login_url": "/refused",
            "default_handler_class": Notice,
            "default_handler_args": {"status": 404},
            "xsrf_cookie_kwargs": {"samesite": "Strict"},
            "log_function": self.log_request,
        }

    def init_handlers(self) -> list[Any]:
        apps = {
            "apps": self.order.apps,
            "template_paths": self.template_paths,
            "config": self.config,
            "voila_configuration": self.voila_configuration,
        }
        return [
            ("/", Front, {"app": self.order.apps[0]}),
            ("/refused", Notice, {"status": 403}),
            (RENDER + "(.*)", AppPage, apps),
            *(route for route in super().init_handlers() if route[1] in KEPT),
        ]

    def log_request(self, handler: web.RequestHandler) -> None:
        """One line for a request that failed; its query is left out, since it names people."""
        status, request = handler.get_status(), handler.request
        if status >= 400:
            self.log.warning("%d %s %s", status, request.method, request.path)

    def start(self) -> None:
        """Serve on the socket we were given until a signal comes, or until whoever started us is gone."""
        self.ioloop = IOLoop.current()
        self.connection_dir = os.path.join(self.order.folder, "kernels")
        settings = self.init_settings()
        self.app = GuardedApplication(self.init_handlers(), **settings)
        listener = socket.socket(fileno=self.order.socket)
        listener.setblocking(False)
        listener.set_inheritable(False)
        HTTPServer(self.app).add_socket(listener)
        self.ioloop.add_handler(sys.stdin.fileno(), lambda *_: self.ioloop.stop(), IOLoop.READ)
        os.write(sys.stdout.fileno(), READY)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what kernels print is log, not an answer
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            self.log.info("Interrupted")
        finally:
            run_sync(self.kernel_manager.shutdown_all)()


def main() -> int:
    """Carry out the order on standard input."""
    order = Order.from_json(sys.stdin.readline())
    try:
        app = App.instance(config=configuration(order))
        app.order = order
        for log in (app.log, logging.getLogger("tornado.general")):
            log.addFilter(worth_saying)
        app.initialize([])
        app.start()
    finally:
        shutil.rmtree(order.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
