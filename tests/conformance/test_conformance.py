"""The verification cases of the sigstore-conformance suite through its client protocol, for files and for digests."""

import base64
import hashlib
import json
import subprocess
import sys
import unittest

from support.program import SOURCE, VECTORS, DavitTest, program
from support.sigstore_standin import Standin

CLIENT = SOURCE / "tests" / "conformance" / "client.py"
CASES = VECTORS / "sigstore" / "bundle-verify"
IDENTITY = ("https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
            "extremely-dangerous-oidc-beacon.yml@refs/heads/main")
ISSUER = "https://token.actions.githubusercontent.com"


class Conformance(DavitTest):
    def client(self, *words):
        return subprocess.run([sys.executable, CLIENT, *map(str, words)], cwd=self.folder, env={**self.environment, "DAVIT": program()}, capture_output=True,
                              text=True, timeout=120, check=False)

    @unittest.skipUnless(CASES.exists(), f"the conformance cases are not at {CASES}")
    def test_every_case_comes_out_right(self):
        count = 0
        for case in sorted(path for path in CASES.iterdir() if path.is_dir()):
            read = lambda name, otherwise: (case / name).read_text().strip() if (case / name).exists() else otherwise
            artifact = case / "artifact" if (case / "artifact").exists() else VECTORS / "sigstore" / "a.txt"
            root = case / "trusted_root.json" if (case / "trusted_root.json").exists() else VECTORS / "sigstore" / "trusted_root.json"
            signer = (["--key", case / "key.pub"] if (case / "key.pub").exists() else
                      ["--certificate-identity", read("identity", IDENTITY), "--certificate-oidc-issuer", read("issuer", ISSUER)])
            digest = "sha256:" + hashlib.sha256(artifact.read_bytes()).hexdigest()
            for target in (artifact, digest):
                done = self.client("verify-bundle", "--bundle", case / "bundle.sigstore.json", *signer, "--trusted-root", root, target)
                with self.subTest(case=case.name, target=str(target)[:7]):
                    self.assertEqual(done.returncode != 0, case.name.endswith("_fail"), done.stderr)
            count += 1
        self.assertGreaterEqual(count, 36)

    def test_what_the_client_signs_it_verifies(self):
        standin = Standin()
        self.addCleanup(standin.close)
        (self.folder / "root.json").write_text(json.dumps(standin.trusted_root()))
        (self.folder / "config.json").write_text(json.dumps(standin.signing_config(generation=2)))
        (self.folder / "file").write_bytes(b"content\n")
        done = self.client("sign-bundle", "--identity-token", standin.token(), "--bundle", "out.json", "--trusted-root", "root.json", "--signing-config",
                           "config.json", "file")
        self.assertEqual(done.returncode, 0, done.stderr)
        words = ["--bundle", "out.json", "--certificate-oidc-issuer", standin.url, "--trusted-root", "root.json", "file"]
        self.assertEqual(self.client("verify-bundle", "--certificate-identity", "dev@project.example", *words).returncode, 0)
        self.assertNotEqual(self.client("verify-bundle", "--certificate-identity", "other@project.example", *words).returncode, 0)

    def test_a_statement_that_the_client_signs_is_verified_as_it_was_written(self):
        standin = Standin()
        self.addCleanup(standin.close)
        (self.folder / "root.json").write_text(json.dumps(standin.trusted_root()))
        (self.folder / "file").write_bytes(b"content\n")
        # Written as no writer of ours would, so that one byte changed would be seen.
        statement = ('{"predicateType": "https://example.com/p/v1",\n "subject": [{"digest": {"sha256": "%s"}, "name": "file"}],\n'
                     ' "_type": "https://in-toto.io/Statement/v1", "predicate": {"b": 1, "a": 2}}\n') % hashlib.sha256(b"content\n").hexdigest()
        (self.folder / "statement.json").write_text(statement)
        for generation in (1, 2):
            (self.folder / "config.json").write_text(json.dumps(standin.signing_config(generation=generation)))
            done = self.client("sign-bundle", "--in-toto", "--identity-token", standin.token(), "--bundle", "out.json", "--trusted-root", "root.json",
                               "--signing-config", "config.json", "statement.json")
            self.assertEqual(done.returncode, 0, done.stderr)
            envelope = json.loads((self.folder / "out.json").read_text())["dsseEnvelope"]
            self.assertEqual((base64.b64decode(envelope["payload"]).decode(), envelope["payloadType"]), (statement, "application/vnd.in-toto+json"))
            words = ["--bundle", "out.json", "--certificate-oidc-issuer", standin.url, "--trusted-root", "root.json"]
            who = ["--certificate-identity", "dev@project.example"]
            self.assertEqual(self.client("verify-bundle", *who, *words, "file").returncode, 0)
            self.assertNotEqual(self.client("verify-bundle", *who, *words, "statement.json").returncode, 0)
            self.assertNotEqual(self.client("verify-bundle", "--certificate-identity", "other@project.example", *words, "file").returncode, 0)


if __name__ == "__main__":
    unittest.main()
