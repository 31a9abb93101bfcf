// Where an artifact lives, parsed once at the edge into a type that cannot be wrong.
//
//   registry.example.com/team/app[:tag][@sha256:…]   remote registry (Docker's rules for the first part)
//   oci:PATH[:tag][@digest]                          OCI image layout folder
//   oci-archive:FILE[:tag]                           the same in one tar
//   docker-archive:FILE[:name:tag]                   docker save format
//   FILE.wasm, FILE.wat, -                           a file, or standard input or output
//
// Grammar of remote names: distribution-spec 1.1, "Pulling manifests"; at most 255 bytes for host and name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "manifests/digest.hpp"
#include "manifests/result.hpp"

namespace davit {

struct RegistryReference {
  std::string host;        ///< `registry.example.com`, `localhost:5000`; `docker.io` by default
  std::string repository;  ///< `team/app`
  std::optional<std::string> tag{};
  std::optional<Digest> digest{};
  friend bool operator==(const RegistryReference&, const RegistryReference&) = default;
};

enum class ArchiveKind { oci_layout, oci_archive, docker_archive };

struct LocalReference {
  ArchiveKind kind = ArchiveKind::oci_layout;
  std::string path;
  std::optional<std::string> tag{};  ///< for docker-archive: `name:tag`
  std::optional<Digest> digest{};
  friend bool operator==(const LocalReference&, const LocalReference&) = default;
};

struct FileReference {
  std::string path;  ///< `-` is standard input or output
  friend bool operator==(const FileReference&, const FileReference&) = default;
};

using Reference = std::variant<RegistryReference, LocalReference, FileReference>;

/// Parses any reference. Text that starts with `./`, `/` or `../`, is `-`, or ends in `.wasm` or `.wat` and
/// holds no tag is a file; text with a known prefix is local; the rest is a remote name.
/// Errors: usage (names the offending part), unsupported (docker-daemon:)
Result<Reference> parse_reference(std::string_view text);

/// Parses a store reference; a file is refused with a hint.
Result<Reference> parse_store_reference(std::string_view text);

/// Docker's and OCI's tag grammar: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}
bool is_tag(std::string_view text);

/// The text that parses to the same reference.
std::string to_text(const Reference& reference);

/// The same place with another tag or digest and nothing else selected.
Reference with_tag(const Reference& reference, std::string tag);
Reference with_digest(const Reference& reference, Digest digest);
std::optional<std::string> tag_of(const Reference& reference);
std::optional<Digest> digest_of(const Reference& reference);

}  // namespace davit
