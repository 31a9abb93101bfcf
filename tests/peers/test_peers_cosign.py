"""cosign accepts what davit signed, and davit what cosign signed, in both forms, over a real registry."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from support.program import DavitTest
from support.registry import Registry

CACHED = pathlib.Path.home() / ".cache" / "davit" / "peers" / "bin" / "cosign"
COSIGN = str(CACHED) if CACHED.exists() else shutil.which("cosign")
PASSWORD = {"DAVIT_PASSWORD": "correct horse", "COSIGN_PASSWORD": "correct horse"}
NO_SERVICES = {"mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json", "rekorTlogConfig": {}, "tsaConfig": {}}


@unittest.skipUnless(COSIGN, "cosign is not installed; \"./dev peers\" fetches it")
class Cosign(DavitTest):
    def setUp(self):
        super().setUp()
        self.registry = Registry(self)
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        (self.folder / "services.json").write_text(json.dumps(NO_SERVICES))
        self.name = f"{self.registry.host}/team/app"
        pushed = self.succeed("push", "app.wasm", self.name + ":v1").out.strip()
        self.digest = pushed.rsplit("@", 1)[1]
        self.pinned = f"{self.name}@{self.digest}"
        self.succeed("key", "generate", **PASSWORD)

    def cosign(self, *words, check=True):
        done = subprocess.run([COSIGN, *map(str, words)], cwd=self.folder, env={**self.environment, **PASSWORD}, capture_output=True, text=True,
                              timeout=120, check=False)
        if check:
            self.assertEqual(done.returncode, 0, f"cosign {words}\n{done.stdout}\n{done.stderr}")
        return done

    def cosign_verify(self, *words, key="davit.pub", check=True):
        return self.cosign("verify", "--key", key, "--insecure-ignore-tlog=true", *words, self.pinned, check=check)

    def cosign_keys(self):
        self.cosign("generate-key-pair")

    def cosign_sign(self, form, key="cosign.key"):
        if form == "bundle":
            return self.cosign("sign", "--key", key, "--signing-config", "services.json", "--yes", self.pinned)
        return self.cosign("sign", "--key", key, "--use-signing-config=false", "--tlog-upload=false", "--new-bundle-format=false", "--yes", self.pinned)

    def davit_verify(self, key):
        return self.succeed("verify", self.name + ":v1", "--key", key, "--json").json

    def test_cosign_accepts_davits_bundle(self):
        self.succeed("sign", self.name + ":v1", "--key", "davit.key", **PASSWORD)

        self.assertIn(self.digest, self.cosign_verify().stdout)

    def test_cosign_accepts_davits_classic_signature(self):
        self.succeed("sign", self.name + ":v1", "--key", "davit.key", "--signature-format", "classic", **PASSWORD)

        self.assertIn(self.digest, self.cosign_verify("--new-bundle-format=false").stdout)

    def test_cosign_accepts_both_forms_together(self):
        self.succeed("sign", self.name + ":v1", "--key", "davit.key", "--signature-format", "both", **PASSWORD)

        self.assertIn(self.digest, self.cosign_verify().stdout)
        self.assertIn(self.digest, self.cosign_verify("--new-bundle-format=false").stdout)

    def test_both_refuse_another_key(self):
        self.cosign_keys()
        self.succeed("sign", self.name + ":v1", "--key", "davit.key", "--signature-format", "both", **PASSWORD)

        self.assertNotEqual(self.cosign_verify(key="cosign.pub", check=False).returncode, 0)
        self.refuse(11, "verify", self.name + ":v1", "--key", "cosign.pub")

    def test_davit_accepts_cosigns_bundle(self):
        self.cosign_keys()
        self.cosign_sign("bundle")

        found = self.davit_verify("cosign.pub")

        self.assertTrue(found["verified"])
        self.assertEqual([(s["format"], s["verified"]) for s in found["signatures"]], [("bundle", True)])

    def test_davit_accepts_cosigns_classic_signature(self):
        self.cosign_keys()
        self.cosign_sign("classic")

        found = self.davit_verify("cosign.pub")

        self.assertEqual([(s["format"], s["verified"], s["identity"]) for s in found["signatures"]], [("classic", True, self.name)])

    def test_both_sign_one_artifact_and_none_is_lost(self):
        self.cosign_keys()
        for form in ("classic", "bundle"):
            self.cosign_sign(form)
        self.succeed("sign", self.name + ":v1", "--key", "davit.key", "--signature-format", "both", **PASSWORD)
        self.cosign("sign", "--key", "cosign.key", "--use-signing-config=false", "--tlog-upload=false", "--new-bundle-format=false", "--yes",
                    "-a", "again=true", self.pinned)

        for key in ("davit.pub", "cosign.pub"):
            self.assertTrue(self.davit_verify(key)["verified"])
            self.cosign_verify("--new-bundle-format=false", key=key)
        self.assertEqual(len(self.davit_verify("davit.pub")["signatures"]), 5)

    def test_each_signs_with_the_others_key_file(self):
        self.cosign_keys()
        self.cosign_sign("bundle", key="davit.key")
        self.assertTrue(self.davit_verify("davit.pub")["verified"])
        self.succeed("sign", self.name + ":v1", "--key", "cosign.key", **PASSWORD)
        self.assertTrue(self.davit_verify("cosign.pub")["verified"])
        self.assertEqual(self.cosign("public-key", "--key", "davit.key").stdout.strip(), (self.folder / "davit.pub").read_text().strip())

    def test_an_attestation_of_cosign_is_no_signature(self):
        self.cosign_keys()
        (self.folder / "predicate.json").write_text("{}")
        self.cosign("attest", "--key", "cosign.key", "--signing-config", "services.json", "--predicate", "predicate.json", "--type", "https://example.com/t",
                    "--yes", self.pinned)

        self.refuse(11, "verify", self.name + ":v1", "--key", "cosign.pub", saying="attestation")

    def test_files_both_ways(self):
        self.cosign_keys()
        self.cosign("sign-blob", "--key", "cosign.key", "--signing-config", "services.json", "--bundle", "cosign.json", "--yes", "app.wasm")
        self.succeed("verify", "app.wasm", "--bundle", "cosign.json", "--key", "cosign.pub")
        self.succeed("sign", "app.wasm", "--bundle", "davit.json", "--key", "davit.key", **PASSWORD)
        self.cosign("verify-blob", "--key", "davit.pub", "--bundle", "davit.json", "--insecure-ignore-tlog=true", "app.wasm")

    def test_push_signs_and_pull_verifies(self):
        (self.folder / "app2.wasm").write_bytes(b"\0asm\1\0\0\0\0\2\1a")
        pushed = self.succeed("push", "app2.wasm", self.name + ":v2", "--sign", "davit.key", **PASSWORD).out.strip()

        self.cosign("verify", "--key", "davit.pub", "--insecure-ignore-tlog=true", self.name + "@" + pushed.rsplit("@", 1)[1])
        self.succeed("pull", self.name + ":v2", "--key", "davit.pub", "-o", "back.wasm")
        self.assertEqual((self.folder / "back.wasm").read_bytes(), (self.folder / "app2.wasm").read_bytes())
        self.refuse(15, "pull", self.name + ":v1", "--key", "davit.pub", "-o", "no.wasm")
        self.assertFalse(os.path.exists(self.folder / "no.wasm"))


if __name__ == "__main__":
    unittest.main()
