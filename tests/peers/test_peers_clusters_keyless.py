"""Exported policies about identities, judged by who reads them with the keys of a Sigstore on loopback."""

import unittest

from support.clusters import PASSWORD, KyvernoJudge, PolicyControllerJudge, RatifyJudge, attested_by, signed_by

SIGNER = "dev@project.example"


class Identities:
    def setUp(self):
        super().setUp()
        self.start_standin()

    def identity(self, name=SIGNER, issuer=None):
        return {"identity": name, "issuer": issuer or self.standin.url}

    def signed(self, repository, email=SIGNER, form="both"):
        name = self.push(repository)
        self.keyless("sign", name, email, "--signature-format", form)
        return name

    def test_the_identity_is_asked_for(self):
        self.write([["team/*"], signed_by("ci")], ci=self.identity())
        self.agree(self.signed("team/app"), True)
        self.agree(self.signed("team/wrong", "somebody@else.example"), False)
        self.agree(self.push("team/key", "release"), False)
        self.agree(self.push("team/none"), False)
        self.stricter(self.signed("team/bundle", form="bundle"), "the classic form")

    def test_the_issuer_is_asked_for(self):
        self.write([["team/*"], signed_by("ci")], ci=self.identity(issuer="https://accounts.example.com"))
        self.agree(self.signed("team/app"), False)

    def test_an_expression_is_held_against_the_whole_identity(self):
        self.write([["team/*"], signed_by("ci")], ci=self.identity({"pattern": "dev@project|ops@.*"}))
        self.agree(self.signed("team/longer"), False)
        self.agree(self.signed("team/app", "ops@project.example"), True)
        self.agree(self.signed("team/before", "devops@project.example"), False)

    def test_an_exact_identity_is_no_pattern(self):
        self.write([["team/*"], signed_by("ci")], ci=self.identity("*@project?example"))
        self.agree(self.signed("team/app"), False)


class Attestations:
    def test_an_attestation_of_the_identity_is_asked_for(self):
        (self.folder / "predicate.json").write_text('{"passed": true}')
        self.write([["team/*"], attested_by("ci")], ci=self.identity())
        cases = ((SIGNER, "scan", True), ("somebody@else.example", "scan", False), (SIGNER, "other", False))
        for number, (email, kind, accepted) in enumerate(cases):
            name = self.signed(f"team/app{number}")
            self.agree(name, False)
            self.keyless("attest", name, email, "--type", f"https://example.com/{kind}", "--predicate", "predicate.json",
                         "--attestation-format", "both")
            self.agree(name, accepted)


class LoggedKeys:
    def witnessed(self, repository, key):
        name = self.push(repository)
        self.succeed("sign", name, "--key", f"{key}.key", "--signature-format", "both", "--signing-config", "services.json", "--trusted-root",
                     "root.json", **PASSWORD)
        return name

    def test_a_key_that_must_be_logged_is_asked_for_with_the_log(self):
        self.write([["team/*"], signed_by("release")], release={"key": "release.pub", "logged": True})
        self.agree(self.witnessed("team/app", "release"), True)
        self.agree(self.witnessed("team/wrong", "stranger"), False)
        self.agree(self.push("team/unlogged", "release"), False)


class PolicyController(Identities, Attestations, LoggedKeys, PolicyControllerJudge):
    pass


class Ratify(Identities, LoggedKeys, RatifyJudge):
    def test_keys_of_which_one_must_be_logged_must_all_be(self):
        self.write([["team/*"], signed_by("release", "review")], release={"key": "release.pub", "logged": True})
        self.agree(self.witnessed("team/app", "review"), True)
        self.agree(self.push("team/unlogged", "release"), False)
        self.stricter(self.push("team/review", "review"), "signatures of its other keys must be as well")


class Kyverno(Identities, Attestations, KyvernoJudge):
    pass


if __name__ == "__main__":
    unittest.main()
