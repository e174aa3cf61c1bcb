"""Canonical URLs, and keys of articles and outlets.

A canonical URL is the standard spelling of a URL, and can be fetched. An article's key is coarser: it omits what differs
between common URLs of one article (scheme, "www.", "m.", a trailing slash).

All functions but `absolute` raise `InputError` if their input is not an absolute http(s) URL.
"""

import hashlib
import ipaddress
import re
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import SplitResult, urljoin, urlsplit

from publicsuffixlist import PublicSuffixList

from articles.data import load
from articles.errors import InputError
from articles.text import cached_if_short

# Parameters that marketing and sharing tools append, in lower case. Sources: the tools' own documentation (Google,
# Meta, Microsoft, Yandex, Mailchimp, HubSpot, Marketo, Matomo, AT Internet, LinkedIn, X, TikTok, Instagram).
TRACKING_NAMES = """
    fbclid fb_action_ids fb_action_types fb_source fb_ref gclid gclsrc dclid gbraid wbraid srsltid gad_source
    gad_campaignid _ga _gl msclkid yclid ysclid ymclid yadclid yadordid _openstat openstat mc_cid mc_eid igshid igsh
    twclid ttclid li_fat_id __twitter_impression _hsenc _hsmi hsctatracking mkt_tok vero_id oly_anon_id oly_enc_id
    rb_clickid wt.mc_id _branch_match_id xtor cmpid ns_mchannel ns_source ns_campaign ns_linkname
    phpsessid jsessionid
"""
TRACKING = frozenset(TRACKING_NAMES.split())
TRACKING_PREFIXES = ("utm_", "hsa_", "mtm_", "pk_", "at_")
DEFAULT_PORTS = {"http": 80, "https": 443}
# Host labels under which a site serves the same articles; "amp." has other paths, and states rel=canonical.
SAME_ARTICLE_LABELS = frozenset(("www", "m", "mobile", "wap"))
SAME_SITE_LABELS = SAME_ARTICLE_LABELS | {"amp", "pda", "touch"}  # other forms of a site, maybe with other paths

ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 §2.3
NOT_PATH = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@/]")  # RFC 3986 §3.3
NOT_QUERY = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$'()*+,;=:@/?]")  # RFC 3986 §3.4, without the separator &
SESSION_PATH = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
BAD_AUTHORITY = re.compile(r"[\s\\<>\"^`{|}]")
CACHED_URLS = 1024  # several steps ask about the URLs of a page and of its links
MAX_HOST_CHARS = 253  # RFC 1035 §2.3.4 without the length octets
HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")
HOME = re.compile(r"/(?:[a-z]{2}/?)?(?:index\.\w{3,5})?")  # "/", or the home page of one language


@cached_if_short(CACHED_URLS)
def canonicalize(url: str) -> str:
    """Return the canonical spelling of an absolute http(s) URL. The function is idempotent."""
    parts = _split(url)
    scheme = parts.scheme.lower()
    path = _dot_segments(SESSION_PATH.sub("", _encode(parts.path, NOT_PATH)))
    pieces = sorted(_encode(piece, NOT_QUERY) for piece in parts.query.split("&") if piece and not _tracks(piece))
    query = f"?{'&'.join(pieces)}" if pieces else ""
    return f"{scheme}://{_authority(parts, scheme, url)}{path}{query}"


def canonical_of(url: str, declared: str) -> str:
    """Return the canonical URL of a page fetched from `url` with the rel=canonical `declared` (may be relative or empty).

    The declaration counts only on the same host (`site_host`), since other hosts of a domain may be other writers', and
    not if an inner page declares a home page, as broken templates do. `articles.metadata.canonical` refuses more.
    """
    own = canonicalize(url)
    if not declared.strip():
        return own
    try:
        other = canonicalize(urljoin(url.strip(), declared.strip()))
    except (InputError, ValueError):  # the declared value is no URL and is ignored
        return own
    if site_host(other) != site_host(own) or (is_home(other) and not is_home(own)):
        return own
    return other


def absolute(base: str, link: str) -> str:
    """Return the absolute URL of a link of a page or header, or an empty string for an invalid one ("http://[")."""
    try:
        return urljoin(base, link.strip())
    except ValueError:
        return ""


def is_home(canonical_url: str) -> bool:
    """Return whether a canonical URL is the home page of a site or of one of its languages."""
    parts = urlsplit(canonical_url)
    return not parts.query and HOME.fullmatch(parts.path) is not None


def site_host(canonical_url: str) -> str:
    """Return the host and port of a canonical URL without "www.", "m.", "amp." and similar labels."""
    return _plain_host(urlsplit(canonical_url).netloc, SAME_SITE_LABELS)


def article_key(canonical_url: str) -> str:
    """Return what all URLs of one article share: the URL without scheme, "www.", "m." and trailing slash."""
    rest = canonicalize(canonical_url).split("://", 1)[1]
    authority, slash, tail = rest.partition("/")
    path, mark, query = tail.partition("?")
    return f"{_plain_host(authority)}{slash}{path}".rstrip("/") + mark + query


def article_id(canonical_url: str) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of the article's key."""
    return hashlib.sha256(article_key(canonical_url).encode()).hexdigest()[:16]


@cached_if_short(CACHED_URLS)
def registrable_domain(url: str) -> str:
    """Return the registrable domain of a URL, by the public suffix list that `publicsuffixlist` includes.

    For an IP address it is the address; for a host without a known suffix, its last two labels. A port other than the
    scheme's default is appended.
    """
    parts = _split(url)
    host, colon, port = _host_and_port(_authority(parts, parts.scheme.lower(), url))
    return _registrable(host) + colon + port


