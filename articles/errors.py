"""All exceptions that Irtysh raises on purpose.

    IrtyshError
    ├── UsageError             the request cannot be carried out; names the input; exit code 2
    │   ├── InputError         a URL, list, WARC or configuration file that cannot be used
    │   └── RefError           a snapshot reference that names nothing
    ├── StoreError             the object store
    │   ├── DeniedError        no permission to write; a UsageError as well
    │   ├── MissingError       no object has that key
    │   ├── ExistsError        a create-only write found the key taken (HTTP 412, EEXIST)
    │   ├── ContendedError     the server asks to retry the write (HTTP 409)
    │   ├── UnsafeStoreError   the store ignores conditional writes, so commits are unsafe
    │   ├── UnreachableError   an outage: the store does not answer, or is overloaded; try later; exit code 4
    │   ├── NewerStoreError    a newer version of Irtysh has continued the store; a UsageError as well
    │   ├── ClockError         this machine's clock differs from the store's; a UsageError as well
    │   └── CorruptError       stored data does not match its checksum or format
    ├── InUseError             another run holds what this one needs: an outlet, or a list of URLs
    ├── OfflineError           no host of several outlets has an address: this machine has no network
    ├── CaptureError           a WARC or one of its records cannot be read
    ├── SourceError            a feed, sitemap, listing or index would cost too much to parse
    └── CrawlError             the crawl process ended before it finished
        └── CrawlStopError     it had to be killed after it was told to stop

A page without an article is not an error: it becomes a rejection (see `Reason` in `articles.model`).
"""


class IrtyshError(Exception):
    """Base class of all errors; the command line prints it without a traceback."""


class UsageError(IrtyshError):
    """Raised by the command line and by configuration readers for wrong usage or configuration."""


class InputError(UsageError):
    """Raised by readers of an input (URL list, topic file, WARC, outlet file) that cannot be used at all."""


class RefError(UsageError):
    """Raised by `storage.snapshots.catalog.resolve` when a reference matches no snapshot."""


class StoreError(IrtyshError):
    """Raised by `storage` when the bucket or directory does not behave as required."""


class DeniedError(StoreError, UsageError):
    """Raised by the stores and by `storage.export.pull` when permissions, a policy or the path itself forbid access."""


class MissingError(StoreError):
    """Raised by `ObjectStore.get` and similar methods: no object has that key."""


class ExistsError(StoreError):
    """Raised by `ObjectStore.put_new`: the key exists already, created by another writer."""


class ContendedError(StoreError):
    """Raised by `ObjectStore.put_new`: the server saw a concurrent write, and neither performed nor refused ours."""


class UnsafeStoreError(StoreError):
    """Raised by `storage.objects.probe`: the store ignores conditional writes."""


class UnreachableError(StoreError):
    """Raised by `storage.objects.s3`: no answer within a minute, a broken connection, or a server that is overloaded."""


class NewerStoreError(StoreError, UsageError):
    """Raised by readers and writers of the log: an entry has features that this version does not know."""


class ClockError(StoreError, UsageError):
    """Raised before the first write: this machine's clock is far from the store's, so commits would get wrong dates."""


class CorruptError(StoreError):
    """Raised by readers of the log, packs and segments: the data does not match its checksum or format."""


class InUseError(IrtyshError):
    """Raised by `storage.leases`: another process holds the lease, for example of an outlet that it crawls."""


class OfflineError(IrtyshError):
    """Raised by `flows.outlets.offline`: no host of several outlets has an address, so nothing was asked."""


class CaptureError(IrtyshError):
    """Raised by `storage.captures.segments` for a WARC whose first record cannot be read."""


class SourceError(IrtyshError):
    """Raised by `spiders.discovery` and `spiders.fetching.source_reader` for a source that costs too much to parse."""


class CrawlError(IrtyshError):
    """Raised by `spiders.process.parent` when the child process dies, falls silent or reports an internal failure."""


class CrawlStopError(CrawlError):
    """Raised by `spiders.process.parent` when the child process was told to stop and had to be killed."""
