#include "manifests/reference.hpp"

#include <algorithm>

#include "manifests/encoding.hpp"

namespace davit {
namespace {

constexpr std::size_t k_max_name_bytes = 255;  // distribution-spec: many clients limit host plus name to 255
constexpr std::string_view k_default_host = "docker.io";

bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_alnum(char c) { return is_lower_alnum(c) || (c >= 'A' && c <= 'Z'); }

Error usage(std::string_view text, const std::string& reason) {
  return fail(ErrorCode::usage, "\"" + printable(text) + "\" is not a reference: " + reason)
      .hinting("write HOST/NAME[:TAG][@DIGEST], oci:FOLDER[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE");
}

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool is_path_component(std::string_view part) {
  if (part.empty() || !is_lower_alnum(part.front()) || !is_lower_alnum(part.back())) return false;
  std::size_t i = 0;
  while (i < part.size()) {
    if (is_lower_alnum(part[i])) {
      ++i;
      continue;
    }
    const std::size_t end = part.find_first_of("abcdefghijklmnopqrstuvwxyz0123456789", i);
    const std::string_view separator = part.substr(i, end - i);
    const bool dashes = separator.find_first_not_of('-') == std::string_view::npos;
    if (!dashes && separator != "." && separator != "_" && separator != "__") return false;
    i = end;
  }
  return true;
}

bool is_repository(std::string_view name) {
  while (true) {
    const std::size_t slash = name.find('/');
    if (!is_path_component(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t close = host.find(']');
    if (close == std::string_view::npos || close < 3) return false;
    const std::string_view address = host.substr(1, close - 1);
    if (address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
    host = host.substr(close + 1);
    if (host.empty()) return true;
    if (!host.starts_with(':')) return false;
  } else {
    const std::size_t colon = host.find(':');
    const std::string_view name = host.substr(0, colon);
    const bool good = !name.empty() && is_alnum(name.front()) && is_alnum(name.back()) &&
                      std::ranges::all_of(name, [](char c) { return is_alnum(c) || c == '.' || c == '-'; });
    if (!good) return false;
    if (colon == std::string_view::npos) return true;
    host = host.substr(colon);
  }
  const std::string_view port = host.substr(1);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos) return false;
  return std::stoul(std::string(port)) <= 65535 && port != "0";
}

bool names_a_host(std::string_view first_part) {
  return first_part.find_first_of(".:") != std::string_view::npos || first_part == "localhost";
}

// Cuts `@digest` off the end.
Result<std::optional<Digest>> take_digest(std::string_view& text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return std::optional<Digest>();
  auto digest = Digest::parse(text.substr(at + 1));
  if (!digest) return usage(text, digest.error().message);
  text = text.substr(0, at);
  return std::optional<Digest>(*std::move(digest));
}

Result<Reference> parse_remote(std::string_view whole) {
  std::string_view text = whole;
  if (text.find("://") != std::string_view::npos) return usage(whole, "it holds a URL scheme; leave out everything up to \"://\"");
  TRY_ASSIGN(auto digest, take_digest(text));
  std::optional<std::string> tag;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
    if (!is_tag(text.substr(colon + 1))) return usage(whole, "\"" + printable(text.substr(colon + 1)) + "\" is not a tag");
    tag = std::string(text.substr(colon + 1));
    text = text.substr(0, colon);
  }
  std::string host(k_default_host);
  const std::size_t first = text.find('/');
  if (first != std::string_view::npos && names_a_host(text.substr(0, first))) {
    host = std::string(text.substr(0, first));
    text = text.substr(first + 1);
  }
  if (!is_host(host)) return usage(whole, "\"" + printable(host) + "\" is not a host name");
  if (!is_repository(text)) {
    const bool upper = std::ranges::any_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
    return usage(whole, "\"" + printable(text) + "\" is not a repository name" + (upper ? "; it must be lower case" : ""));
  }
  std::string repository(text);
  if (host == "index.docker.io") host = std::string(k_default_host);
  if (host == k_default_host && repository.find('/') == std::string::npos) repository = "library/" + repository;
  if (host.size() + repository.size() > k_max_name_bytes) return usage(whole, "host and name are longer than 255 bytes");
  return Reference(
      RegistryReference{.host = std::move(host), .repository = std::move(repository), .tag = std::move(tag), .digest = std::move(digest)});
}

Result<Reference> parse_local(ArchiveKind kind, std::string_view whole, std::string_view text) {
  LocalReference out{.kind = kind, .path = {}};
  if (kind != ArchiveKind::docker_archive) {
    // A path may hold '@'; only text that starts like a digest is one.
    const std::size_t at = text.rfind('@');
    if (at != std::string_view::npos && text.substr(at + 1).find(':') != std::string_view::npos) {
      TRY_ASSIGN(out.digest, take_digest(text));
    }
    const std::size_t colon = text.rfind(':');
    if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
      if (!is_tag(text.substr(colon + 1))) return usage(whole, "\"" + printable(text.substr(colon + 1)) + "\" is not a tag");
      out.tag = std::string(text.substr(colon + 1));
      text = text.substr(0, colon);
    }
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    out.tag = std::string(text.substr(colon + 1));
    if (out.tag->empty()) return usage(whole, "the name after the file is empty");
    text = text.substr(0, colon);
  }
  if (text.empty()) return usage(whole, "the path is empty");
  out.path = std::string(text);
  return Reference(std::move(out));
}

bool looks_like_file(std::string_view text) {
  if (text == "-" || text.starts_with("/") || text.starts_with("./") || text.starts_with("../")) return true;
  return text.ends_with(".wasm") || text.ends_with(".wat");
}

}  // namespace

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > 128 || text.front() == '.' || text.front() == '-') return false;
  return std::ranges::all_of(text, [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

Result<Reference> parse_reference(std::string_view text) {
  if (text.empty()) return usage(text, "it is empty");
  if (text.starts_with("oci:")) return parse_local(ArchiveKind::oci_layout, text, text.substr(4));
  if (text.starts_with("oci-archive:")) return parse_local(ArchiveKind::oci_archive, text, text.substr(12));
  if (text.starts_with("docker-archive:")) return parse_local(ArchiveKind::docker_archive, text, text.substr(15));
  if (text.starts_with("docker-daemon:")) {
    return fail(ErrorCode::unsupported, "docker-daemon: references are not supported")
        .hinting("run \"docker save -o FILE NAME\" and use docker-archive:FILE");
  }
  if (looks_like_file(text)) return Reference(FileReference{.path = std::string(text)});
  return parse_remote(text);
}

Result<Reference> parse_store_reference(std::string_view text) {
  TRY_ASSIGN(auto reference, parse_reference(text));
  if (std::holds_alternative<FileReference>(reference)) return usage(text, "it is a file, and a store is needed here");
  return reference;
}

std::string to_text(const Reference& reference) {
  if (const auto* file = std::get_if<FileReference>(&reference)) return file->path;
  std::string out;
  if (const auto* remote = std::get_if<RegistryReference>(&reference)) {
    out = remote->host + "/" + remote->repository;
  } else {
    const auto& local = std::get<LocalReference>(reference);
    switch (local.kind) {
      case ArchiveKind::oci_layout: out = "oci:" + local.path; break;
      case ArchiveKind::oci_archive: out = "oci-archive:" + local.path; break;
      case ArchiveKind::docker_archive: out = "docker-archive:" + local.path; break;
    }
  }
  if (const auto tag = tag_of(reference)) out += ":" + *tag;
  if (const auto digest = digest_of(reference)) out += "@" + digest->text();
  return out;
}

namespace {

template <typename Change>
Reference changed(Reference reference, Change change) {
  std::visit(
      [&](auto& place) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(place)>, FileReference>) {
          place.tag.reset();
          place.digest.reset();
          change(place);
        }
      },
      reference);
  return reference;
}

}  // namespace

Reference with_tag(const Reference& reference, std::string tag) {
  return changed(reference, [&](auto& place) { place.tag = std::move(tag); });
}

Reference with_digest(const Reference& reference, Digest digest) {
  return changed(reference, [&](auto& place) { place.digest = std::move(digest); });
}

std::optional<std::string> tag_of(const Reference& reference) {
  if (const auto* remote = std::get_if<RegistryReference>(&reference)) return remote->tag;
  if (const auto* local = std::get_if<LocalReference>(&reference)) return local->tag;
  return std::nullopt;
}

std::optional<Digest> digest_of(const Reference& reference) {
  if (const auto* remote = std::get_if<RegistryReference>(&reference)) return remote->digest;
  if (const auto* local = std::get_if<LocalReference>(&reference)) return local->digest;
  return std::nullopt;
}

}  // namespace davit
