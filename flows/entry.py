"""Entry of the console script `irtysh`: loads the command line, and answers Ctrl-C also while it is being loaded."""

import gc
import os
import sys

from flows.display.closed_pipe import open_closed_streams
from flows.exit_codes import INTERRUPTED


def main() -> None:
    """Run the command line, and end the process."""
    open_closed_streams()
    gc.disable()  # until the command's modules are loaded: what is made then stays, and collecting costs a tenth of the time
    try:
        from flows.cli import main as run  # noqa: PLC0415  takes a third of a second, in which Ctrl-C gave a traceback
    except KeyboardInterrupt:
        sys.stderr.write("irtysh: interrupted before the command began; nothing was done\n")
        sys.stderr.flush()
        os._exit(INTERRUPTED)
    run()
