"""Hostile redirects: loops, long chains, and targets that must never be requested."""

from typing import Final
from urllib.parse import quote

from articles.model import Reason
from tests.site.hostile.registry import Call, notice, page, resource
from tests.site.wire import Answer

CHAIN: Final = 40  # redirects in the sample of /chain

FORBIDDEN: Final = {
    "private": "http://10.0.0.1/secret",
    "private-172": "http://172.16.0.1/secret",
    "private-192": "http://192.168.1.1/secret",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata-name": "http://metadata.google.internal/computeMetadata/v1/",
    "file": "file:///etc/passwd",
    "ftp": "ftp://ftp.hostile.example/list",
    "javascript": "javascript:void(0)",
    "data": "data:text/html,<p>data</p>",
    "gopher": "gopher://127.0.0.1:{port}/_GET",
    "loopback": "http://127.0.0.1:{port}/hostile/secret",
    "loopback-other": "http://127.8.8.8:{port}/hostile/secret",
    "localhost": "http://localhost:{port}/hostile/secret",
    "localhost-dot": "http://localhost.:{port}/hostile/secret",
    "decimal": "http://2130706433:{port}/hostile/secret",
    "hex": "http://0x7f000001:{port}/hostile/secret",
    "hex-parts": "http://0x7f.0.0.1:{port}/hostile/secret",
    "octal": "http://0177.0.0.1:{port}/hostile/secret",
    "short": "http://127.1:{port}/hostile/secret",
    "zero": "http://0:{port}/hostile/secret",
    "any": "http://0.0.0.0:{port}/hostile/secret",
    "ipv6-loopback": "http://[::1]:{port}/hostile/secret",
    "ipv6-mapped": "http://[::ffff:127.0.0.1]:{port}/hostile/secret",
    "ipv6-mapped-hex": "http://[::ffff:7f00:1]:{port}/hostile/secret",
    "ipv6-local": "http://[fe80::1]:{port}/secret",
    "ipv6-nat64": "http://[64:ff9b::7f00:1]:{port}/hostile/secret",
    "fullwidth": "http://１２７.0.0.1:{port}/hostile/secret",
    "userinfo": "http://steppe.example@127.0.0.1:{port}/hostile/secret",
}  # targets of /to/<name>; requests to `secret` are counted


def redirect(location: str, status: int = 302) -> Answer:
    answer = notice("Moved", "The page has moved.", status)
    answer.headers.append(("Location", location))
    return answer


@resource("to", Reason.ADDRESS_REFUSED, Reason.BAD_URL, Reason.REDIRECTED, sample="/to/metadata")
def to_forbidden(call: Call) -> Answer:
    """Redirects to a forbidden target: /to/<name of FORBIDDEN>."""
    return redirect(FORBIDDEN[call.argument].format(port=call.port)) if call.argument in FORBIDDEN else missing()


@resource("secret", Reason.ADDRESS_REFUSED)
def secret(call: Call) -> Answer:
    """Target of forbidden redirects: it must get no request, and its text must be in no store."""
    return notice("Internal console", "INTERNAL-ONLY: nobody outside should ever read this line.")


@resource("loop", Reason.REDIRECT_LOOP, Reason.REDIRECTED)
def loop(call: Call) -> Answer:
    """Two pages that redirect to each other."""
    return redirect(f"{call.base}/loop/{'b' if call.argument == 'a' else 'a'}")


@resource("self", Reason.REDIRECT_LOOP, Reason.REDIRECTED)
def to_itself(call: Call) -> Answer:
    """A page that redirects to itself."""
    return redirect(f"{call.base}/self")


@resource("maze", Reason.REDIRECT_LOOP, Reason.REDIRECTED)
def maze(call: Call) -> Answer:
    """Endless redirects, each to a new URL."""
    return redirect(f"{call.base}/maze/{int(call.argument or '0') + 1}")


@resource("chain", Reason.REDIRECT_LOOP, Reason.REDIRECTED, sample=f"/chain/{CHAIN}")
def chain(call: Call) -> Answer:
    """/chain/<n>: n redirects, then an article; a few are fine, 40 are too many."""
    left = int(call.argument or "0")
    return redirect(f"{call.base}/chain/{left - 1}", 301) if left else page("chain")


@resource("cookie-loop")
def cookie_loop(call: Call) -> Answer:
    """Redirects to itself until the client sends a cookie."""
    if "seen=1" in call.request.headers.get("cookie", ""):
        return page("cookie-loop")
    answer = redirect(f"{call.base}/cookie-loop")
    answer.headers.append(("Set-Cookie", "seen=1; Path=/"))
    return answer


@resource("to-relative", Reason.REDIRECTED)
def to_relative(call: Call) -> Answer:
    """A relative Location."""
    return redirect("fine/relative")


@resource("to-fragment", Reason.REDIRECTED)
def to_fragment(call: Call) -> Answer:
    """A Location with a fragment."""
    return redirect(f"{call.base}/fine/fragment#comments")


@resource("to-unicode", Reason.REDIRECTED)
def to_unicode(call: Call) -> Answer:
    """A Location with raw UTF-8."""
    return redirect(f"{call.base}/fine/новости")


@resource("to-quoted", Reason.REDIRECTED)
def to_quoted(call: Call) -> Answer:
    """The same, correctly percent-encoded."""
    return redirect(f"{call.base}/fine/{quote('новости')}")


@resource("to-spaces", Reason.REDIRECTED)
def to_spaces(call: Call) -> Answer:
    """A Location with spaces in it and around it."""
    return redirect(f"  {call.base}/fine/two words  ")


@resource("to-nothing", Reason.HTTP_ERROR, Reason.REDIRECTED, Reason.FETCH_ERROR, Reason.EMPTY)
def to_nothing(call: Call) -> Answer:
    """302 without a Location."""
    return notice("Moved", "The page has moved, but where to?", 302)


@resource("to-garbage", Reason.BAD_URL, Reason.REDIRECTED, Reason.HTTP_ERROR, Reason.FETCH_ERROR)
def to_garbage(call: Call) -> Answer:
    """A Location that is not a URL."""
    return redirect("http://[::broken/:port")


@resource("to-nowhere", Reason.DNS_ERROR, Reason.REDIRECTED)
def to_nowhere(call: Call) -> Answer:
    """A Location whose host does not exist."""
    return redirect("http://no-such-host.invalid/news")


@resource("meta-refresh", Reason.NO_ARTICLE, Reason.EMPTY, Reason.REDIRECTED)
def meta_refresh(call: Call) -> Answer:
    """An almost empty page that redirects by <meta http-equiv=refresh>."""
    refresh = f'<meta http-equiv="refresh" content="0; url={call.base}/fine/refreshed">'
    return notice("Moving on", "One moment.", head=refresh)


def missing() -> Answer:
    return notice("Not found", "No such target.", 404)
