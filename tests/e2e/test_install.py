"""cmake --install puts everything where it belongs, and it works from there."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from support.program import DavitTest, program


class Installed(DavitTest):
    def install(self):
        build = pathlib.Path(program()).parent
        subprocess.run(["cmake", "--install", build, "--prefix", self.folder / "prefix"], check=True, capture_output=True)
        (self.folder / "a.wasm").write_bytes(b"\0asm\1\0\0\0")
        return self.folder / "prefix"

    def run_installed(self, *words, **environment):
        done = subprocess.run(words, cwd=self.folder, env={**self.environment, **environment}, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()


class Install(Installed):
    def test_everything_is_in_its_place(self):
        prefix = self.install()
        for path in ("bin/davit", "libexec/davit/davit-optimize", "libexec/davit/davit-fixed.so", "libexec/davit/davit-openssl.so",
                     "share/man/man1/davit.1", "share/man/man1/davit-caps-derive.1", "share/bash-completion/completions/davit",
                     "share/zsh/site-functions/_davit", "share/fish/vendor_completions.d/davit.fish"):
            self.assertTrue((prefix / path).exists(), path)

    def test_the_installed_program_finds_its_worker(self):
        self.run_installed(self.install() / "bin" / "davit", "optimize", "a.wasm", "-o", "b.wasm", "--no-cache")


class OpenSsl(Installed):
    """Which OpenSSL a program takes: the one that was installed with it, else the system's."""

    def taken_by(self, davit):
        def ask(**debugging):
            version = json.loads(self.run_installed(davit, "version", "--json", **debugging))["openssl"]
            self.assertRegex(version, r"^OpenSSL 3\.")

        return self.libraries_loaded(ask)

    def test_it_is_the_one_beside_the_program(self):
        prefix = self.install()
        taken = self.taken_by(prefix / "bin" / "davit")
        self.assertIn(str(prefix / "libexec" / "davit" / "davit-openssl.so"), taken)
        self.assertEqual([path for path in taken if "libcrypto" in path], [])

    def copy_alone(self):
        prefix = self.install()
        alone = self.folder / "alone" / "davit"
        alone.parent.mkdir()
        shutil.copy(prefix / "bin" / "davit", alone)
        return alone, prefix / "libexec" / "davit" / "davit-openssl.so"

    def expect_systems(self, davit):
        taken = self.taken_by(davit)
        self.assertEqual([path for path in taken if "davit-openssl" in path], [])
        self.assertEqual(len([path for path in taken if "libcrypto" in path]), 1)

    def test_without_that_it_is_the_systems(self):
        alone, _ = self.copy_alone()
        self.expect_systems(alone)
        for content in (b"", b"no library"):
            with self.subTest(content):
                (alone.parent / "davit-openssl.so").write_bytes(content)
                self.expect_systems(alone)

    def test_what_somebody_else_could_have_put_there_is_not_loaded(self):
        alone, library = self.copy_alone()
        beside = alone.parent / "davit-openssl.so"
        shutil.copy(library, beside)
        self.assertIn(str(beside), self.taken_by(alone))
        for mode in (0o666, 0o664, 0o777):
            with self.subTest(oct(mode)):
                beside.chmod(mode)
                self.expect_systems(alone)
        beside.unlink()
        beside.symlink_to(library)
        self.expect_systems(alone)

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file away")
    def test_somebody_elses_library_is_not_loaded(self):
        alone, library = self.copy_alone()
        shutil.copy(library, alone.parent)
        os.chown(alone.parent / "davit-openssl.so", 65534, 65534)
        self.expect_systems(alone)


if __name__ == "__main__":
    unittest.main()
