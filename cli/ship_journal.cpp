#include "cli/ship_journal.hpp"

#include "cli/version.hpp"
#include "manifests/json.hpp"
#include "oci/io/file.hpp"

namespace davit::cli {
namespace {

constexpr std::uint64_t k_max_journal_bytes = 64 * 1024;
constexpr std::uint64_t k_max_hashed_bytes = std::uint64_t{1} << 40;

Result<Json> read_journal(const std::string& path) {
  TRY_ASSIGN(const auto content, oci::read_file(path, k_max_journal_bytes));
  return parse_json(as_text(content), JsonLimits{});
}

}  // namespace

ShipJournal ShipJournal::load(const std::string& folder) {
  ShipJournal journal;
  journal.path_ = folder + "/ship.json";
  const auto json = read_journal(journal.path_);
  if (!json) return journal;
  const auto members = JsonView(*json).as_members();
  if (!members) return journal;
  for (const auto& [step, value] : *members) {
    const auto key = value.find("key");
    const auto output = value.find("output");
    if (!key || !output || key->json().string() == nullptr || output->json().string() == nullptr) continue;
    journal.entries_[step] = {.key = *key->json().string(), .output = *output->json().string()};
  }
  return journal;
}

Result<std::string> ShipJournal::key_of(const std::vector<std::string>& words, const std::vector<std::string>& inputs) {
  JsonArray parts{Json(k_version), Json(k_binaryen_version), Json::strings(words)};
  for (const std::string& input : inputs) {
    TRY_ASSIGN(const auto hashed, oci::hash_file(input, k_max_hashed_bytes));
    parts.emplace_back(hashed.digest.text());
  }
  return davit::digest_of(write_json(parts)).text();
}

bool ShipJournal::holds(const std::string& step, const std::string& key, const std::string& output) const {
  const auto entry = entries_.find(step);
  if (entry == entries_.end() || entry->second.key != key) return false;
  const auto hashed = oci::hash_file(output, k_max_hashed_bytes);
  return hashed && hashed->digest.text() == entry->second.output;
}

Result<void> ShipJournal::note(const std::string& step, const std::string& key, const std::string& output) {
  TRY_ASSIGN(const auto hashed, oci::hash_file(output, k_max_hashed_bytes));
  entries_[step] = {.key = key, .output = hashed.digest.text()};
  JsonObject json;
  for (const auto& [name, entry] : entries_) json.set(name, JsonObject{{"key", entry.key}, {"output", entry.output}});
  TRY_ASSIGN(auto file, oci::AtomicFile::create(path_));
  TRY(file->write(as_bytes(write_json_pretty(json))));
  return file->finish();
}

}  // namespace davit::cli
