#include "oci/trust/sigstore/checkpoint.hpp"

#include <algorithm>
#include <charconv>

#include "manifests/encoding.hpp"

namespace davit::oci {
namespace {

constexpr std::string_view k_signature_mark = "\u2014 ";  // an em dash and a blank
constexpr std::size_t k_hint_bytes = 4;
constexpr std::size_t k_root_bytes = 32;
constexpr std::string_view k_tree_mark = " - ";

Error broken(std::string why) { return fail(ErrorCode::malformed, "a checkpoint " + std::move(why)); }

// Cuts the next line off; the line break must be there.
Result<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return broken("is cut off");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool canonical = error == std::errc{} && stop == text.data() + text.size() && (text.size() == 1 || text.front() != '0');
  if (!canonical) return broken("has the size \"" + printable(text) + "\"");
  return value;
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(k_signature_mark)) return broken("has a line among its signatures that is none");
  line.remove_prefix(k_signature_mark.size());
  const std::size_t blank = line.find(' ');
  if (blank == 0 || blank == std::string_view::npos) return broken("has a signature without a name");
  const auto raw = decode_base64(line.substr(blank + 1));
  if (!raw || raw->size() <= k_hint_bytes) return broken("has a signature that is not base64 of a hint and a signature");
  const auto middle = raw->begin() + k_hint_bytes;
  return NoteSignature{std::string(line.substr(0, blank)), Bytes(raw->begin(), middle), Bytes(middle, raw->end())};
}

// Rekor's first generation writes `name - tree id`.
std::optional<std::string> first_generation_name(std::string_view origin) {
  const std::size_t mark = origin.rfind(k_tree_mark);
  if (mark == std::string_view::npos || mark == 0) return std::nullopt;
  const std::string_view tree = origin.substr(mark + k_tree_mark.size());
  const bool digits = !tree.empty() && std::ranges::all_of(tree, [](char c) { return c >= '0' && c <= '9'; });
  return digits ? std::optional(std::string(origin.substr(0, mark))) : std::nullopt;
}

}  // namespace

Result<Checkpoint> parse_checkpoint(std::string_view note) {
  const std::size_t blank = note.find("\n\n");
  if (blank == std::string_view::npos) return broken("has no signatures");
  Checkpoint checkpoint;
  checkpoint.signed_text = std::string(note.substr(0, blank + 1));
  std::string_view body = checkpoint.signed_text;
  std::string_view rest = note.substr(blank + 2);

  TRY_ASSIGN(const std::string_view origin, take_line(body));
  if (origin.empty()) return broken("has no origin");
  checkpoint.origin = std::string(origin);
  TRY_ASSIGN(const std::string_view size, take_line(body));
  TRY_ASSIGN(checkpoint.size, parse_size(size));
  TRY_ASSIGN(const std::string_view root, take_line(body));
  auto raw = decode_base64(root);
  if (!raw || raw->size() != k_root_bytes) return broken("has a root that is not base64 of 32 bytes");
  checkpoint.root = *std::move(raw);

  if (rest.empty()) return broken("has no signatures");
  while (!rest.empty()) {
    if (checkpoint.signatures.size() == k_max_note_signatures)
      return fail(ErrorCode::limit, "a checkpoint with more than " + std::to_string(k_max_note_signatures) + " signatures");
    TRY_ASSIGN(const std::string_view line, take_line(rest));
    TRY_ASSIGN(NoteSignature signature, parse_signature(line));
    checkpoint.signatures.push_back(std::move(signature));
  }
  return checkpoint;
}

Result<void> check_checkpoint(const Checkpoint& checkpoint, const TrustedLog& log) {
  const auto first_generation = first_generation_name(checkpoint.origin);
  if (!first_generation && checkpoint.origin != log.host) {
    return fail(ErrorCode::untrusted,
                "the checkpoint is of \"" + printable(checkpoint.origin) + "\", and the log is \"" + printable(log.host) + "\"");
  }
  const std::string name = first_generation.value_or(checkpoint.origin);
  const ByteView hint = ByteView(log.id).first(k_hint_bytes);
  for (const NoteSignature& signature : checkpoint.signatures) {
    if (signature.name != name || !std::ranges::equal(signature.hint, hint)) continue;
    if (log.key.verifies(message_of(as_bytes(checkpoint.signed_text)), signature.signature)) return {};
    return fail(ErrorCode::untrusted, "the signature of the log " + printable(log.base_url) + " does not fit its checkpoint");
  }
  return fail(ErrorCode::untrusted, "the checkpoint has no signature of the log " + printable(log.base_url));
}

}  // namespace davit::oci
