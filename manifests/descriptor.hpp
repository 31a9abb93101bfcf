// The OCI content descriptor (image-spec 1.1, descriptor.md): what a thing is, its digest and its size.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/json.hpp"

namespace davit {

using Annotations = std::map<std::string, std::string>;

struct Platform {
  std::string architecture{};
  std::string os{};
  std::string variant{};
  std::string os_version{};                ///< `os.version`: Windows matches it
  std::vector<std::string> os_features{};  ///< `os.features`
  friend bool operator==(const Platform&, const Platform&) = default;
};

/// From the member of a descriptor, or from an image configuration, which has the same members at its top.
Result<Platform> parse_platform(const JsonView& json);
/// Parses `OS/ARCH[/VARIANT]`. Errors: usage
Result<Platform> parse_platform_words(std::string_view text);
/// `linux/arm64/v8`
std::string to_text(const Platform& platform);

struct Descriptor {
  std::string media_type;
  Digest digest;
  std::uint64_t size = 0;  ///< bytes
  std::string artifact_type{};
  Annotations annotations{};
  std::optional<Platform> platform{};
  std::string data{};  ///< base64 as received; empty when absent
  std::vector<std::string> urls{};
  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

/// Errors: malformed (a required member is absent or of the wrong kind), unsupported (digest algorithm)
Result<Descriptor> parse_descriptor(const JsonView& json);
Json to_json(const Descriptor& descriptor);

/// A manifest's string map; absent means empty.
Result<Annotations> parse_annotations(const std::optional<JsonView>& json);
Json to_json(const Annotations& annotations);

/// Describes bytes in memory.
Descriptor describe(ByteView bytes, std::string_view media_type);

}  // namespace davit
