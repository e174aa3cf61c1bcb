"""Limits on the processor time and memory of one page, enforced by the kernel.

They are the last line of defence. Pages that are too large or too deep are rejected before extraction, from their form
alone (`articles.page.intake`), so that a rejection does not depend on how busy the machine is. These limits stop only
pages that pass that check.
"""

from storage.captures.process_limits import bounded, prepare

__all__ = ["BY_THE_CLOCK", "MAX_PAGE_CPU_SECONDS", "MAX_PAGE_MEMORY_BYTES", "bounded", "prepare"]

MAX_PAGE_CPU_SECONDS = 5.0  # processor time; none of the 412 development pages takes 0.5 s
MAX_PAGE_MEMORY_BYTES = 500_000_000  # beyond what the process already uses; the same pages need at most 30 MB
BY_THE_CLOCK = "by the clock"  # end of the detail of a page that a busy or sleeping machine may have refused
