"""wasmsign2 accepts the signatures that davit puts into modules, and davit those of wasmsign2."""

import base64
import pathlib
import shutil
import subprocess
import unittest

from support.program import DavitTest

CACHED = pathlib.Path.home() / ".cache" / "davit" / "peers" / "bin" / "wasmsign2"
WASMSIGN = str(CACHED) if CACHED.exists() else shutil.which("wasmsign2")
PASSWORD = {"DAVIT_PASSWORD": "correct horse"}
MODULE = bytes.fromhex("0061736d01000000010401600000030201000a040102000b")


@unittest.skipUnless(WASMSIGN, "wasmsign2 is not installed; \"./dev peers\" fetches it")
class Wasmsign(DavitTest):
    def setUp(self):
        super().setUp()
        (self.folder / "app.wasm").write_bytes(MODULE)
        self.succeed("key", "generate", "--type", "ed25519", "-o", "ours", **PASSWORD)
        der = base64.b64decode("".join((self.folder / "ours.pub").read_text().split("\n")[1:-2]))
        (self.folder / "ours.wspub").write_bytes(b"\x01" + der[-32:])
        self.wasmsign("keygen", "-k", "theirs.wskey", "-K", "theirs.wspub")
        # The same key in the files that everybody else reads (RFC 8410).
        seed = (self.folder / "theirs.wskey").read_bytes()[1:33]
        self.pem("theirs.pem", "PRIVATE KEY", bytes.fromhex("302e020100300506032b657004220420") + seed)
        self.pem("theirs.pub", "PUBLIC KEY", bytes.fromhex("302a300506032b6570032100") + (self.folder / "theirs.wspub").read_bytes()[1:])

    def pem(self, name, label, der):
        (self.folder / name).write_text(f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n")

    def wasmsign(self, *words, check=True):
        done = subprocess.run([WASMSIGN, *words], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        if check:
            self.assertEqual(done.returncode, 0, f"{words}\n{done.stdout}{done.stderr}")
        return done

    def sign(self, source, *words, key="ours.key"):
        return self.succeed("sign", source, "--signature-format", "wasm", "--key", key, *words, **PASSWORD)

    def finds(self, name, key):
        """Ed25519 gives the same signature every time: a key that has signed these very bytes finds its own and adds none."""
        self.assertIn("already signed", self.sign(name, "-o", "again.wasm", key=key).err)
        self.assertEqual((self.folder / "again.wasm").read_bytes(), (self.folder / name).read_bytes())

    def test_wasmsign_accepts_davits_signature_inside(self):
        self.sign("app.wasm", "-o", "signed.wasm")
        self.wasmsign("verify", "-i", "signed.wasm", "-K", "ours.wspub")
        self.assertNotEqual(self.wasmsign("verify", "-i", "signed.wasm", "-K", "theirs.wspub", check=False).returncode, 0)

    def test_wasmsign_accepts_davits_detached_signature(self):
        self.sign("app.wasm", "--detached", "app.sig")
        self.wasmsign("verify", "-i", "app.wasm", "-S", "app.sig", "-K", "ours.wspub")

    def test_the_same_key_makes_the_same_file_in_both(self):
        self.sign("app.wasm", "-o", "signed.wasm", key="theirs.pem")
        self.wasmsign("sign", "-i", "app.wasm", "-o", "their.wasm", "-k", "theirs.wskey")
        ours, theirs = ((self.folder / name).read_bytes() for name in ("signed.wasm", "their.wasm"))
        # Everything but the key id, which wasmsign2 may add, is the same: the hash, the signature, the module.
        self.assertEqual(ours[-len(MODULE) + 8:], theirs[-len(MODULE) + 8:])
        end = len(MODULE) - 8
        self.assertEqual(ours[-end - 64:-end], theirs[-end - 64:-end])

    def test_davit_finds_wasmsigns_signature_inside(self):
        self.wasmsign("sign", "-i", "app.wasm", "-o", "their.wasm", "-k", "theirs.wskey")
        self.finds("their.wasm", "theirs.pem")
        self.assertNotIn("already", self.sign("their.wasm", "-o", "other.wasm").err)

    def test_davit_finds_wasmsigns_parts_and_wasmsign_accepts_davits(self):
        self.wasmsign("split", "-i", "app.wasm", "-o", "split.wasm", "-s", "^$")
        self.wasmsign("sign", "-i", "split.wasm", "-o", "their.wasm", "-k", "theirs.wskey")
        self.finds("their.wasm", "theirs.pem")
        self.sign("split.wasm", "-o", "ours.wasm")
        self.wasmsign("verify", "-i", "ours.wasm", "-K", "ours.wspub")

    def test_two_signers_of_two_programs_stand_side_by_side(self):
        self.wasmsign("sign", "-i", "app.wasm", "-o", "their.wasm", "-k", "theirs.wskey")
        self.sign("their.wasm", "-o", "both.wasm")
        for key, private in (("ours", "ours.key"), ("theirs", "theirs.pem")):
            self.wasmsign("verify", "-i", "both.wasm", "-K", key + ".wspub")
            self.finds("both.wasm", private)


if __name__ == "__main__":
    unittest.main()
