"""Every kind of key, in every form that cosign has, both ways. Prints the table of round trips that it made."""

import json
import subprocess
import unittest

from support.program import DavitTest
from support.registry import Registry
from test_peers_cosign import COSIGN, NO_SERVICES, PASSWORD

KINDS = ["ecdsa-p256", "ecdsa-p384", "ecdsa-p521", "ed25519", "rsa-2048", "rsa-3072", "rsa-4096"]
IGNORE_LOG = "--insecure-ignore-tlog=true"
NO_LOG = ["--use-signing-config=false", "--tlog-upload=false"]


@unittest.skipUnless(COSIGN, "cosign is not installed; \"./dev peers\" fetches it")
class EveryKindOfKey(DavitTest):
    table = {}

    @classmethod
    def tearDownClass(cls):
        for (form, kind), result in sorted(cls.table.items()):
            print(f"{form:36} {kind:12} {result}")

    def setUp(self):
        super().setUp()
        self.registry = Registry(self)
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        (self.folder / "services.json").write_text(json.dumps(NO_SERVICES))
        (self.folder / "predicate.json").write_text('{"answer":42}')

    def cosign(self, *words, status=0):
        done = subprocess.run([COSIGN, *map(str, words)], cwd=self.folder, env={**self.environment, **PASSWORD}, capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.returncode, status, f"cosign {words}\n{done.stdout}\n{done.stderr}")
        return done

    def artifact(self, name):
        return self.succeed("push", "app.wasm", f"{self.registry.host}/{name}:v1").out.strip()

    def keys(self, kind):
        """A key of davit's, and one that openssl made and cosign imported (with a file of cosign's own form)."""
        self.succeed("key", "generate", "--type", kind, "-o", "ours-" + kind, **PASSWORD)
        how = {"ecdsa-p256": ["EC", "ec_paramgen_curve:P-256"], "ecdsa-p384": ["EC", "ec_paramgen_curve:P-384"],
               "ecdsa-p521": ["EC", "ec_paramgen_curve:P-521"], "ed25519": ["ED25519"]}.get(kind) or ["RSA", "rsa_keygen_bits:" + kind[4:]]
        options = ["-pkeyopt", how[1]] if len(how) > 1 else []
        subprocess.run(["openssl", "genpkey", "-algorithm", how[0], *options, "-out", f"theirs-{kind}.pem"], cwd=self.folder, check=True,
                       capture_output=True)
        self.cosign("import-key-pair", "--key", f"theirs-{kind}.pem", "--output-key-prefix", "theirs-" + kind)
        return f"ours-{kind}", f"theirs-{kind}"

    def each_kind(self, form, trip):
        for kind in KINDS:
            with self.subTest(form=form, kind=kind):
                self.table[(form, kind)] = "FAILED"
                ours, theirs = self.keys(kind)
                trip(kind, ours, theirs)
                self.table[(form, kind)] = "ok"

    def test_bundles_of_davit_for_cosign(self):
        def trip(kind, ours, _):
            pinned = self.artifact("a/" + kind)
            self.succeed("sign", pinned, "--key", ours + ".key", "-a", "build=42", **PASSWORD)
            self.cosign("verify", "--key", ours + ".pub", IGNORE_LOG, "-a", "build=42", pinned)
        self.each_kind("bundle: davit to cosign", trip)

    def test_bundles_of_cosign_for_davit(self):
        def trip(kind, _, theirs):
            pinned = self.artifact("b/" + kind)
            self.cosign("sign", "--key", theirs + ".key", "--signing-config", "services.json", "--yes", pinned)
            self.succeed("verify", pinned, "--key", theirs + ".pub")
        self.each_kind("bundle: cosign to davit", trip)

    def test_classic_signatures_of_davit_for_cosign(self):
        def trip(kind, ours, _):
            pinned = self.artifact("c/" + kind)
            self.succeed("sign", pinned, "--key", ours + ".key", "--signature-format", "classic", "-a", "build=<42>", **PASSWORD)
            self.cosign("verify", "--key", ours + ".pub", IGNORE_LOG, "--new-bundle-format=false", "-a", "build=<42>", pinned)
        self.each_kind("classic: davit to cosign", trip)

    def test_classic_signatures_of_cosign_for_davit(self):
        def trip(kind, _, theirs):
            pinned = self.artifact("d/" + kind)
            self.cosign("sign", "--key", theirs + ".key", *NO_LOG, "--new-bundle-format=false", "--yes", pinned)
            self.succeed("verify", pinned, "--key", theirs + ".pub")
        self.each_kind("classic: cosign to davit", trip)

    def test_file_bundles_of_davit_for_cosign(self):
        def trip(_, ours, __):
            self.succeed("sign", "app.wasm", "--bundle", ours + ".json", "--key", ours + ".key", **PASSWORD)
            self.cosign("verify-blob", "--key", ours + ".pub", "--bundle", ours + ".json", IGNORE_LOG, "app.wasm")
        self.each_kind("file bundle: davit to cosign", trip)

    def test_file_bundles_of_cosign_for_davit(self):
        def trip(kind, _, theirs):
            self.cosign("sign-blob", "--key", theirs + ".key", "--signing-config", "services.json", "--bundle", theirs + ".json", "--yes", "app.wasm")
            if kind == "ed25519":  # cosign names no digest in it, and refuses it itself
                self.cosign("verify-blob", "--key", theirs + ".pub", "--bundle", theirs + ".json", IGNORE_LOG, "app.wasm", status=1)
                self.refuse(11, "verify", "app.wasm", "--bundle", theirs + ".json", "--key", theirs + ".pub")
                return
            self.succeed("verify", "app.wasm", "--bundle", theirs + ".json", "--key", theirs + ".pub")
        self.each_kind("file bundle: cosign to davit", trip)

    def test_bare_signatures_of_davit_for_cosign(self):
        def trip(_, ours, __):
            self.succeed("sign", "app.wasm", "--output-signature", ours + ".sig", "--key", ours + ".key", **PASSWORD)
            self.cosign("verify-blob", "--key", ours + ".pub", "--signature", ours + ".sig", IGNORE_LOG, "app.wasm")
        self.each_kind("bare signature: davit to cosign", trip)

    def test_attestations_of_davit_for_cosign(self):
        def trip(kind, ours, _):
            pinned = self.artifact("e/" + kind)
            self.succeed("attest", pinned, "--type", "https://example.com/t", "--predicate", "predicate.json", "--key", ours + ".key",
                         "--attestation-format", "both", **PASSWORD)
            for form in ("--new-bundle-format=true", "--new-bundle-format=false"):
                self.cosign("verify-attestation", "--key", ours + ".pub", IGNORE_LOG, form, "--type", "https://example.com/t", pinned)
        self.each_kind("attestation: davit to cosign", trip)

    def test_key_files_both_ways(self):
        def trip(kind, ours, theirs):
            self.assertEqual(self.cosign("public-key", "--key", ours + ".key").stdout.strip(), (self.folder / (ours + ".pub")).read_text().strip())
            public = self.succeed("key", "public", "--key", theirs + ".key", **PASSWORD).out
            self.assertEqual(public.strip(), (self.folder / (theirs + ".pub")).read_text().strip())
            self.succeed("key", "convert", "--key", theirs + ".pem", "-o", kind + ".key", "--key-format", "cosign", **PASSWORD)
            self.assertEqual(self.cosign("public-key", "--key", kind + ".key").stdout.strip(), public.strip())
        self.each_kind("key file: both ways", trip)


if __name__ == "__main__":
    unittest.main()
