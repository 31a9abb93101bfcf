"""Progress is drawn on a terminal, and only there."""

import os
import pty
import subprocess
import unittest

from support.program import DavitTest, program
from support.registry import Registry


class Progress(DavitTest):
    def setUp(self):
        super().setUp()
        self.registry = Registry(self)
        payload = os.urandom(12_000_000)
        size = len(payload) + 2
        length = bytes([size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14 & 0x7F | 0x80, size >> 21])
        (self.folder / "big.wasm").write_bytes(b"\0asm\1\0\0\0\0" + length + b"\1n" + payload)

    def on_a_terminal(self, *words, **environment):
        """What davit writes to standard error when that is a terminal."""
        ours, theirs = pty.openpty()
        child = subprocess.Popen([program(), *words], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=theirs,
                                 env={**self.environment, "TERM": "xterm", **environment})
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        os.close(ours)
        self.assertEqual(child.wait(), 0, seen)
        return seen

    def test_a_push_draws_on_a_terminal(self):
        seen = self.on_a_terminal("push", "big.wasm", f"{self.registry.host}/a:1")
        self.assertIn(b"\x1b[2K  big.wasm", seen)
        self.assertIn(b"11.4 MiB / 11.4 MiB", seen)

    def test_it_can_be_switched_off(self):
        for number, words in enumerate((["--no-progress"], ["--quiet"], ["--json"])):
            seen = self.on_a_terminal("push", "big.wasm", f"{self.registry.host}/b{number}:1", *words)
            self.assertNotIn(b"\r", seen.replace(b"\r\n", b""), words)
        self.assertNotIn(b"\r", self.on_a_terminal("push", "big.wasm", f"{self.registry.host}/c:1", TERM="dumb").replace(b"\r\n", b""))

    def test_a_pipe_gets_none(self):
        outcome = self.succeed("push", "big.wasm", f"{self.registry.host}/d:1")
        self.assertNotIn("\r", outcome.err)
        self.assertRegex(outcome.out, r"\A\S+@sha256:[0-9a-f]{64}\n\Z")


if __name__ == "__main__":
    unittest.main()
