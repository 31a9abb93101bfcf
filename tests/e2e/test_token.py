"""Keys on a PKCS#11 token: SoftHSM, filled with pkcs11-tool, signs through the program."""

import glob
import shutil
import subprocess
import unittest

from support.program import DavitTest

MODULES = glob.glob("/usr/lib/softhsm/libsofthsm2.so") + glob.glob("/usr/lib/*/softhsm/libsofthsm2.so")
PIN = "4711"


@unittest.skipUnless(MODULES and shutil.which("pkcs11-tool") and shutil.which("softhsm2-util"), "SoftHSM or pkcs11-tool is not installed")
class TokenTest(DavitTest):
    def setUp(self):
        super().setUp()
        (self.folder / "tokens").mkdir()
        (self.folder / "softhsm2.conf").write_text(f"directories.tokendir = {self.folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.environment["SOFTHSM2_CONF"] = str(self.folder / "softhsm2.conf")
        self.environment["DAVIT_PKCS11_MODULE"] = MODULES[0]
        # The library's own leaks at exit are not ours.
        self.environment["ASAN_OPTIONS"] = "detect_leaks=0:" + self.environment.get("ASAN_OPTIONS", "")
        self.tool("softhsm2-util", "--init-token", "--free", "--label", "release", "--so-pin", "0000", "--pin", PIN)
        (self.folder / "app.wasm").write_bytes(b"\0asm\1\0\0\0")

    def tool(self, *words):
        done = subprocess.run(words, capture_output=True, env=self.environment, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def make_key(self, label, number, kind):
        self.tool("pkcs11-tool", "--module", MODULES[0], "--token-label", "release", "--login", "--pin", PIN, "--keypairgen", "--key-type", kind,
                  "--label", label, "--id", number)
        return f"pkcs11:token=release;object={label}"

    def test_every_kind_of_key_signs_artifacts_and_files(self):
        for number, (label, kind) in enumerate([("p256", "EC:prime256v1"), ("p384", "EC:secp384r1"), ("p521", "EC:secp521r1"),
                                                ("rsa", "rsa:2048"), ("edwards", "EC:edwards25519")]):
            with self.subTest(kind):
                key = self.make_key(label, f"0{number}", kind)
                public = self.succeed("key", "public", "--key", key).out
                (self.folder / "token.pub").write_text(public)
                store = f"oci:{label}:v1"
                self.succeed("push", "app.wasm", store, "--sign", key, "--signature-format", "both", DAVIT_PASSWORD=PIN)
                self.assertEqual(self.succeed("verify", store, "--key", "token.pub", "--json").json["verified"], True)
                shown = subprocess.run(["openssl", "pkey", "-pubin", "-in", self.folder / "token.pub", "-noout"], check=False)
                self.assertEqual(shown.returncode, 0)

    def test_the_pin_comes_from_where_passwords_come_from(self):
        key = self.make_key("signing", "01", "EC:prime256v1")
        self.succeed("push", "app.wasm", "oci:store:v1")
        (self.folder / "pin").write_text(PIN + "\n")
        self.succeed("sign", "oci:store:v1", "--key", key + "?pin-source=" + str(self.folder / "pin"))
        self.succeed("sign", "oci:store:v1", "--key", key, "--password-fd", "0", stdin=PIN.encode())
        self.refuse(5, "sign", "oci:store:v1", "--key", key, saying="PIN does not open", DAVIT_PASSWORD="9999")
        refused = self.refuse(2, "sign", "oci:store:v1", "--key", key + "?pin-value=" + PIN)
        self.assertNotIn(PIN, refused.err)

    def test_what_does_not_name_one_key_is_refused(self):
        self.make_key("first", "01", "EC:prime256v1")
        self.make_key("second", "02", "EC:prime256v1")
        self.succeed("push", "app.wasm", "oci:store:v1")
        for status, key, saying in [(2, "pkcs11:token=release", "more than one"), (4, "pkcs11:token=other;object=first", "no token"),
                                    (4, "pkcs11:token=release;object=third", "no private key"), (8, "pkcs11:token", "name=value")]:
            self.refuse(status, "sign", "oci:store:v1", "--key", key, saying=saying, DAVIT_PASSWORD=PIN)
        self.succeed("sign", "oci:store:v1", "--key", "pkcs11:token=release;id=%02", DAVIT_PASSWORD=PIN)

    def test_the_module_must_be_named_and_be_one(self):
        key = "pkcs11:token=release;object=first"
        self.refuse(2, "key", "public", "--key", key, saying="no PKCS#11 module", DAVIT_PKCS11_MODULE="")
        self.refuse(12, "key", "public", "--key", key, "--pkcs11-module", "/no/module.so", saying="cannot be loaded")
        self.make_key("first", "01", "EC:prime256v1")
        self.succeed("key", "public", "--key", key + "?module-path=" + MODULES[0], DAVIT_PKCS11_MODULE="/no/module.so")


if __name__ == "__main__":
    unittest.main()
