"""The decode child: confines itself, then looks at one file after the other until it is alone.

Arguments: the folders that it may read. Requests come on stdin, answers go to stdout.
"""

from __future__ import annotations

import os
import select
import sys
import warnings

from photostore.base.errors import FileError, UnreadableError
from photostore.base.memory import restrain_allocator
from photostore.decode.messages import IDLE_S, read_message, write_message
from photostore.decode.sandbox import confine


def main() -> None:
    """Answer requests until stdin ends or nothing is asked for a while."""
    restrain_allocator()
    # Big pictures would be spilled to files, which the sandbox forbids; memory has its own limit.
    os.environ["VIPS_DISC_THRESHOLD"] = "4g"
    warnings.simplefilter("ignore")
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Decoders print to stdout and stderr; neither may reach the stream of answers.
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    layers = confine([os.fsencode(folder) for folder in sys.argv[1:]])
    from photostore.decode.examination import Stage, examine  # noqa: PLC0415 - once confined

    write_message(answers, layers)
    while select.select([requests], [], [], IDLE_S)[0]:
        try:
            request = read_message(requests)
        except EOFError:
            return
        stage = Stage()
        try:
            answer: object = examine(request, stage)
        except FileError as error:
            answer = (stage.name, error)
        except Exception as error:  # noqa: BLE001 - whatever a reader trips over is told
            reason = f"unexpected error: {type(error).__name__}: {error}"
            answer = (stage.name, UnreadableError(request.path, reason))
        write_message(answers, answer)


if __name__ == "__main__":
    main()
