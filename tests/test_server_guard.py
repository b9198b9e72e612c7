"""Who gets an answer from the server, and what it never gives away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests
import websocket
from server_apps import MARK, QUIET, Stock, ask, kernels, stock_voila, write_app

from salescoach.errors import UsageError
from salescoach.server import Server
from salescoach.workspace import Workspace

PAGE = "/voila/render/app_quiet.ipynb"


@pytest.fixture(scope="module")
def careless_setup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person's Jupyter configuration that opens Voila to the network without a token."""
    folder = tmp_path_factory.mktemp("jupyter")
    (folder / "voila.json").write_text(json.dumps({"Voila": {"ip": "0.0.0.0", "token": ""}}))
    return folder


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.create(tmp_path_factory.mktemp("guard") / "workspace", name="Örnek A.Ş.")


@pytest.fixture(scope="module")
def server(workspace: Workspace, careless_setup: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    app = write_app(tmp_path_factory.mktemp("apps"), "app_quiet.ipynb", QUIET)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_CONFIG_DIR", str(careless_setup))
        with Server(workspace, apps=[app], language="tr") as running:
            yield running


@pytest.fixture(scope="module")
def session(server: Server) -> requests.Session:
    """Somebody who has shown the token once."""
    visitor = requests.Session()
    assert visitor.get(server.url, allow_redirects=False).status_code == 303
    return visitor


@pytest.fixture(scope="module")
def cookie(session: requests.Session) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in session.cookies)


@pytest.fixture(scope="module")
def page(server: Server, session: requests.Session) -> str:
    """The app as it is delivered; its kernel stays."""
    return session.get(f"http://127.0.0.1:{server.port}{PAGE}", timeout=120).text


@pytest.fixture(scope="module")
def stock(careless_setup: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """Voila as it comes, with the same configuration: shows that these tests can fail."""
    folder = tmp_path_factory.mktemp("stock")
    (folder / "chart.png").write_bytes(b"a chart of one rep")
    with stock_voila(folder, setup=careless_setup) as running:
        yield running


def listening(pid: int) -> set[str]:
    return {place.laddr.ip for place in psutil.Process(pid).net_connections("inet") if place.status == "LISTEN"}


# Who is let in


def test_without_the_token_there_is_no_page_and_no_kernel(server: Server):
    before = kernels(server)
    answer = requests.get(f"http://127.0.0.1:{server.port}{PAGE}")

    assert answer.status_code == 403
    assert "bağlantı" in answer.text  # says, in the server's language, what to do
    assert kernels(server) == before


def test_a_wrong_token_is_no_token(server: Server):
    before = kernels(server)

    assert requests.get(f"http://127.0.0.1:{server.port}{PAGE}?token=wrong").status_code == 403
    assert kernels(server) == before


def test_the_token_becomes_a_cookie_and_leaves_the_address(server: Server):
    answer = requests.get(server.link("app_quiet.ipynb", rep="Elif"), allow_redirects=False)

    assert answer.headers["Location"] == f"{PAGE}?rep=Elif"
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]


def test_the_bare_address_leads_to_the_first_app(server: Server):
    token = urlsplit(server.url).query
    answer = requests.get(f"http://127.0.0.1:{server.port}/?{token}&rep=Elif", allow_redirects=False)

    assert answer.headers["Location"] == f"{PAGE}?rep=Elif"
    assert answer.cookies


def test_a_ticket_opens_the_page_once(server: Server):
    """It stands on the command line of the browser that we start, where others can read it."""
    assert requests.get(server.once, allow_redirects=False).status_code == 303
    assert requests.get(server.once).status_code == 403


def test_no_command_line_shows_the_token(server: Server, page: str):
    token = urlsplit(server.url).query.removeprefix("token=")
    shown = [part for process in [psutil.Process(server.pid), *kernels(server)] for part in process.cmdline()]

    assert shown
    assert not any(token in part for part in shown)


# Which requests are answered at all

