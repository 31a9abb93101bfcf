// Valid signatures of every Sigstore form, made from a World: what the tests then spoil in one place.
#pragma once

#include <string>

#include "oci/trust/judge.hpp"
#include "oci/trust/sigstore/trusted_root.hpp"
#include "support/forge/sigstore.hpp"

namespace davit::forge {

inline constexpr const char* k_artifact = "the artifact\n";
inline constexpr const char* k_predicate = "https://example.com/predicate/v1";

enum class Logged { not_at_all, first_generation, second_generation };

/// A bundle in the making: change a part, then `text()`.
struct Making {
  World* world;
  Key key = Key::ec();
  Bytes certificate{};  ///< empty: signed with a key
  oci::Bundle bundle{.content = oci::MessageSignature{}};
  [[nodiscard]] std::string text() const { return oci::write_bundle(bundle); }
  [[nodiscard]] Bytes& signature();
  [[nodiscard]] std::string signer_pem() const;
};

/// A signature over `k_artifact` itself.
Making make_message(World& world, bool keyless, Logged logged);
/// A statement about `k_artifact`.
Making make_statement(World& world, bool keyless, Logged logged, const std::string& predicate_type = k_predicate,
                      const std::string& subject = "");
/// Logs what the bundle now says; `kind` for statements in logs of the first generation: dsse or intoto.
void log_it(Making& making, Logged logged, const std::string& kind = "dsse");
void stamp_it(Making& making, const TimestampSpec& spec = {});

/// The same as a layer of the classic form.
struct ClassicMaking {
  World* world;
  Key key = Key::ec();
  Bytes certificate{};
  std::string payload{};
  Bytes signature{};
  oci::ClassicEntry entry{.payload = {}};
};
ClassicMaking make_classic(World& world, bool keyless, bool logged);
ClassicMaking make_classic_attestation(World& world, bool keyless, const std::string& kind = "dsse");
/// Views into `making`.
oci::ClassicEntry entry_of(const ClassicMaking& making);

oci::SigstoreTrust trust_of(const World& world);
oci::Question question(const std::string& predicate_type = "");
std::string statement(const std::string& predicate_type, const std::string& subject_hex);
std::string simple_signing(const std::string& digest);

}  // namespace davit::forge
