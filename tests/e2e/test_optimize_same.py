"""What a program computes is the same at every level: the short version of ./dev prove."""

import json
import pathlib
import shutil
import subprocess
import unittest

from support.program import SOURCE, DavitTest

LEVELS = ("-O0", "-O1", "-O2", "-O3", "-O4", "-Os", "-Oz")
PROGRAM = """
typedef unsigned int u32; typedef unsigned long long u64;
static u32 table[256]; static unsigned char text[512]; static int depth;
static void make(void) { for (u32 i = 0; i < 256; ++i) { u32 c = i; for (int k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1; table[i] = c; } }
u32 crc(u32 seed, u32 length) { if (!table[1]) make(); u32 c = ~seed; length %= 512; for (u32 i = 0; i < length; ++i) { text[i] = (unsigned char)(i * seed); c = table[(c ^ text[i]) & 255] ^ (c >> 8); } return ~c; }
u64 collatz(u64 n) { u64 steps = 0; n &= 0xffffff; while (n > 1 && steps < 2000) { n = n & 1 ? 3 * n + 1 : n / 2; ++steps; } return steps; }
static int add(int a, int b) { return a + b; } static int sub(int a, int b) { return a - b; } static int mul(int a, int b) { return (int)((u32)a * (u32)b); }
static int (*const operations[])(int, int) = {add, sub, mul};
int calculate(int which, int a, int b) { return operations[(u32)which % 3](a, b); }
int divide(int a, int b) { return a / b; }
double mixed(double x, float y) { double s = 0; for (int i = 1; i < 20; ++i) s += x / i - y * (float)i; return s; }
int recurse(int n) { if (depth > 200) return n; ++depth; int r = (n & 1) ? recurse(n * 3 + 1) : n <= 1 ? 1 : recurse(n / 2); --depth; return r + 1; }
int poke(u32 at, int value) { text[at % 512] = (unsigned char)value; return text[(at * 7) % 512]; }
int wild(u32 at) { return *(volatile int *)(at | 0x70000000u); }
"""
EXPORTS = ("crc", "collatz", "calculate", "divide", "mixed", "recurse", "poke", "wild", "memory")


class OptimizeSame(DavitTest):
    def compare(self, pairs):
        runner = SOURCE / "tests" / "prove" / "run_pairs.mjs"
        lines = "".join(f"{before} {after} {seed}\n" for before, after, seed in pairs)
        done = subprocess.run(["node", "--no-warnings", "--experimental-wasm-type-reflection", runner], input=lines, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def compile(self):
        for program in ("clang", "wasm-ld", "node"):
            if shutil.which(program) is None:
                self.skipTest(f"{program} is not installed")
        (self.folder / "p.c").write_text(PROGRAM)
        exports = [f"-Wl,--export={name}" for name in EXPORTS if name != "memory"]
        subprocess.run(["clang", "--target=wasm32", "-O0", "-nostdlib", "-Wl,--no-entry", *exports, "p.c", "-o", "p.wasm"], cwd=self.folder, check=True)

    def test_a_program_computes_the_same_at_every_level(self):
        self.compile()
        pairs = []
        for level in LEVELS:
            after = self.folder / f"out{level}.wasm"
            report = self.succeed("optimize", "p.wasm", "-o", after, level, "--json").json
            self.assertTrue(report["optimized"])
            pairs += [(self.folder / "p.wasm", after, seed) for seed in range(1, 20)]
        answers = self.compare(pairs)
        self.assertEqual(len(answers), len(pairs))
        for (_, after, seed), answer in zip(pairs, answers):
            self.assertTrue(answer["same"], f"{pathlib.Path(after).name} seed {seed}: {answer}")
            self.assertGreater(answer["calls"], 20)
            self.assertGreater(answer["traps"], 0)

    def test_the_comparison_sees_a_difference(self):
        self.compile()
        content = (self.folder / "p.wasm").read_bytes()
        other = content.replace(b"\xa0\x86\xe2\xed\x7e", b"\xa1\x86\xe2\xed\x7e")  # the polynomial, as a signed LEB128
        self.assertNotEqual(content, other)
        (self.folder / "q.wasm").write_bytes(other)
        answers = self.compare([(self.folder / "p.wasm", self.folder / "q.wasm", seed) for seed in range(1, 6)])
        self.assertFalse(all(answer["same"] for answer in answers))


if __name__ == "__main__":
    unittest.main()
