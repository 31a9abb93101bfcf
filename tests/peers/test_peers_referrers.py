"""A registry that has the referrers API: signatures are found through it."""

import shutil
import subprocess
import unittest
import urllib.request

from support.program import DavitTest

PROGRAM = shutil.which("referrers-registry")


@unittest.skipUnless(PROGRAM, "referrers-registry is not installed")
class Referrers(DavitTest):
    def setUp(self):
        super().setUp()
        self.server = subprocess.Popen([PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.kill)
        self.host = f"127.0.0.1:{self.server.stdout.readline().strip()}"
        self.ref = f"{self.host}/davit/app:1"
        self.environment["DAVIT_PASSWORD"] = "secret"
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0\0\x05\x04test")
        self.succeed("key", "generate", "-o", "release")
        self.succeed("push", "app.wasm", self.ref)

    def test_it_has_the_api(self):
        digest = self.succeed("resolve", self.ref).out.strip().split("@")[-1]
        with urllib.request.urlopen(f"http://{self.host}/v2/davit/app/referrers/{digest}") as answer:
            self.assertEqual(answer.status, 200)

    def test_a_signature_is_a_referrer(self):
        """This registry lists it under the type of its config; it is found all the same."""
        self.succeed("sign", self.ref, "--key", "release.key")
        self.succeed("verify", self.ref, "--key", "release.pub")
        self.assertIn("referrer", self.succeed("tree", self.ref).out)

    def test_an_unsigned_artifact_is_unsigned(self):
        self.refuse(15, "verify", self.ref, "--key", "release.pub")

    def test_a_recursive_copy_brings_the_signature(self):
        self.succeed("sign", self.ref, "--key", "release.key")
        self.succeed("copy", self.ref, "oci:layout:1", "--recursive")
        self.succeed("verify", "oci:layout:1", "--key", "release.pub")
        self.succeed("copy", "oci:layout:1", f"{self.host}/other/app:1", "--recursive")
        self.succeed("verify", f"{self.host}/other/app:1", "--key", "release.pub")

    @unittest.skipUnless(shutil.which("cosign"), "cosign is not installed")
    def test_cosign_finds_it_there(self):
        self.succeed("sign", self.ref, "--key", "release.key")
        done = subprocess.run(["cosign", "verify", "--key", "release.pub", "--insecure-ignore-tlog", "--allow-http-registry", self.ref],
                              cwd=self.folder, env=self.environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
