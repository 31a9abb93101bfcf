"""verify through the program: every way to say whom to trust, lists, SARIF, and no socket when offline."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from support.program import VECTORS, DavitTest, program
from support.wasm import adding, custom, module

PASSWORD = {"DAVIT_PASSWORD": "correct horse"}
CASES = VECTORS / "sigstore" / "bundle-verify"
IDENTITY = ("https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
            "extremely-dangerous-oidc-beacon.yml@refs/heads/main")
ISSUER = "https://token.actions.githubusercontent.com"


@unittest.skipUnless(CASES.exists(), "the shared vectors are not here")
class Keyless(DavitTest):
    def test_the_answer_says_who_when_and_where_it_was_logged(self):
        case = CASES / "happy-path-v0.3"
        done = self.succeed("verify", CASES / "a.txt", "--bundle", case / "bundle.sigstore.json", "--trusted-root",
                            VECTORS / "sigstore" / "trusted_root.json", "--certificate-identity-regexp",
                            "https://github.com/sigstore-conformance/.*", "--certificate-oidc-issuer", ISSUER, "--offline", "--json")
        found = done.json["signatures"][0]
        self.assertTrue(found["verified"])
        self.assertEqual(found["certificate"]["issuer"], ISSUER)
        self.assertTrue(found["certificate"]["extensions"])
        self.assertTrue(found["logs"] and found["times"])

    def test_GHSA_59jp_pj84_45mr_an_expression_is_anchored_at_both_ends(self):
        case = CASES / "happy-path-v0.3"
        words = ["verify", CASES / "a.txt", "--bundle", case / "bundle.sigstore.json", "--trusted-root",
                 VECTORS / "sigstore" / "trusted_root.json", "--certificate-oidc-issuer", ISSUER]
        self.refuse(11, *words, "--certificate-identity-regexp", "sigstore-conformance", saying="not accepted")
        self.refuse(11, *words, "--certificate-identity-regexp", "https://github.com/sigstore-conformance", saying="not accepted")
        self.refuse(2, *words, "--certificate-identity-regexp", "(", saying="not a regular expression")
        self.refuse(2, *words, saying="an identity counts only together")

    @unittest.skipIf(shutil.which("strace") is None, "strace is not installed")
    def test_offline_opens_no_socket(self):
        case = CASES / "happy-path-v0.3"
        trace = self.folder / "trace"
        words = ["strace", "-f", "-e", "trace=network", "-o", trace, program(), "verify", CASES / "a.txt", "--bundle",
                 case / "bundle.sigstore.json", "--trusted-root", VECTORS / "sigstore" / "trusted_root.json",
                 "--certificate-identity", IDENTITY, "--certificate-oidc-issuer", ISSUER, "--offline"]
        # The leak checker of a sanitized build cannot run under a tracer.
        done = subprocess.run(list(map(str, words)), env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertNotIn("socket(", trace.read_text())


class Verify(DavitTest):
    def setUp(self):
        super().setUp()
        for name in ("one", "two"):
            self.succeed("key", "generate", "-o", name, **PASSWORD)
        (self.folder / "app.wasm").write_bytes(module(200))

    def push(self, tag, *keys):
        made = self.succeed("push", "app.wasm", f"oci:store:{tag}").out.strip()
        for key in keys:
            self.succeed("sign", f"oci:store:{tag}", "--key", f"{key}.key", **PASSWORD)
        return made

    def test_a_threshold_counts_distinct_signers(self):
        self.push("v1", "one")
        keys = ["--key", "one.pub", "--key", "two.pub"]
        self.refuse(11, "verify", "oci:store:v1", *keys, "--threshold", "2", saying="1 of 2 distinct signers")
        self.refuse(11, "verify", "oci:store:v1", "--key", "one.pub", "--key", "one.pub", "--threshold", "2")
        self.succeed("sign", "oci:store:v1", "--key", "two.key", **PASSWORD)
        self.succeed("verify", "oci:store:v1", *keys, "--threshold", "2")
        self.refuse(2, "verify", "oci:store:v1", *keys, "--threshold", "0", saying="would accept everything")

    def test_it_says_which_places_it_asked(self):
        self.push("v1")
        refused = self.refuse(15, "verify", "oci:store:v1", "--key", "one.pub", saying="is not signed")
        self.assertIn("asked: referrers: no signature", refused.err)
        self.assertIn("asked: tag sha256-", refused.err)

    def test_half_of_what_would_be_trust_is_an_error_everywhere(self):
        self.push("v1", "one")
        for command in (["verify", "oci:store:v1"], ["pull", "oci:store:v1", "-o", "out.wasm"], ["copy", "oci:store:v1", "oci:other:v1"],
                        ["convert", "oci:store:v1", "oci:other:v2", "--format", "wasm"], ["run", "oci:store:v1"]):
            self.refuse(2, *command, "--certificate-oidc-issuer", ISSUER, saying="an identity counts only together")
            self.refuse(2, *command, "--key", "", saying="an empty text")
            self.refuse(2, *command, "--policy", "", saying="an empty text")
            self.refuse(2, *command, "--as", "x/y", saying="was given to verify with")
        self.assertFalse((self.folder / "out.wasm").exists() or (self.folder / "other").exists())

    def test_every_command_refuses_what_verify_refuses_and_takes_what_it_takes(self):
        self.push("v1", "one")
        for key, status in (("two.pub", 11), ("one.pub", 0)):
            for command in (["pull", "oci:store:v1", "-o", "out.wasm"], ["copy", "oci:store:v1", "oci:other:v1"],
                            ["convert", "oci:store:v1", "oci:third:v1", "--format", "wasm"]):
                if status:
                    self.refuse(status, *command, "--key", key)
                else:
                    self.succeed(*command, "--key", key)
            self.assertEqual((self.folder / "out.wasm").exists(), status == 0)
            self.assertEqual((self.folder / "other").exists(), status == 0)

    def test_verification_that_is_asked_for_is_never_left_out(self):
        self.push("v1", "one")
        commands = (["pull", "oci:store:v1", "-o", "out.wasm"], ["copy", "oci:store:v1", "oci:other:v1"],
                    ["convert", "oci:store:v1", "oci:third:v1", "--format", "wasm"], ["run", "oci:store:v1"])
        nobody = {"XDG_CONFIG_HOME": str(self.folder / "config")}
        for command in commands:
            refused = self.refuse(2, *command, "--verify", saying="no key, identity or policy was given to verify with", **nobody)
            self.assertIn("--key FILE", refused.err)
            self.refuse(11, *command, "--verify", "--key", "two.pub", **nobody)
        self.assertFalse(any((self.folder / name).exists() for name in ("out.wasm", "other", "third")))
        for command in commands[:3]:
            self.succeed(*command, "--verify", "--key", "one.pub", **nobody)
        self.push("v2")
        self.refuse(2, "run", "app.wasm", "--verify", saying="is a file")

    def test_a_list_is_answered_line_by_line(self):
        good, bad = self.push("v1", "one"), self.push("v2")
        (self.folder / "list").write_text(f"# releases\noci:store:v1\n\noci:store:v3\n{good}\n")
        self.assertEqual(good.split("@")[1], bad.split("@")[1])
        lines = self.refuse(4, "verify", "--from-file", "list", "--key", "one.pub", "--json").out.splitlines()
        answers = [json.loads(line) for line in lines]
        self.assertEqual([answer["verified"] for answer in answers], [True, False, True])
        self.assertEqual(answers[1]["exitStatus"], 4)
        (self.folder / "empty").write_text("# nothing\n")
        self.refuse(2, "verify", "--from-file", "empty", "--key", "one.pub", saying="names nothing")
        self.refuse(2, "verify", "--key", "one.pub", saying="nothing to verify")

    def test_a_list_is_answered_in_its_order_with_a_failing_entry_in_the_middle(self):
        self.push("v1", "one")
        for number in range(5):
            shutil.copytree(self.folder / "store", self.folder / f"store{number}")
        names = [f"oci:store{number % 5}:v1" for number in range(40)]
        names[17], names[23] = "oci:nowhere:v1", "not a reference"
        (self.folder / "list").write_text("\n".join(names))
        ways = (["--concurrency", "1"], ["--concurrency", "16"], ["--verbose"], [])
        outcomes = [self.refuse(4, "verify", "--from-file", "list", "--key", "one.pub", "--json", *words) for words in ways]
        for outcome in outcomes:
            answers = [json.loads(line) for line in outcome.out.splitlines()]
            self.assertEqual([answer["target"] for answer in answers], names)
            self.assertEqual([number for number, answer in enumerate(answers) if not answer["verified"]], [17, 23])
            self.assertIn("2 of 40 are not accepted; the first: ", outcome.err)
            self.assertEqual(outcome.out, outcomes[0].out)

    def test_a_line_from_a_pipe_is_answered_before_the_next_one_comes(self):
        self.push("v1", "one")
        words = [program(), "verify", "--from-file", "-", "--key", "one.pub", "--json"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder, env=self.environment) as running:
            for tag, verified in (("v1", True), ("v2", False), ("v1", True)):
                running.stdin.write(f"oci:store:{tag}\n".encode())
                running.stdin.flush()
                self.assertEqual(json.loads(running.stdout.readline())["verified"], verified)
            running.stdin.close()
            self.assertEqual(running.wait(60), 4)

    def test_a_list_whose_reader_goes_away_ends(self):
        self.push("v1", "one")
        (self.folder / "list").write_text("oci:store:v1\n" * 5000)
        words = [program(), "verify", "--from-file", "list", "--key", "one.pub"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder, env=self.environment) as running:
            running.stdout.readline()
            running.stdout.close()
            self.assertIn(b"cannot write the result", running.stderr.read())
            self.assertEqual(running.wait(60), 3)

    def test_a_line_that_is_too_long_ends_the_list_after_the_answers_before_it(self):
        self.push("v1", "one")
        (self.folder / "list").write_text("oci:store:v1\n" + "x" * 5000 + "\noci:store:v1\n")
        done = self.refuse(9, "verify", "--from-file", "list", "--key", "one.pub", saying="a line of 5000 bytes is no reference")
        self.assertEqual(len(done.out.splitlines()), 1)

    def test_a_policy_of_a_list_is_read_once_and_each_line_judged_by_its_own_rule(self):
        self.push("v1", "one")
        shutil.copytree(self.folder / "store", self.folder / "other")
        shutil.copytree(self.folder / "store", self.folder / "third")
        rules = [{"name": name, "repositories": [f"oci:{store}"], "signatures": [{"signers": [signer]}]}
                 for name, store, signer in (("a", "store", "one"), ("b", "other", "two"))]
        (self.folder / "policy.json").write_text(json.dumps({
            "schemaVersion": 1, "signers": {"one": {"key": "one.pub"}, "two": {"key": "two.pub"}}, "rules": rules}))
        (self.folder / "list").write_text("oci:store:v1\noci:other:v1\noci:third:v1\n" * 4)
        done = self.refuse(11, "verify", "--from-file", "list", "--policy", "policy.json", "--json")
        answers = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([answer["verified"] for answer in answers], [True, False, False] * 4)
        self.assertIn("no rule of policy.json is about", answers[2]["reason"])
        (self.folder / "two.pub").write_text("no key")
        # A key that is none is the trouble of the lines whose rule asks for it.
        done = self.refuse(8, "verify", "--from-file", "list", "--policy", "policy.json", "--json")
        answers = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([answer["exitStatus"] for answer in answers], [0, 8, 11] * 4)

    def test_sarif_names_the_rule_that_was_broken(self):
        self.push("v1", "two")
        (self.folder / "list").write_text("oci:store:v1\n")
        for words in (["oci:store:v1"], ["--from-file", "list"]):
            report = json.loads(self.refuse(11, "verify", *words, "--key", "one.pub", "--output", "sarif").out)
            self.assertEqual(report["version"], "2.1.0")
            results = report["runs"][0]["results"]
            self.assertEqual([result["ruleId"] for result in results], ["not-trusted", "refused-signature"])
            rules = {rule["id"] for rule in report["runs"][0]["tool"]["driver"]["rules"]}
            self.assertTrue({result["ruleId"] for result in results} <= rules)
        self.succeed("sign", "oci:store:v1", "--key", "one.key", **PASSWORD)
        report = json.loads(self.succeed("verify", "oci:store:v1", "--key", "one.pub", "--output", "sarif").out)
        self.assertEqual([result["level"] for result in report["runs"][0]["results"]], ["note"])

    def test_signatures_inside_a_module_are_verified(self):
        (self.folder / "app.wasm").write_bytes(adding())
        for name in ("inner", "outer"):
            self.succeed("key", "generate", "-o", name, "--type", "ed25519", **PASSWORD)
        self.refuse(15, "verify", "app.wasm", "--key", "inner.pub")
        self.succeed("sign", "app.wasm", "--signature-format", "wasm", "-o", "signed.wasm", "--key", "inner.key", **PASSWORD)
        found = self.succeed("verify", "signed.wasm", "--key", "inner.pub", "--json").json
        self.assertEqual([item["format"] for item in found["signatures"]], ["wasm"])
        self.refuse(11, "verify", "signed.wasm", "--key", "outer.pub")
        data = (self.folder / "signed.wasm").read_bytes()
        for changed in (data[:-1] + bytes([data[-1] ^ 1]), data + custom("x", b"unsigned")):
            (self.folder / "changed.wasm").write_bytes(changed)
            self.assertNotEqual(self.run_davit("verify", "changed.wasm", "--key", "inner.pub").status, 0)
        self.succeed("sign", "app.wasm", "--signature-format", "wasm", "--detached", "app.sig", "--key", "inner.key", **PASSWORD)
        self.succeed("verify", "app.wasm", "--signature", "app.sig", "--key", "inner.pub")
        self.refuse(11, "verify", "app.wasm", "--signature", "app.sig", "--key", "outer.pub")

    def test_a_report_holds_the_evidence_and_nothing_that_runs(self):
        self.push("v1", "two")
        self.refuse(11, "report", "oci:store:v1", "-o", "r.html", "--key", "one.pub")
        page = (self.folder / "r.html").read_text()
        self.assertIn("Not accepted", page)
        self.assertIn("signed with another key", page)
        self.succeed("sign", "oci:store:v1", "--key", "one.key", **PASSWORD)
        self.assertEqual(self.succeed("report", "oci:store:v1", "-o", "r.html", "--key", "one.pub").out, "r.html\n")
        page = (self.folder / "r.html").read_text()
        for text in (">Accepted<", "default-src 'none'", "1 of 1 distinct signers", "nothing outside its sandbox"):
            self.assertIn(text, page)
        self.assertNotIn("<script", page)
        self.assertNotIn("src=", page)
        (self.folder / "r.html").unlink()
        self.refuse(2, "report", "oci:store:v1", "-o", "r.html", saying="was given to verify with")
        self.assertFalse((self.folder / "r.html").exists())

    def test_what_comes_from_outside_is_escaped_in_a_report(self):
        self.succeed("push", "app.wasm", "oci:store:v1", "--annotation", "a=<script>alert(1)</script>")
        self.succeed("sign", "oci:store:v1", "--key", "one.key", **PASSWORD)
        self.succeed("report", "oci:store:v1", "-o", "r.html", "--key", "one.pub")
        page = (self.folder / "r.html").read_text()
        self.assertIn("&lt;script&gt;", page)
        self.assertNotIn("<script", page)

    def test_a_registry_is_not_asked_offline(self):
        self.refuse(2, "verify", "127.0.0.1:1/team/app:v1", "--key", "one.pub", "--offline", saying="opens no connection")

    def test_a_file_is_checked_against_a_bare_signature(self):
        signature = self.folder / "app.sig"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.folder / "plain.pem"], check=True)
        subprocess.run(["openssl", "ec", "-in", self.folder / "plain.pem", "-pubout", "-out", self.folder / "plain.pub"], check=True, capture_output=True)
        subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.folder / "plain.pem", "-out", signature, self.folder / "app.wasm"], check=True)
        self.succeed("verify", "app.wasm", "--signature", "app.sig", "--key", "plain.pub")
        self.refuse(11, "verify", "app.wasm", "--signature", "app.sig", "--key", "one.pub")
        pathlib.Path(signature).write_bytes(signature.read_bytes()[:-1])
        self.refuse(11, "verify", "app.wasm", "--signature", "app.sig", "--key", "plain.pub")


if __name__ == "__main__":
    unittest.main()
