"""A local news web for tests: fictional outlets, their feeds and many faults, served over HTTP on loopback.

All prose is our own, and all outlets, people and events are invented. `tests.site.manifest` states for every page what
must be extracted from it and what must not.

Each page has two URLs. A page links only to URLs of the form by which it was requested:

    http://127.0.0.1:PORT/steppe/2023/09/…      by path
    http://steppe.example:PORT/2023/09/…        by Host header, for clients that resolve `*.example` to 127.0.0.1

In a test, the fixture `site` starts the server. Elsewhere use `with serve() as site`, or `site_process()` for a separate
process. On the command line: `python -m tests.site --help`. The server needs only the standard library.
"""

from tests.site.running import RunningSite, serve, site_process
from tests.site.web import Web

__all__ = ["RunningSite", "Web", "serve", "site_process"]
