"""Walls with status 200 instead of an article: bot checks, captchas, consent, regions, logins."""

from typing import Final

from articles.model import Reason
from tests.site.hostile.registry import HTML, Call, resource
from tests.site.wire import Answer

WALLS: Final = {
    "checking": (
        "Just a moment...",
        '<script>window._cf_chl_opt={cvId:"3"};</script><noscript>Turn scripts on to go past this check.</noscript>',
        '<div id="cf-wrapper" class="cf-browser-verification">We are looking at your browser before we let it in.</div>',
    ),
    "attention": (
        "Attention Required!",
        "",
        '<div class="cf-error-details">Your visit was stopped by our shield. Ray ID: <code>7f00deadbeef</code></div>',
    ),
    "incident": (
        "",
        '<META NAME="robots" CONTENT="noindex,nofollow">',
        '<iframe src="/_Incapsula_Resource?CWUDNSAI=9&amp;incident_id=1-1">Incident ID: 1-1 keeps you out.</iframe>',
    ),
    "denied": (
        "Access Denied",
        "",
        "<p>The edge has no leave to show you this. Reference #18.2f0.1700000000.abc errors.edgesuite.net</p>",
    ),
    "captcha": (
        "Are you a person?",
        '<script src="https://geo.captcha-delivery.com/c.js"></script>',
        '<p>Please prove that you are no robot.</p><div class="g-recaptcha" data-sitekey="x"></div>',
    ),
    "ddos-guard": (
        "DDoS-Guard",
        '<script src="/.well-known/ddos-guard/js-challenge/index.js"></script>',
        "<p>Проверяем ваш браузер, это займёт несколько секунд. Включите JavaScript.</p>",
    ),
    "qrator": (
        "HTTP 403",
        '<script src="/__qrator/qauth.js"></script>',
        "<p>Мы не смогли отличить вас от робота. Включите cookie и обновите страницу.</p>",
    ),
    "consent": (
        "Before you continue",
        '<script>window.__tcfapi=function(){};</script><script id="sp_message"></script>',
        "<p>We and our 812 partners keep cookies on your device. Agree to read on.</p><button>Accept all</button>",
    ),
    "javascript": (
        "Loading",
        '<script>document.cookie="js=1";location.reload();</script>',
        "<noscript>You need to enable JavaScript to run this site.</noscript>",
    ),
    "region": (
        "Unavailable in your region",
        "",
        "<p>By order of a regulator this page can't be shown in your country.</p>",
    ),
    "login": ("Sign in", "", '<form action="/login"><p>Sign in to go on reading.</p><input name="password"></form>'),
}  # title, head, body; the markup is that of real walls, the sentences are ours


@resource("wall", Reason.BLOCKED, Reason.NO_ARTICLE, sample="/wall/checking")
def wall(call: Call) -> Answer:
    """A bot-wall with status 200: /wall/<name of WALLS>, or 403 with ?status=403."""
    title, head, body = WALLS.get(call.argument, WALLS["checking"])
    text = f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return Answer(int(call.query.get("status", "200")), [HTML], text.encode())
