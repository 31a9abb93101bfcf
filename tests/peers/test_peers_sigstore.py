"""cosign accepts what davit signs without a key, and davit what cosign does, through one Sigstore on loopback."""

import json
import pathlib
import shutil
import subprocess
import unittest

from support.program import SOURCE, DavitTest
from support.registry import Registry
from support.sigstore_standin import Standin

CACHED = pathlib.Path.home() / ".cache" / "davit" / "peers" / "bin" / "cosign"
COSIGN = str(CACHED) if CACHED.exists() else shutil.which("cosign")
NODE_MODULES = pathlib.Path.home() / ".cache" / "davit" / "peers" / "npm" / "sigstore" / "node_modules"
SIGNER = "dev@project.example"


@unittest.skipUnless(COSIGN, "cosign is not installed; \"./dev peers\" fetches it")
class Sigstore(DavitTest):
    def setUp(self):
        super().setUp()
        self.standin = Standin()
        self.addCleanup(self.standin.close)
        self.artifact = self.folder / "app.wasm"
        self.artifact.write_bytes(b"\0asm\1\0\0\0")
        (self.folder / "root.json").write_text(json.dumps(self.standin.trusted_root()))
        for generation in (1, 2):
            (self.folder / f"config{generation}.json").write_text(json.dumps(self.standin.signing_config(generation=generation)))

    def cosign(self, *words, check=True):
        done = subprocess.run([COSIGN, *map(str, words)], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120, check=False)
        if check:
            self.assertEqual(done.returncode, 0, f"cosign {words}\n{done.stdout}\n{done.stderr}")
        return done

    def sign(self, generation, *more):
        self.succeed("sign", self.artifact, "--bundle", "app.json", "--signing-config", f"config{generation}.json", "--trusted-root", "root.json", *more,
                     DAVIT_PASSWORD="secret", **({} if "--key" in more else {"SIGSTORE_ID_TOKEN": self.standin.token(SIGNER)}))

    def cosign_verify(self, signer=SIGNER, check=True):
        return self.cosign("verify-blob", "--new-bundle-format=true", "--use-signed-timestamps", "--bundle", "app.json", "--trusted-root", "root.json",
                           "--certificate-identity", signer, "--certificate-oidc-issuer", self.standin.url, self.artifact, check=check)

    def test_cosign_accepts_davits_keyless_signatures(self):
        for generation in (1, 2):
            self.sign(generation, "--keyless")
            self.assertIn("Verified OK", self.cosign_verify().stderr)
            self.assertNotEqual(self.cosign_verify("somebody@else.example", check=False).returncode, 0)

    @unittest.skipUnless(NODE_MODULES.exists() and shutil.which("node"), "@sigstore/verify is not installed; \"./dev peers\" fetches it")
    def test_sigstore_for_node_accepts_davits_keyless_signatures(self):
        script = SOURCE / "tests" / "peers" / "sigstore_js" / "verify.js"
        for generation in (1, 2):
            self.sign(generation, "--keyless")
            for signer, status in ((SIGNER, 0), ("somebody@else.example", 1)):
                done = subprocess.run(["node", script, "root.json", "app.json", self.artifact, signer, self.standin.url], cwd=self.folder, check=False,
                                      env={**self.environment, "NODE_PATH": str(NODE_MODULES)}, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, status, done.stderr)

    def test_cosign_accepts_davits_keyless_signatures_in_a_registry(self):
        registry = Registry(self)
        name = f"{registry.host}/team/app"
        digest = self.succeed("push", self.artifact, name + ":v1").out.strip().rsplit("@", 1)[1]
        for form in ("bundle", "classic"):
            self.succeed("sign", name + ":v1", "--keyless", "--signature-format", form, "--signing-config", "config1.json", "--trusted-root", "root.json",
                         SIGSTORE_ID_TOKEN=self.standin.token(SIGNER))
            old = ["--new-bundle-format=false"] if form == "classic" else []
            done = self.cosign("verify", *old, "--trusted-root", "root.json", "--certificate-identity", SIGNER, "--certificate-oidc-issuer",
                               self.standin.url, f"{name}@{digest}")
            self.assertIn(digest, done.stdout)

    def test_cosign_accepts_davits_keyless_attestations(self):
        registry = Registry(self)
        (self.folder / "scan.json").write_text('{"scanner": {"uri": "https://scanner.example"}}')
        for form, generation in (("bundle", 1), ("bundle", 2), ("classic", 1)):
            name = f"{registry.host}/team/{form}{generation}"
            digest = self.succeed("push", self.artifact, name + ":v1").out.strip().rsplit("@", 1)[1]
            self.succeed("attest", name + ":v1", "--type", "vuln", "--predicate", "scan.json", "--keyless", "--attestation-format", form, "--signing-config",
                         f"config{generation}.json", "--trusted-root", "root.json", SIGSTORE_ID_TOKEN=self.standin.token(SIGNER))
            old = ["--new-bundle-format=false"] if form == "classic" else ["--use-signed-timestamps"]
            words = ["verify-attestation", *old, "--trusted-root", "root.json", "--type", "vuln", "--certificate-oidc-issuer", self.standin.url,
                     "--certificate-identity"]
            self.cosign(*words, SIGNER, f"{name}@{digest}")
            self.assertNotEqual(self.cosign(*words, "somebody@else.example", f"{name}@{digest}", check=False).returncode, 0)

    def test_cosign_accepts_davits_keyless_statements_about_files(self):
        (self.folder / "scan.json").write_text('{"scanner": {"uri": "https://scanner.example"}}')
        for generation in (1, 2):
            self.succeed("attest", self.artifact, "--type", "vuln", "--predicate", "scan.json", "--keyless", "--bundle", "scan.sigstore.json",
                         "--signing-config", f"config{generation}.json", "--trusted-root", "root.json", SIGSTORE_ID_TOKEN=self.standin.token(SIGNER))
            words = ["verify-blob-attestation", "--new-bundle-format=true", "--use-signed-timestamps", "--bundle", "scan.sigstore.json", "--trusted-root",
                     "root.json", "--type", "vuln", "--certificate-oidc-issuer", self.standin.url, "--certificate-identity"]
            self.assertIn("Verified OK", self.cosign(*words, SIGNER, self.artifact).stderr)
            self.assertNotEqual(self.cosign(*words, "somebody@else.example", self.artifact, check=False).returncode, 0)

    def test_cosign_accepts_davits_witnessed_signatures_of_keys(self):
        self.succeed("key", "generate", DAVIT_PASSWORD="secret")
        for generation in (1, 2):
            self.sign(generation, "--key", "davit.key")
            done = self.cosign("verify-blob", "--new-bundle-format=true", "--bundle", "app.json", "--trusted-root", "root.json", "--key", "davit.pub",
                               self.artifact)
            self.assertIn("Verified OK", done.stderr)

    def test_davit_accepts_cosigns_keyless_signatures(self):
        words = ["verify", self.artifact, "--bundle", "app.json", "--trusted-root", "root.json", "--certificate-oidc-issuer", self.standin.url]
        for generation in (1, 2):
            self.cosign("sign-blob", "--bundle", "app.json", "--trusted-root", "root.json", "--signing-config", f"config{generation}.json", "--identity-token",
                        self.standin.token(SIGNER), "--yes", self.artifact)
            self.succeed(*words, "--certificate-identity", SIGNER)
            self.refuse(11, *words, "--certificate-identity", "somebody@else.example")
            (self.folder / "app.json").unlink()


if __name__ == "__main__":
    unittest.main()
