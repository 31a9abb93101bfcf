"""Exported policies, judged by who reads them: policy-controller, Ratify, Kyverno, and the library of skopeo, podman and CRI-O.

What they accept, davit accepts; where they refuse more, the export says so.
"""

import shutil
import unittest

from support.clusters import ContainersPolicyJudge, KyvernoJudge, OverReferrers, PolicyControllerJudge, RatifyJudge, attested_by, signed_by


class ContainersPolicy(ContainersPolicyJudge):
    def test_a_signature_of_the_signer_is_asked_for(self):
        self.write([["team", "team/*"], signed_by("release")])
        self.agree(self.push("team", "release"), True)
        self.agree(self.push("team/app", "release"), True)
        self.agree(self.push("team/none"), False)
        self.agree(self.push("team/wrong", "stranger"), False)
        self.agree(self.push("other/app", "release"), False)
        self.judge_what_is_only_attested()

    def test_keys_of_every_kind_are_taken(self):
        self.judge_every_kind_of_key()

    def test_what_cosign_signed_is_accepted(self):
        self.write([["team", "team/*"], signed_by("cosign")])
        name = self.push("team/app", "release")
        self.cosign_sign(name, "classic")
        self.agree(name, True)
        bundle = self.push("team/bundle")
        self.cosign_sign(bundle, "bundle")
        self.stricter(bundle, "only signatures of the classic form")

    def test_a_signature_for_another_repository_is_refused(self):
        """davit asks for the repository that a signature names only when told to."""
        self.write([["*"], signed_by("release")])
        signed = self.push("team/app", "release")
        self.succeed("copy", signed, f"{self.host}/team/copy:v1", "--recursive")
        self.agree(signed, True)
        self.stricter(f"{self.host}/team/copy:v1", "the repository that a signature names must be the one pulled from")

    def test_any_or_all_of_several_signers_are_asked_for(self):
        self.judge_any_and_both_signers()

    def test_the_most_specific_rule_decides(self):
        self.write([["*"], signed_by("release")], [["team", "team/*"], signed_by("review")], [["team/bad", "team/bad/*"], {"deny": True}])
        for repository, by in (("other", "release"), ("team/app", "review"), ("team/badly", "review")):
            self.agree(self.push(repository, by), True)
        for repository, by in (("otherwise", "review"), ("team/own", "release"), ("team/bad", "review"), ("team/bad/one", "review")):
            self.agree(self.push(repository, by), False)

    @unittest.skipUnless(shutil.which("skopeo"), "skopeo is not installed")
    def test_skopeo_refuses_what_is_refused(self):
        """Debian builds it without this kind of signatures, so that it can only be asked what is refused."""
        self.write([["*"], signed_by("release")], [["team", "team/*"], {"deny": True}])
        name = self.push("team/app", "release")
        self.agree(name, False)
        said = self.peer("skopeo", "--policy", "containers.json", "--registries.d", "registries.d", "copy", "--src-tls-verify=false",
                         f"docker://{name}", "dir:out", check=False)
        self.assertNotEqual(said.returncode, 0)
        self.assertIn("is rejected by policy", said.stderr)


class PolicyController(PolicyControllerJudge):
    def test_a_signature_of_the_signer_is_asked_for(self):
        self.judge_the_signer()
        self.agree(self.push("single/below", "release"), False)
        self.agree(self.push("team", "release"), False)
        self.judge_what_is_only_attested()

    def test_a_digest_is_judged_as_a_tag_is(self):
        self.write([["single"], signed_by("release")])
        name = self.push("single", "release")
        self.agree(self.pinned(name), True)
        self.agree(self.pinned(self.push("single/below", "release")), False)

    def test_keys_of_every_kind_are_taken(self):
        self.judge_every_kind_of_key()

    def test_what_cosign_signed_is_accepted(self):
        self.write([["team/*"], {**signed_by("cosign"), **attested_by("cosign")}])
        (self.folder / "scan.json").write_text("{}")
        for form, accepted in (("classic", True), ("bundle", False)):
            name = self.push(f"team/{form}", "stranger")
            self.cosign_sign(name, form)
            self.assertFalse(self.davit_accepts(name))
            self.cosign_sign(name, form, "attest", "--type", "https://example.com/scan", "--predicate", "scan.json")
            if accepted:
                self.agree(name, True)
            else:
                self.stricter(name, "in the classic form only")

    def test_an_attestation_of_the_type_is_asked_for(self):
        self.write([["team/*"], attested_by("release")])
        self.judge_types_of_attestations()

    def test_any_or_all_of_several_signers_are_asked_for(self):
        self.judge_any_and_both_signers()

    def test_where_rules_overlap_all_of_them_must_pass(self):
        self.write([["*"], signed_by("release")], [["team/*"], signed_by("review")], [["team/bad"], {"deny": True}])
        self.agree(self.push("other", "release"), True)
        self.agree(self.push("team/app", "release"), False)
        self.agree(self.push("team/bad", "release", "review"), False)
        self.agree(self.push("team/both", "release", "review"), True)
        self.stricter(self.push("team/own", "review"), "all of these rules must pass")


