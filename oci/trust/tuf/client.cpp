#include "oci/trust/tuf/client.hpp"

#include <algorithm>
#include <set>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr const char* k_root_file = "root.json";
constexpr const char* k_timestamp_file = "timestamp.json";
constexpr const char* k_snapshot_file = "snapshot.json";
constexpr const char* k_targets_role = "targets";

// A role's name may hold anything; as a file name it is one part.
std::string file_of(const std::string& role) { return encode_percent(role) + ".json"; }

Error absent(const std::string& name, const TufMirror& mirror) {
  return fail(ErrorCode::not_found, mirror.name() + " has no " + printable(name));
}

struct Step {
  std::string role;
  std::string parent;
};

}  // namespace

Result<std::vector<std::string>> split_target_name(const std::string& target) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (true) {
    const std::size_t end = std::min(target.find('/', start), target.size());
    parts.push_back(target.substr(start, end - start));
    if (end == target.size()) break;
    start = end + 1;
  }
  for (const std::string& part : parts) {
    const bool control = std::ranges::any_of(part, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; });
    if (part.empty() || part == "." || part == ".." || control)
      return fail(ErrorCode::malformed, "\"" + printable(target) + "\" is no name of a target: its parts would lead elsewhere");
  }
  return parts;
}

Result<TufClient> TufClient::open(TufMirror& mirror, TufMemory& memory, const std::optional<Bytes>& first_root, std::int64_t now) {
  TRY_ASSIGN(auto remembered, memory.recall(k_root_file));
  if (!remembered && !first_root) {
    return fail(ErrorCode::not_found, "no root of trust is known yet")
        .hinting("name the repository's root.json, from a source that you trust, with --root FILE");
  }
  const Bytes& root = remembered ? *remembered : *first_root;
  TRY_ASSIGN(TrustedMetadata trusted, TrustedMetadata::begin(davit::as_text(root), now));
  if (!remembered) TRY(memory.keep(k_root_file, root));
  return TufClient(mirror, memory, std::move(trusted));
}

Result<void> TufClient::update_roots() {
  for (std::size_t i = 0;; ++i) {
    if (i >= k_max_root_rotations)
      return fail(ErrorCode::limit, "more than " + std::to_string(k_max_root_rotations) + " new roots in one update");
    const std::string name = std::to_string(trusted_.root().version + 1) + "." + k_root_file;
    TRY_ASSIGN(const auto next, mirror_->fetch_metadata(name, k_max_tuf_root_bytes));
    if (!next) break;
    TRY(trusted_.update_root(davit::as_text(*next)));
    // Forgotten before the root is kept: a run that ends in between must not meet the old ones under the new keys.
    if (trusted_.has_new_keys()) {
      TRY(memory_->forget(k_timestamp_file));
      TRY(memory_->forget(k_snapshot_file));
    }
    TRY(memory_->keep(k_root_file, *next));
  }
  return trusted_.end_of_roots();
}

Result<void> TufClient::update_timestamp() {
  TRY_ASSIGN(const auto before, memory_->recall(k_timestamp_file));
  if (before) trusted_.recall_timestamp(davit::as_text(*before));
  TRY_ASSIGN(const auto now, mirror_->fetch_metadata(k_timestamp_file, k_max_tuf_timestamp_bytes));
  if (!now) return absent(k_timestamp_file, *mirror_);
  TRY(trusted_.update_timestamp(davit::as_text(*now)));
  return memory_->keep(k_timestamp_file, *now);
}

Result<Bytes> TufClient::fetch_named(const std::string& role, const TufFile& file, std::uint64_t most) {
  const std::string name = (trusted_.root().consistent_snapshot ? std::to_string(file.version) + "." : "") + file_of(role);
  if (file.length && *file.length > most)
    return fail(ErrorCode::limit, printable(name) + " is said to have " + std::to_string(*file.length) + " bytes");
  TRY_ASSIGN(auto content, mirror_->fetch_metadata(name, file.length.value_or(most)));
  if (!content) return absent(name, *mirror_);
  return *std::move(content);
}

