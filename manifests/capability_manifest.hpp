// The capability manifest: what a publisher asks for on behalf of a wasm file. A request is a claim and grants
// nothing. Media type application/vnd.davit.capabilities.v1+json; JSON Schema in capabilities.schema.json.
//
// Patterns in it:
//   guest path    absolute, without `.`, `..` or doubled slashes; stands for the whole tree below it
//   environment   a name, or its beginning and `*`
//   network       tcp://HOST:PORT or udp://HOST:PORT; HOST may be `*` or `*.suffix`, PORT may be `*`
//   http          http://HOST[:PORT][/PATH] or https://…; HOST as above; PATH stands for everything below it
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/bytes.hpp"
#include "manifests/json.hpp"
#include "manifests/result.hpp"

namespace davit {

inline constexpr std::size_t k_max_capability_manifest_bytes = std::size_t{256} << 10;
inline constexpr std::size_t k_max_capability_items = 1'000;  ///< entries of one list

/// One thing outside the sandbox: a class of the design (`filesystem`, `network`, `host:NAMESPACE`, …) and, where the
/// class has parts, which (`read`, `outbound`, `stdout`, `wall`).
struct Capability {
  std::string class_name;
  std::string part{};
  friend auto operator<=>(const Capability&, const Capability&) = default;
};

/// `filesystem.read`; the class alone when it has no parts.
std::string to_text(const Capability& capability);

enum class FileAccess { read, write };  ///< write includes read

struct FilesystemRequest {
  std::string guest;
  FileAccess access = FileAccess::read;
  std::string reason{};
  friend bool operator==(const FilesystemRequest&, const FilesystemRequest&) = default;
};

struct CapabilityRequests {
  std::vector<FilesystemRequest> filesystem{};
  std::vector<std::string> environment{};
  bool arguments = false;
  std::vector<std::string> stdio{};  ///< stdin, stdout, stderr
  std::vector<std::string> network_outbound{};
  std::vector<std::string> network_inbound{};
  bool network_resolve = false;
  std::vector<std::string> http_outbound{};
  bool http_serve = false;
  std::vector<std::string> clocks{};  ///< wall, monotonic
  std::vector<std::string> flags{};   ///< classes without parts that are requested: random, threads, exit, …; sorted
  std::vector<std::string> host{};    ///< namespaces of host functions
  friend bool operator==(const CapabilityRequests&, const CapabilityRequests&) = default;
};

struct CapabilityLimits {
  std::string memory{};  ///< `64MiB`; empty when not limited
  std::string time{};    ///< `5s`
  friend bool operator==(const CapabilityLimits&, const CapabilityLimits&) = default;
};

struct CapabilityManifest {
  CapabilityRequests requests{};
  CapabilityLimits limits{};
  friend bool operator==(const CapabilityManifest&, const CapabilityManifest&) = default;
};

/// Classes that are asked for with true or false.
std::span<const std::string_view> flag_classes();

/// Errors: malformed (syntax, unknown member, bad pattern; the JSON pointer is the place), limit, unsupported (version)
Result<CapabilityManifest> parse_capability_manifest(std::string_view text);
Result<CapabilityRequests> parse_capability_requests(const JsonView& json);

/// Members in the order of the schema, lists sorted, nothing that is not asked for.
Json to_json(const CapabilityManifest& manifest);
Json to_json(const CapabilityRequests& requests);
/// Indented text that parses to the same manifest; equal manifests give equal text.
std::string write_capability_manifest(const CapabilityManifest& manifest);

/// The capabilities that requests touch, sorted, without their patterns.
std::vector<Capability> capabilities_of(const CapabilityRequests& requests);
/// Value of the annotation dev.davit.capabilities: sorted class names with commas between.
std::string capability_annotation(const std::vector<Capability>& capabilities);

/// What `inner` asks for beyond `outer`, one line each (`environment "PATH"`); empty when `outer` covers it.
std::vector<std::string> excess(const CapabilityRequests& inner, const CapabilityRequests& outer);

/// Bytes of `64MiB`, milliseconds of `5s`. Errors: malformed
Result<std::uint64_t> parse_memory_limit(std::string_view text);
Result<std::uint64_t> parse_time_limit(std::string_view text);

}  // namespace davit