class Ratify(RatifyJudge):
    def test_a_signature_of_the_signer_is_asked_for(self):
        self.judge_the_signer()
        self.agree(self.push("single/below", "release"), False)
        self.agree(self.push("team", "release"), False)

    def test_keys_of_every_kind_are_taken(self):
        self.judge_every_kind_of_key()

    def test_what_cosign_signed_is_accepted(self):
        self.write([["team/*"], signed_by("cosign")])
        name = self.push("team/app")
        self.cosign_sign(name, "classic")
        self.agree(name, True)
        bundle = self.push("team/bundle")
        self.cosign_sign(bundle, "bundle")
        self.stricter(bundle, "only signatures of the classic form")

    def test_any_of_several_signers_is_asked_for(self):
        self.write([["team/*"], signed_by("release", "review")])
        self.agree(self.push("team/app", "review"), True)
        self.agree(self.push("team/wrong", "stranger"), False)
        self.agree(self.push("team/last", "stranger", "release"), True)
        self.stricter(self.push("team/first", "release", "stranger"), "Ratify believes the last one alone")

    def test_rules_stand_beside_each_other(self):
        self.write([["*"], signed_by("release")], [["team/*", "team/deep/*"], signed_by("review")], [["single"], signed_by("stranger")])
        for repository, by in (("other", "release"), ("team/app", "review"), ("team/deep/app", "review"), ("single", "stranger")):
            self.agree(self.push(repository, by), True)
        for repository, by in (("otherwise", "review"), ("team/own", "release"), ("team/deep/own", "release")):
            self.agree(self.push(repository, by), False)


class Kyverno(KyvernoJudge):
    def test_a_signature_of_the_signer_is_asked_for(self):
        self.judge_the_signer()
        self.agree(self.pinned(f"{self.host}/single:v1"), True)

    def test_what_no_rule_is_about_is_refused(self):
        self.write([["team/*", "single"], signed_by("release")])
        for repository in ("team", "other/app", "single/below"):
            self.agree(self.push(repository, "release"), False)

    def test_an_attestation_is_no_signature(self):
        self.write([["team/*"], signed_by("release")])
        self.judge_what_is_only_attested()

    def test_an_attestation_of_the_type_is_asked_for(self):
        self.write([["team/*"], {**signed_by("review"), **attested_by("release")}])
        self.judge_types_of_attestations()

    def test_keys_of_every_kind_are_taken(self):
        self.judge_every_kind_of_key()

    def test_what_cosign_signed_is_accepted(self):
        self.write([["team/*"], {**signed_by("cosign"), **attested_by("cosign")}])
        (self.folder / "scan.json").write_text("{}")
        for form in ("bundle", "classic"):
            name = self.push(f"team/{form}", "stranger")
            self.cosign_sign(name, form)
            self.agree(name, False)
            self.cosign_sign(name, form, "attest", "--type", "https://example.com/scan", "--predicate", "scan.json")
            if form == "bundle":
                self.agree(name, True)
            else:
                self.stricter(name, "only Sigstore bundles are looked at")

    def test_any_some_or_all_of_several_signers_are_asked_for(self):
        self.write([["any/*"], signed_by("release", "review")], [["some/*"], signed_by("release", "review", "stranger", threshold=2)])
        self.agree(self.push("any/app", "review"), True)
        self.agree(self.push("any/wrong", "stranger"), False)
        self.agree(self.push("some/app", "release", "stranger"), True)
        self.agree(self.push("some/one", "review"), False)

    def test_the_most_specific_rule_decides(self):
        """With a rule that has a pattern on either side of another's."""
        self.write([["*"], signed_by("release")], [["team/*", "team/bad/good/*"], signed_by("review")], [["team/bad/*"], {"deny": True}])
        for repository, by in (("other", "release"), ("team/app", "review"), ("team/bad/good/app", "review")):
            self.agree(self.push(repository, by), True)
        for repository, by in (("otherwise", "review"), ("team/own", "release"), ("team/bad/app", "review"), ("team/bad/good/none", "release")):
            self.agree(self.push(repository, by), False)


class ContainersPolicyOverReferrers(OverReferrers, ContainersPolicyJudge):
    pass


class PolicyControllerOverReferrers(OverReferrers, PolicyControllerJudge):
    pass


class RatifyOverReferrers(OverReferrers, RatifyJudge):
    pass


if __name__ == "__main__":
    unittest.main()