FOREIGN = {
    "foreign host": {"Host": "reviews.example"},
    "foreign host with our port": {"Host": "reviews.example:{port}"},
    "host that only begins like us": {"Host": "127.0.0.1:{port}.example"},
    "other port": {"Host": "127.0.0.1:1"},
    "foreign origin": {"Origin": "http://reviews.example"},
    "opaque origin": {"Origin": "null"},
    "other program on this machine": {"Origin": "http://127.0.0.1:1"},
    "link in a foreign page": {"Sec_Fetch_Site": "cross-site"},
    "page of another program on this machine": {"Sec_Fetch_Site": "same-site"},
}
PATHS = {
    "page": PAGE,
    "style sheet": "/voila/templates/salescoach/static/page.css",
    "socket": "/api/kernels/00000000-0000-0000-0000-000000000000/channels",
    "nothing": "/nothing",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_another_site_gets_nothing_even_with_our_cookie(
    server: Server, cookie: str, headers: dict[str, str], path: str
):
    before = kernels(server)
    sent = {name: value.format(port=server.port) for name, value in headers.items()}

    status, _ = ask(server.port, path, Cookie=cookie, Connection="Upgrade", Upgrade="websocket", **sent)

    assert status == 403
    assert kernels(server) == before


def test_our_own_page_gets_an_answer(server: Server, cookie: str):
    """The same requests with our own name: found, or not there, but not refused."""
    ours = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{server.port}", "Sec_Fetch_Site": "same-origin"}
    answers = [ask(server.port, path, **ours)[0] for name, path in PATHS.items() if name != "page"]

    assert answers == [200, 404, 404]


def test_stock_voila_answers_anybody(stock: Stock):
    """Negative control for the two above."""
    tree = "/voila/tree?token=stock"

    assert ask(stock.port, tree, Host="reviews.example")[0] == 200
    assert ask(stock.port, tree, Sec_Fetch_Site="cross-site")[0] == 200


# What is never given away

CLIMBS = (
    "../../../../../../../../etc/passwd",
    "..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5c..%5c..%5cetc%5cpasswd",
    "....//....//....//....//etc/passwd",
    "%252e%252e%252f%252e%252e%252fetc%252fpasswd",
    "/etc/passwd",
    "//etc/passwd",
    "etc/passwd",
    "%2fetc%2fpasswd",
    "app_quiet.ipynb",
    "../apps/app_quiet.ipynb",
    "..%2fapps%2fapp_quiet.ipynb",
    "{workspace}/salescoach.toml",
    "..{workspace}/salescoach.toml",
    "salescoach/static/../../../../../words/tr/server.toml",
    ".%00/app_quiet.ipynb",
    "",
)
ROOMS = (
    "/",
    "/static/",
    "/files/",
    "/voila/files/",
    "/voila/static/",
    "/voila/templates/",
    "/voila/templates/salescoach/static/",
    "/voila/labextensions/",
    "/voila/api/contents/",
    "/voila/api/themes/",
    "/voila/tree/",
    "/api/contents/",
    "/nbconvert/html/",
    "/voila/render/../files/",
)
SECRETS = ("root:x:", "root:*:", MARK, "Örnek A.Ş.", "server.refused", 'app_quiet.ipynb"')


@pytest.mark.parametrize("room", ROOMS)
def test_no_path_leads_to_a_file(server: Server, workspace: Workspace, cookie: str, room: str):
    for climb in CLIMBS:
        for visitor in ({"Cookie": cookie}, {}):
            status, body = ask(server.port, room + climb.format(workspace=workspace.path), **visitor)

            given_away = [secret for secret in SECRETS if secret in body]
            assert not given_away, (climb, status)
            assert status != 200, (climb, status)


def test_only_the_named_apps_run(server: Server, cookie: str):
    before = kernels(server)
    others = ("app_other.ipynb", "../apps/app_quiet.ipynb", "APP_QUIET.ipynb", "app_quiet.ipynb/", "")

    assert [ask(server.port, f"/voila/render/{name}", Cookie=cookie)[0] for name in others] == [404] * len(others)
    assert kernels(server) == before


def test_stock_voila_serves_pictures_without_a_token(stock: Stock):
    """Negative control: a chart of one rep, for anybody."""
    assert ask(stock.port, "/voila/files/chart.png") == (200, "a chart of one rep")


def test_the_page_holds_neither_source_nor_token(server: Server, page: str):
    assert "salescoach-end" in page
    assert MARK not in page
    assert urlsplit(server.url).query.removeprefix("token=") not in page


# Where it listens


def test_it_listens_on_this_machine_only_whatever_the_configuration_says(server: Server):
    assert listening(server.pid) == {"127.0.0.1"}


def test_stock_voila_obeys_the_careless_configuration(stock: Stock):
    """Negative control."""
    assert listening(stock.pid) == {"0.0.0.0"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "localhost", "reviews.example"])
def test_another_bind_is_refused(workspace: Workspace, host: str):
    with pytest.raises(UsageError, match="this machine only"):
        Server(workspace, apps=["app_review.ipynb"], language="tr", host=host)


# What an open page can do


def test_a_viewer_cannot_run_code(server: Server, page: str, cookie: str, tmp_path: Path):
    """The socket of the page answers what widgets ask, and drops the request to execute."""
    found = re.search(r'"kernelId": "([\w-]+)"', page)
    assert found
    url = f"ws://127.0.0.1:{server.port}/api/kernels/{found[1]}/channels?session_id=s"
    code = f"open({str(tmp_path / 'ran')!r}, 'w').close()"
    line = websocket.create_connection(url, cookie=cookie, origin=f"http://127.0.0.1:{server.port}", timeout=60)
    try:
        for kind, content in (("execute_request", {"code": code}), ("kernel_info_request", {})):
            header = {"msg_id": kind, "msg_type": kind, "session": "s", "username": "", "version": "5.3"}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
            line.send(json.dumps(message))
        answers: list[str] = []
        while "kernel_info_reply" not in answers:
            answers.append(json.loads(line.recv())["msg_type"])
    finally:
        line.close()

    assert "execute_reply" not in answers
    assert not (tmp_path / "ran").exists()
