"""The only module that makes HTML out of text. Text from people goes in as text and comes out as text.

Whatever is not :class:`SafeHtml` is escaped, so forgetting is harmless. It never reads a file or an
address, never guesses that a text is markup, a path or a link, and has no way to let raw markup through.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping

_VOID = {"br", "hr", "meta"}
# Elements that hold text and structure. No script, style, img, iframe, form: nothing here runs, loads or sends.
_ELEMENTS = _VOID | set(
    "a abbr article aside blockquote body caption code dd details div dl dt em figcaption figure footer h1 h2 h3 h4 "
    "head header html li main nav ol p pre section small span strong summary table tbody td tfoot th thead time title "
    "tr ul".split()
)
_ATTRIBUTES = set(
    "charset class colspan content datetime dir headers hidden href id lang name role rowspan scope start "
    "tabindex".split()
)
_ATTRIBUTE_FAMILY = re.compile(r"(aria|data)-[a-z][a-z0-9-]*")
_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_RELATIVE = re.compile(r"[\w.~-][\w.~/-]*")
_ANCHOR = re.compile(r"#[\w.:-]+")
_FILE_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")

# Control characters, half surrogates, and the marks that turn the reading direction of what follows: a name that
# uses them shows something else than it says. They are replaced by a visible sign, not dropped in silence.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class SafeHtml(str):
    """Markup that was made here. Any ordinary string operation on it gives a plain ``str`` again."""

    __slots__ = ()

    def __html__(self) -> str:
        """For Jinja and others that know the protocol: this is markup already."""
        return self


NOTHING = SafeHtml("")
DOCTYPE = SafeHtml("<!DOCTYPE html>")
Child = str | None | Iterable["Child"]


def printable(value: str) -> str:
    """*value* with every character that cannot be shown replaced by a visible sign.

    >>> printable("Elif\\x00 Kaya")
    'Elif\ufffd Kaya'
    """
    if not isinstance(value, str):
        raise TypeError(f"A page shows text only: write {value!r} in the reader's language first.")
    return _UNPRINTABLE.sub(REPLACEMENT, value)


def text(value: str) -> SafeHtml:
    """*value* as text; markup made here stays as it is.

    Raises TypeError for anything but a string: numbers and dates are written by the language.

    >>> text("<b>Elif & Can</b>")
    '&lt;b&gt;Elif &amp; Can&lt;/b&gt;'
    >>> text(text("1 < 2"))
    '1 &lt; 2'
    """
    return value if isinstance(value, SafeHtml) else SafeHtml(html.escape(printable(value), quote=True))


def join(children: Iterable[Child], separator: str = "") -> SafeHtml:
    """*children* one after the other; strings are escaped, None is left out, nested groups are flattened."""
    parts = [text(child) if isinstance(child, str) else join(child) for child in children if child is not None]
    return SafeHtml(text(separator).join(parts))


def tag(name: str, /, *children: Child, **attributes: str | bool | None) -> SafeHtml:
    """An element. ``class_`` stands for class, ``aria_label`` for aria-label; None and False leave an attribute out.

    Raises ValueError for an element or attribute that could run, load or send something, and for an
    address that is not a relative path or an #anchor.

    >>> tag("p", "5 < 6", tag("br"), class_="sc-lead")
    '<p class="sc-lead">5 &lt; 6<br></p>'
    >>> tag("a", "Elif", href="javascript:alert(1)")
    Traceback (most recent call last):
    ValueError: 'javascript:alert(1)' is not a relative path or an #anchor.
    """
    if name not in _ELEMENTS:
        raise ValueError(f"A page has no element '{name}'.")
    if name in _VOID and children:
        raise ValueError(f"The element '{name}' cannot hold anything.")
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    return SafeHtml(f"<{name}{written}>" if name in _VOID else f"<{name}{written}>{join(children)}</{name}>")


def _attribute(key: str, value: str | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    if name not in _ATTRIBUTES and not _ATTRIBUTE_FAMILY.fullmatch(name):
        raise ValueError(f"A page has no attribute '{name}'.")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    # Markup in an attribute is text: escape a SafeHtml too, it was made for another place.
    written = html.escape(printable(address(value) if name == "href" else value), quote=True)
    return f' {name}="{written}"'


def address(value: str) -> str:
    """*value*, which must be a relative path or an #anchor.

    >>> address("reviews/elif.html"), address("#numbers")
    ('reviews/elif.html', '#numbers')
    >>> address("//example.org/x")
    Traceback (most recent call last):
    ValueError: '//example.org/x' is not a relative path or an #anchor.
    """
    if _RELATIVE.fullmatch(value) or _ANCHOR.fullmatch(value):
        return value
    raise ValueError(f"{value!r} is not a relative path or an #anchor.")


def download(label: str, name: str, media_type: str, data: bytes) -> SafeHtml:
    """A link that saves *data*, which travels in the page, as the file *name*; nothing is loaded or opened.

    Raises ValueError for a name with a path in it, and for what is no media type.

    >>> download("Minutes", "m.txt", "text/plain", b"hi")
    '<a download="m.txt" href="data:text/plain;base64,aGk=">Minutes</a>'
    """
    if not _FILE_NAME.fullmatch(name) or not _MEDIA_TYPE.fullmatch(media_type):
        raise ValueError(f"{name!r} of type {media_type!r} is no file that is offered: a plain name and a media type.")
    encoded = base64.b64encode(data).decode()
    return SafeHtml(f'<a download="{name}" href="data:{media_type};base64,{encoded}">{text(label)}</a>')


def style(css: str) -> SafeHtml:
    """A style sheet of ours. Raises ValueError when it could end its element or load something."""
    if re.search(r"</|<!--|@import|url\(", css, re.IGNORECASE):
        raise ValueError("A style sheet loads nothing and contains no markup.")
    return SafeHtml(f"<style>\n{css.strip()}\n</style>")


def script_file(path: str) -> SafeHtml:
    """A script of ours, loaded by a relative *path*."""
    return SafeHtml(f'<script src="{html.escape(address(path), quote=True)}"></script>')


def call(function: str, *arguments: object) -> SafeHtml:
    """A script that calls *function*, a name of ours, with *arguments* as JSON.

    Nothing in a text can end the element or the string. NaN raises ValueError: it is not JSON.

    >>> call("Plotly.newPlot", "figure-1", ["</script>"])
    '<script>Plotly.newPlot("figure-1", ["\\\\u003c/script\\\\u003e"]);</script>'
    """
    if not _FUNCTION.fullmatch(function):
        raise ValueError(f"{function!r} is not the name of a function.")
    return SafeHtml(f"<script>{function}({', '.join(_script_json(argument) for argument in arguments)});</script>")


def _script_json(value: object) -> str:
    # A half surrogate is kept as an escape: it cannot be written as UTF-8.
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", written)


def _plain(value: object) -> dict[str, object]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON.")
