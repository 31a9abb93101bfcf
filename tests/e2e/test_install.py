"""cmake --install puts everything where it belongs, and it works from there."""

import pathlib
import subprocess
import unittest

from support.program import DavitTest, program


class Install(DavitTest):
    def test_the_installed_program_finds_its_worker(self):
        build = pathlib.Path(program()).parent
        prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True, capture_output=True)
        for path in ("bin/davit", "libexec/davit/davit-optimize", "libexec/davit/davit-fixed.so", "share/man/man1/davit.1", "share/man/man1/davit-caps-derive.1",
                     "share/bash-completion/completions/davit", "share/zsh/site-functions/_davit", "share/fish/vendor_completions.d/davit.fish"):
            self.assertTrue((prefix / path).exists(), path)
        (self.folder / "a.wasm").write_bytes(b"\0asm\1\0\0\0")
        done = subprocess.run([prefix / "bin" / "davit", "optimize", "a.wasm", "-o", "b.wasm", "--no-cache"],
                              cwd=self.folder, env=self.environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
