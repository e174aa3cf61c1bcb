"""A machine on which 127.0.0.1 is a public address, and nothing else is: so the local web can be crawled without leave
for private hosts, and every other forbidden address stays forbidden. Python loads this at its start from PYTHONPATH."""

import ipaddress

from spiders.fetching import guard

SERVER = ipaddress.ip_address("127.0.0.1")
_forbidden = guard.forbidden


def forbidden(address, **options):
    """Refuse what the guard refuses, but for the one address."""
    return None if str(address) == str(SERVER) else _forbidden(address, **options)


guard.forbidden = forbidden
