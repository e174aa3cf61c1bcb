"""Files that commits list, by their table and their SHA-256. Without Arrow, so that the log is read without loading it."""

from dataclasses import dataclass, field

DELTA_TABLE = "documents"  # the only Delta table; the files of the others are listed in `commitInfo.irtysh`
TABLE_NAMES = (  # those of `storage.tables.schemas.SCHEMAS`; a test compares them
    "documents",
    "links",
    "removals",
    "rejections",
    "fetches",
    "sketches",
    "anchors",
    "vectors",
    "alignments",
    "health",
)


@dataclass(frozen=True, slots=True, order=True)
class FileRef:
    """A file that a commit lists."""

    table: str
    sha256: str
    rows: int
    size: int  # bytes
    origin: str = field(default="", compare=False)  # SHA-256 of the file that this one replaces since a takedown

    @property
    def key(self) -> str:
        """Key of the file in the store."""
        return f"{self.table}/{self.sha256}.parquet"
