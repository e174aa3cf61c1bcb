import string
from importlib.resources import files

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from publicsuffixlist import PublicSuffixList

from articles.errors import InputError
from articles.url import (
    article_id,
    article_key,
    canonical_of,
    canonicalize,
    has_public_suffix,
    outlet_of,
    registrable_domain,
    site_host,
)

labels = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
hosts = st.builds(".".join, st.lists(labels, min_size=1, max_size=4)) | st.sampled_from(
    ["www.m.example.org", "[2001:DB8::1]", "10.0.0.7", "Пример.рф", "news.co.uk", "www.gov.kz", "m.github.io"]
)
tails = st.text(string.ascii_letters + string.digits + "/.%&=?;:@ +~-_#é", max_size=40) | st.text(max_size=20)
urls = st.builds(
    lambda scheme, host, port, tail: f"{scheme}://{host}{port}/{tail}",
    st.sampled_from(["http", "https", "HTTP"]),
    hosts,
    st.sampled_from(["", ":80", ":443", ":8080"]),
    tails,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.ORG:80", "http://example.org/"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("https://example.org:80/a", "https://example.org:80/a"),
        ("https://user:pass@example.org./a#part", "https://example.org/a"),
        (
            "https://example.org/a?utm_source=x&b=2&FBCLID=1&a=1&gclid=3&yclid=4&ysclid=5&_openstat=6&mc_cid=7",
            "https://example.org/a?a=1&b=2",
        ),
        ("https://example.org/?utm%5fsource=x", "https://example.org/"),
        ("https://example.org/a;jsessionid=0F/b", "https://example.org/a/b"),
        ("https://example.org/%7euser/%d0%b0/я b%2fc%zz", "https://example.org/~user/%D0%B0/%D1%8F%20b%2Fc%25zz"),
        ("https://example.org/a/./b/../c/..", "https://example.org/a/"),
        ("https://example.org/../../a", "https://example.org/a"),
        ("https://example.org/a/%2E%2E/b", "https://example.org/b"),
        ("https://қазақстан.қаз/x", "https://xn--80aaa0a6awh12ed.xn--80ao21a/x"),
        ("http://[2001:db8:0::1]:80/", "http://[2001:db8::1]/"),
        (" https://example.org/a\n", "https://example.org/a"),
        ("https://a_b.example.org/", "https://a_b.example.org/"),
        ("https://example.org/?id", "https://example.org/?id"),
        ("https://www.example.org/a/", "https://www.example.org/a/"),
    ],
)
def test_urls_have_one_canonical_spelling(url, expected):
    assert canonicalize(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news",
        "/a/b",
        "//example.org/a",
        "ftp://example.org/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a@example.org",
        "http://",
        "http:///a",
        "http://:80/",
        "http://example.org:port/",
        "http://example.org:99999/",
        "http://exa mple.org/",
        "http://example.org\\@other.org/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://..",
        "http://a..b/",
        "http://-a.org/",
        "http://" + "a" * 300 + ".org/",
        "http://\u2488.org/",
    ],
)
def test_an_invalid_url_raises_an_error_that_names_it(url):
    with pytest.raises(InputError) as caught:
        canonicalize(url)
    assert repr(url) in str(caught.value)


@given(urls)
def test_canonicalising_is_idempotent(url):
    try:
        once = canonicalize(url)
    except InputError:
        assume(False)
    assert once.isascii()
    assert canonicalize(once) == once
    assert article_key(once) == article_key(url)
    assert canonicalize("https://" + article_key(url)) == canonicalize("https://" + article_key(once))


@given(urls, st.text(max_size=30) | urls)
def test_a_declared_canonical_url_never_leaves_the_domain(url, declared):
    try:
        own = registrable_domain(url)
    except InputError:
        assume(False)
    assert registrable_domain(canonical_of(url, declared)) == own


@pytest.mark.parametrize(
    ("url", "declared", "expected"),
    [
        ("https://m.example.org/a?x=1", "https://www.example.org/a", "https://www.example.org/a"),
        ("https://example.org/news/a?x=1", "a", "https://example.org/news/a"),
        ("https://example.org/news/a", "//example.org/b", "https://example.org/b"),
        ("https://example.org/news/a", "https://other.org/a", "https://example.org/news/a"),
        ("https://a.github.io/x", "https://b.github.io/x", "https://a.github.io/x"),
        ("https://example.org/news/a", "/", "https://example.org/news/a"),
        ("https://example.org/news/a", "https://www.example.org/index.php", "https://example.org/news/a"),
        ("https://example.org/kk/news/a", "https://example.org/kk/", "https://example.org/kk/news/a"),
        ("https://example.org/?p=12", "https://example.org/", "https://example.org/?p=12"),
        ("https://www.example.org/", "https://example.org/", "https://example.org/"),
        ("https://example.org/a", "", "https://example.org/a"),
        ("https://example.org/a", "http://[", "https://example.org/a"),
        ("https://example.org/a", "javascript:void(0)", "https://example.org/a"),
        ("http://10.0.0.7:8001/a", "http://10.0.0.7:8002/a", "http://10.0.0.7:8001/a"),
    ],
)
def test_rel_canonical_is_used_within_the_domain(url, declared, expected):
    assert canonical_of(url, declared) == expected