def outlet_of(url: str) -> str:
    """Return the registrable domain as a segment of a key: only `[a-z0-9.-]`, with "-" before a port."""
    return re.sub(r"[^a-z0-9.-]", "-", registrable_domain(url).replace("[", "").replace("]", ""))


def _split(url: str) -> SplitResult:
    cleaned = re.sub(r"[\t\r\n]", "", url.strip())
    try:
        parts = urlsplit(cleaned)
    except ValueError as error:
        raise InputError(f"not a URL: {url!r} ({error})") from error
    if parts.scheme.lower() not in DEFAULT_PORTS or not parts.netloc:
        raise InputError(f"not an absolute http(s) URL: {url!r}")
    if BAD_AUTHORITY.search(parts.netloc):
        raise InputError(f"not a URL: {url!r} (invalid character in the host)")
    return parts


def _authority(parts: SplitResult, scheme: str, url: str) -> str:
    """Return the normalised host and port, without user and password."""
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError(f"not a URL: {url!r} ({error})") from error
    host = _host(host, url)
    return host if port in {None, DEFAULT_PORTS[scheme]} else f"{host}:{port}"


def _host(host: str, url: str) -> str:
    if ":" in host:
        if "%" in host:
            raise InputError(f"not a URL: {url!r} (IPv6 addresses with a zone are valid on one machine only)")
        try:
            return f"[{ipaddress.IPv6Address(host).compressed}]"
        except ValueError as error:
            raise InputError(f"not a URL: {url!r} ({error})") from error
    if not host.isascii():
        import idna  # noqa: PLC0415  its tables take a while, and most hosts are ASCII

        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError as error:
            raise InputError(f"not a URL: {url!r} ({error})") from error
    host = host.lower().removesuffix(".")
    if len(host) > MAX_HOST_CHARS or not HOST.fullmatch(host):
        raise InputError(f"not a URL: {url!r} (invalid host name)")
    return host


def _host_and_port(authority: str) -> tuple[str, str, str]:
    host, colon, port = authority.rpartition(":")
    return (host, colon, port) if colon and not port.endswith("]") else (authority, "", "")


def _encode(text: str, unsafe: re.Pattern[str]) -> str:
    """Normalise percent-encoding: encode unsafe characters, decode unreserved ones, use upper case (RFC 3986 §6.2.2)."""

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        if ESCAPE.fullmatch(found):
            byte = int(found[1:], 16)
            return chr(byte) if byte in UNRESERVED else found.upper()
        return "".join(f"%{byte:02X}" for byte in found.encode("utf-8", "surrogatepass"))

    return unsafe.sub(replace, text)


def _dot_segments(path: str) -> str:
    """Resolve "." and ".." (RFC 3986 §5.2.4); an empty path is "/"."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _tracks(piece: str) -> bool:
    name = _encode(piece.partition("=")[0], NOT_QUERY).lower()
    return name in TRACKING or name.startswith(TRACKING_PREFIXES)


def _plain_host(authority: str, labels: frozenset[str] = SAME_ARTICLE_LABELS) -> str:
    """Strip "www.", "m." and similar labels below the registrable domain; of a shared domain, below a writer's name."""
    host, colon, port = _host_and_port(authority)
    domain = _registrable(host)
    if domain in _shared_domains():
        domain = ".".join(host.removeprefix("www.").split(".")[-domain.count(".") - 2 :])
    while host != domain and host.partition(".")[0] in labels:
        host = host.partition(".")[2]
    return host + colon + port


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@cache
def _shared_domains() -> frozenset[str]:
    return frozenset(load("shared_domains")["domains"].split())


def has_public_suffix(host: str) -> bool:
    """Return whether a host ends like one that can be registered: in a suffix of the public suffix list."""
    host = host.lower()
    return bool(_suffixes(host).publicsuffix(host))


def _suffixes(host: str) -> PublicSuffixList:
    """Return the part of the public suffix list that can apply to a host. Reading the whole list takes 15 times as long."""
    return _suffixes_under(host.removesuffix(".").rpartition(".")[2])


@lru_cache(maxsize=4096)  # there are 1,500 top-level domains
def _suffixes_under(top: str) -> PublicSuffixList:
    return PublicSuffixList(source=_rules_by_top().get(_readable(top), []), accept_unknown=False)


@cache
def _rules_by_top() -> dict[str, list[str]]:
    """Return the lines of the public suffix list by their top-level domain."""
    found: dict[str, list[str]] = {}
    text = (files("publicsuffixlist") / "public_suffix_list.dat").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("//"):
            found.setdefault(line.split(maxsplit=1)[0].rpartition(".")[2], []).append(line)
    return found


def _readable(label: str) -> str:
    """Return a label in the list's form: xn--p1ai as рф."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.encode().decode("idna")
    except UnicodeError:  # no label of a host
        return label


@lru_cache(maxsize=65_536)
def _registrable(host: str) -> str:
    bare = host.removeprefix("www.")
    if "." in bare:  # www.gov.kz becomes gov.kz, which is itself a public suffix
        host = bare
    suffixes = _suffixes(host)
    if domain := suffixes.privatesuffix(host):
        return domain
    if _is_address(host) or suffixes.publicsuffix(host):
        return host
    return ".".join(host.split(".")[-2:])  # the default rule of the list for unknown suffixes
