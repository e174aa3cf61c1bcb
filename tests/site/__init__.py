"""A local news web: fictional outlets, feeds and every bad behaviour, served over real HTTP on loopback.

All prose is our own and all outlets, people and events are made up. Every page has its truth in
`tests.site.manifest`: what it is, what must be read from it and what must not.

Two ways lead to each page, and each links within itself:

    http://127.0.0.1:PORT/steppe/2023/09/…      by path
    http://steppe.example:PORT/2023/09/…        by Host header, for clients that resolve `*.example` to 127.0.0.1

In a test, the fixture `site` starts it; elsewhere `with serve() as site`, or `site_process()` for one of its own;
on the command line, `python -m tests.site --help`.
Only the standard library is needed to serve it.
"""

from tests.site.running import RunningSite, serve, site_process
from tests.site.web import Web

__all__ = ["RunningSite", "Web", "serve", "site_process"]