Result<void> TufClient::update_snapshot() {
  TRY_ASSIGN(const auto before, memory_->recall(k_snapshot_file));
  if (before) trusted_.recall_snapshot(davit::as_text(*before));
  TRY_ASSIGN(const Bytes now, fetch_named("snapshot", trusted_.timestamp()->meta.at(k_snapshot_file), k_max_tuf_snapshot_bytes));
  TRY(trusted_.update_snapshot(davit::as_text(now)));
  return memory_->keep(k_snapshot_file, now);
}

Result<void> TufClient::load_targets(const std::string& role, const std::string& parent) {
  const auto& meta = trusted_.snapshot()->meta;
  const auto named = meta.find(role + ".json");
  if (named == meta.end()) return fail(ErrorCode::untrusted, "the snapshot does not name the role " + printable(role));
  // What an earlier run kept is as good as what the mirror has, if it is what the snapshot names.
  TRY_ASSIGN(const auto before, memory_->recall(file_of(role)));
  if (before && trusted_.update_targets(davit::as_text(*before), role, parent)) return {};
  TRY_ASSIGN(const Bytes now, fetch_named(role, named->second, k_max_tuf_targets_bytes));
  TRY(trusted_.update_targets(davit::as_text(now), role, parent));
  return memory_->keep(file_of(role), now);
}

Result<void> TufClient::update() {
  auto roots = update_roots();
  if (!roots) return std::move(roots).error().during("updating the root of " + mirror_->name());
  auto timestamp = update_timestamp();
  if (!timestamp) return std::move(timestamp).error().during("updating the timestamp of " + mirror_->name());
  auto snapshot = update_snapshot();
  if (!snapshot) return std::move(snapshot).error().during("updating the snapshot of " + mirror_->name());
  auto targets = load_targets(k_targets_role, "");
  if (!targets) return std::move(targets).error().during("updating the targets of " + mirror_->name());
  return {};
}

Result<TufFile> TufClient::find_target(const std::string& target) {
  TRY(split_target_name(target));
  CHECK(trusted_.targets(k_targets_role) != nullptr);
  // Depth first, in the order of the delegations (section 5.6.7); the last of `pending` is next.
  std::vector<Step> pending{{.role = k_targets_role, .parent = ""}};
  std::set<std::string> seen;
  while (!pending.empty() && seen.size() < k_max_delegated_roles) {
    const Step step = pending.back();
    pending.pop_back();
    if (!seen.insert(step.role).second) continue;
    if (trusted_.targets(step.role) == nullptr) TRY(load_targets(step.role, step.parent));
    const TufMetadata& metadata = *trusted_.targets(step.role);
    if (const auto found = metadata.targets.find(target); found != metadata.targets.end()) return found->second;
    std::vector<Step> next;
    for (const TufDelegation& delegation : metadata.delegations) {
      if (!is_about(delegation, target)) continue;
      next.push_back({.role = delegation.name, .parent = step.role});
      if (!delegation.terminating) continue;
      pending.clear();
      break;
    }
    pending.insert(pending.end(), next.rbegin(), next.rend());
  }
  return fail(ErrorCode::not_found, mirror_->name() + " signs no target of the name \"" + printable(target) + "\"");
}

Result<Bytes> TufClient::fetch_target(const std::string& target) {
  TRY_ASSIGN(const auto parts, split_target_name(target));
  TRY_ASSIGN(const TufFile file, find_target(target));
  if (*file.length > k_max_target_bytes)
    return fail(ErrorCode::limit, "\"" + printable(target) + "\" has " + std::to_string(*file.length) + " bytes");
  std::string path;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) path += encode_percent(parts[i]) + "/";
  const auto& hash = file.hashes.contains("sha256") ? file.hashes.at("sha256") : file.hashes.at("sha512");
  if (!decode_hex(hash)) return fail(ErrorCode::malformed, "the hash of \"" + printable(target) + "\" is no hex");
  path += (trusted_.root().consistent_snapshot ? hash + "." : "") + encode_percent(parts.back());
  TRY_ASSIGN(auto content, mirror_->fetch_target(path, *file.length));
  if (!content) return absent(target, *mirror_);
  TRY(check_content(*content, file, target));
  return *std::move(content);
}

}  // namespace davit::oci
