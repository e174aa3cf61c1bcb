"""Every error that Irtysh raises on purpose.

    IrtyshError
    ├── UsageError             what was asked for cannot be done: names the input; exit code 2
    │   ├── InputError         a URL, list, WARC or configuration file that cannot be used
    │   └── RefError           a snapshot reference that names nothing
    ├── StoreError             the object store
    │   ├── DeniedError        it cannot be written by whoever asks: a UsageError as well
    │   ├── MissingError       no object has that key
    │   ├── ExistsError        a create-only write came second (HTTP 412, EEXIST)
    │   ├── ContendedError     the server asks to try the same write again (HTTP 409)
    │   ├── UnsafeStoreError   the store ignores conditional writes: no commit would be safe
    │   └── CorruptError       what is stored is not what its checksum or its format says
    ├── CaptureError           a WARC or one of its records cannot be read
    └── CrawlError             the crawling process ended without finishing

A page that is no article is not an error: it is a `Rejection` (see `articles.model`).
"""


class IrtyshError(Exception):
    """Root of the tree; the command line prints it without a traceback."""


class UsageError(IrtyshError):
    """Raised by the command line and by configuration readers: wrong usage or configuration."""


class InputError(UsageError):
    """Raised by whoever reads an input (URL list, topic file, WARC, outlet file) that cannot be used at all."""


class RefError(UsageError):
    """Raised by `storage.snapshots.catalog.resolve` when a reference names no snapshot."""


class StoreError(IrtyshError):
    """Raised by `storage` when the bucket or directory does not do what it must."""


class DeniedError(StoreError, UsageError):
    """Raised by the directory store and by `storage.export.pull` where permissions or the path itself forbid writing."""


class MissingError(StoreError):
    """Raised by `ObjectStore.get` and its kin: no object has that key."""


class ExistsError(StoreError):
    """Raised by `ObjectStore.put_new`: another writer has created the key already."""


class ContendedError(StoreError):
    """Raised by `ObjectStore.put_new`: the server saw a concurrent write and neither landed nor refused ours."""


class UnsafeStoreError(StoreError):
    """Raised by `storage.objects.probe`: conditional writes are not honoured."""


class CorruptError(StoreError):
    """Raised by readers of the log, packs and segments: a checksum or a format does not hold."""


class CaptureError(IrtyshError):
    """Raised by `storage.captures.segments` for a WARC that cannot be read from its first record on."""


class CrawlError(IrtyshError):
    """Raised by `spiders.process.parent` when the child process dies or reports a failure of its own."""
