"""Run all measurements of links on sets of our own: `python -m benchmarks.links`."""

from benchmarks.links import dynamic, events, news, pages, templates


def main() -> None:
    """Print the figures of each set."""
    for measurement in (events, news, templates, dynamic, pages):
        print((measurement.__doc__ or "").splitlines()[0])
        measurement.main()


if __name__ == "__main__":
    main()