def test_common_urls_of_one_article_have_one_id():
    spellings = ["http://example.kz/a/1", "https://www.example.kz/a/1/", "https://m.example.kz/a/1?utm_source=tg#top"]
    assert len({article_id(spelling) for spelling in spellings}) == 1
    assert len(article_id(spellings[0])) == 16


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.kz/a/1", "https://example.kz/a/2"),
        ("https://example.kz/a?id=1", "https://example.kz/a?id=2"),
        ("https://example.kz/a", "https://news.example.kz/a"),
        ("https://m.github.io/a", "https://www.github.io/a"),
        ("https://example.kz/a", "https://example.kz:8080/a"),
    ],
)
def test_different_articles_have_different_ids(one, other):
    assert article_id(one) != article_id(other)


@pytest.mark.parametrize(
    ("url", "domain", "outlet"),
    [
        ("https://www.news.example.co.uk/a", "example.co.uk", "example.co.uk"),
        ("https://www.gov.kz/", "gov.kz", "gov.kz"),
        ("https://someone.blogspot.com/", "someone.blogspot.com", "someone.blogspot.com"),
        ("http://127.0.0.1:8001/", "127.0.0.1:8001", "127.0.0.1-8001"),
        ("http://localhost:80/", "localhost", "localhost"),
        ("http://[::1]:81/", "[::1]:81", "--1-81"),
        ("http://a.b.outlet.test/", "outlet.test", "outlet.test"),
        ("http://a_b.test/", "a_b.test", "a-b.test"),
    ],
)
def test_registrable_domain_and_outlet_key(url, domain, outlet):
    assert registrable_domain(url) == domain
    assert outlet_of(url) == outlet


def test_reading_the_suffixes_of_one_top_level_domain_gives_what_the_whole_list_gives():
    lines = (files("publicsuffixlist") / "public_suffix_list.dat").read_text(encoding="utf-8").splitlines()
    rules = [line.split()[0].lstrip("!").removeprefix("*.") for line in lines if line and not line.startswith("//")]
    special = [line.split()[0].lstrip("!*.") for line in lines if line.startswith(("!", "*"))]
    whole = PublicSuffixList([line for line in lines if line], accept_unknown=False)
    names = [
        *rules[::40],
        *special[::4],
        *(rule for rule in rules if not rule.isascii() and "." not in rule),
        "kz",
        "none",
    ]
    hosts = {f"{label}{name.encode('idna').decode()}" for name in names for label in ("", "a.", "b.a.", "d.c.b.a.")}
    for host in hosts | {"", "localhost", ".", "a.xn--", "1.2.3.4", "[::1]", "kz."}:
        assert has_public_suffix(host) == bool(whole.publicsuffix(host)), host
        if domain := whole.privatesuffix(host.removeprefix("www.")):
            assert registrable_domain(f"https://{host}/") == domain


@pytest.mark.parametrize("domain", ["livejournal.com", "substack.com", "narod.ru", "blogspot.com", "github.io"])
@pytest.mark.parametrize("label", ["m", "mobile", "wap"])
def test_a_writer_with_a_short_name_on_a_shared_domain_is_a_writer_of_its_own(domain, label):
    key = article_key(f"https://{label}.{domain}/1.html")
    assert key == f"{label}.{domain}/1.html"
    assert article_key(f"http://www.{label}.{domain}/1.html") == key
    assert article_key(f"https://m.alice.{domain}/1.html") == article_key(f"https://alice.{domain}/1.html")
    assert site_host(f"https://touch.{domain}/1.html") != site_host(f"https://{label}.{domain}/1.html")
    assert canonical_of(f"https://{label}.{domain}/1.html", f"https://touch.{domain}/2.html") == (
        f"https://{label}.{domain}/1.html"
    )


def test_forms_of_a_site_share_its_articles():
    assert article_key("https://m.steppe.kz/1/") == article_key("http://www.steppe.kz/1")
    assert article_key("https://www.livejournal.com/1") == article_key("https://livejournal.com/1")
