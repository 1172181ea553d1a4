"""`python -m bot`, and what the `easel` command starts: the command line, with Ctrl-C quiet from the first moment."""

import sys

INTERRUPTED = 130  # what a shell reports for a command that ended with Ctrl-C


def main() -> None:
    """Run a command and exit with its code."""
    try:
        # Importing the program takes a moment, too, in which Ctrl-C may come.
        from bot.cli import run_command  # noqa: PLC0415

        code = run_command()
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
