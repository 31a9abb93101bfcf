"""Keys of every kind and in every file form, through the program; openssl is the other tool."""

import base64
import json
import stat
import subprocess
import unittest

from support.program import DavitTest

PASSWORD = {"DAVIT_PASSWORD": "correct horse"}
KINDS = {"ecdsa-p256": 256, "ecdsa-p384": 384, "ecdsa-p521": 521, "ed25519": 256, "rsa-2048": 2048, "rsa-3072": 3072, "rsa-4096": 4096}


class KeyKindTest(DavitTest):
    def openssl(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_every_kind_is_made_inspected_and_signs(self):
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        for kind, bits in KINDS.items():
            with self.subTest(kind):
                made = self.succeed("key", "generate", "--type", kind, "-o", kind, "--json", **PASSWORD).json
                self.assertEqual((made["kind"], made["bits"]), (kind.split("-")[0] if kind.startswith("rsa") else kind, bits))
                seen = self.succeed("key", "inspect", kind + ".pub", "--json").json
                self.assertEqual((seen["bits"], seen["name"], seen["private"]), (bits, made["name"], False))
                self.openssl("pkey", "-pubin", "-in", kind + ".pub", "-noout")
                self.succeed("push", "app.wasm", f"oci:{kind}:v1", "--sign", kind + ".key", "--signature-format", "both", **PASSWORD)
                verified = self.succeed("verify", f"oci:{kind}:v1", "--key", kind + ".pub", "--json").json
                self.assertEqual([s["verified"] for s in verified["signatures"]], [True, True])

    def test_inspect_needs_no_password_for_what_is_not_sealed(self):
        self.succeed("key", "generate", **PASSWORD)
        seen = self.succeed("key", "inspect", "davit.key", "--json").json
        self.assertEqual(seen, {"form": "cosign", "label": "ENCRYPTED SIGSTORE PRIVATE KEY", "private": True, "sealed": True,
                                "sealing": {"derivation": "scrypt", "cipher": "nacl/secretbox", "scryptN": 65536, "scryptR": 8, "scryptP": 1}})
        opened = self.succeed("key", "inspect", "davit.key", "--open", "--json", **PASSWORD).json
        half = self.succeed("key", "public", "--key", "davit.pub", "--json").json
        self.assertEqual((opened["kind"], opened["name"], opened["hint"]), ("ecdsa-p256", half["name"], half["hint"]))
        self.assertIn("N=65536", self.succeed("key", "inspect", "davit.key").out)

    def test_convert_keeps_the_key_in_every_form(self):
        self.succeed("key", "generate", "--type", "ecdsa-p384", **PASSWORD)
        public = (self.folder / "davit.pub").read_text()
        (self.folder / "new").write_text("battery staple\n")
        steps = [("davit.key", "sealed.pem", ["--key-format", "pkcs8"]), ("sealed.pem", "plain.pem", ["--unprotected"]),
                 ("plain.pem", "again.key", ["--key-format", "cosign"]), ("again.key", "davit2.key", ["--key-format", "cosign"])]
        for source, target, options in steps:
            self.assertEqual(self.succeed("key", "convert", "--key", source, "-o", target, *options, **PASSWORD).out, target + "\n")
            self.assertEqual(stat.S_IMODE((self.folder / target).stat().st_mode), 0o600)
            self.assertEqual(self.succeed("key", "public", "--key", target, **PASSWORD).out, public)
        self.assertEqual(self.openssl("pkey", "-in", "sealed.pem", "-passin", "pass:correct horse", "-pubout"), public)
        self.assertEqual(self.openssl("pkey", "-in", "plain.pem", "-pubout"), public)
        with open(self.folder / "new", "rb") as new:
            done = self.succeed("key", "convert", "--key", "davit.key", "-o", "renewed.pem", "--new-password-fd", "0", stdin=new.read(), **PASSWORD)
        self.assertEqual(done.status, 0)
        self.assertEqual(self.openssl("pkey", "-in", "renewed.pem", "-passin", "pass:battery staple", "-pubout"), public)

    def test_convert_never_overwrites_and_never_unseals_by_itself(self):
        self.succeed("key", "generate", **PASSWORD)
        (self.folder / "there.pem").write_text("precious")
        self.refuse(13, "key", "convert", "--key", "davit.key", "-o", "there.pem", saying="is not overwritten", **PASSWORD)
        self.assertEqual((self.folder / "there.pem").read_text(), "precious")
        self.refuse(2, "key", "convert", "--key", "davit.key", "-o", "new.pem", "--key-format", "cosign", "--unprotected", **PASSWORD)
        self.refuse(5, "key", "convert", "--key", "davit.key", "-o", "new.pem", "--unprotected", DAVIT_PASSWORD="wrong")
        self.assertFalse((self.folder / "new.pem").exists())

    def test_a_key_in_the_environment_signs(self):
        self.succeed("key", "generate", **PASSWORD)
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        sealed = (self.folder / "davit.key").read_text()
        self.succeed("push", "app.wasm", "oci:store:v1", "--sign", "env://RELEASE_KEY", RELEASE_KEY=sealed, **PASSWORD)
        self.succeed("verify", "oci:store:v1", "--key", "davit.pub")
        public = (self.folder / "davit.pub").read_text()
        self.assertEqual(self.succeed("key", "public", "--key", "env://RELEASE_KEY", RELEASE_KEY=public).out, public)
        self.refuse(4, "key", "public", "--key", "env://RELEASE_KEY", saying="RELEASE_KEY")

    def test_keys_of_openssl_sign(self):
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.openssl("ecparam", "-genkey", "-name", "prime256v1", "-out", "ec.pem")
        self.openssl("genrsa", "-traditional", "-out", "rsa.pem", "2048")
        self.openssl("genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:correct horse", "-out", "ed.pem")
        for name in ("ec", "rsa", "ed"):
            self.succeed("push", "app.wasm", f"oci:{name}:v1", "--sign", name + ".pem", **PASSWORD)
            (self.folder / "half.pub").write_text(self.succeed("key", "public", "--key", name + ".pem", **PASSWORD).out)
            self.succeed("verify", f"oci:{name}:v1", "--key", "half.pub")

    def test_odd_costs_are_refused_before_anything_is_derived(self):
        self.succeed("key", "generate", **PASSWORD)
        lines = (self.folder / "davit.key").read_text().split("\n")
        document = json.loads(base64.b64decode("".join(lines[1:-2])))
        document["kdf"]["params"]["N"] = 1 << 30
        body = base64.b64encode(json.dumps(document).encode()).decode()
        (self.folder / "greedy.key").write_text(f"{lines[0]}\n{body}\n{lines[-2]}\n")
        self.refuse(9, "key", "public", "--key", "greedy.key", saying="N=1073741824")
        self.refuse(9, "key", "inspect", "greedy.key")

    def test_weak_keys_are_refused_with_their_reason(self):
        self.openssl("genrsa", "-out", "weak.pem", "1024")
        self.refuse(12, "key", "public", "--key", "weak.pem", saying="1024 bits")
        self.openssl("ecparam", "-genkey", "-noout", "-name", "secp224r1", "-out", "curve.pem")
        self.refuse(12, "key", "inspect", "curve.pem", saying="secp224r1")


if __name__ == "__main__":
    unittest.main()
