// Signatures inside wasm files and beside them. A file is taken apart into sections and its signature data into every
// field; each bit is turned, each field is dropped, doubled and swapped with each other one of its list, and lists are
// turned round, both with the counts and lengths as they were and with those that fit again.
#include <array>
#include <memory>

#include "cli/wasm_signatures.hpp"
#include "mutate/engine.hpp"
#include "oci/trust/keys.hpp"
#include "wasm/append.hpp"
#include "wasm/custom_section.hpp"
#include "wasm/signature_section.hpp"

namespace davit::mutate {
namespace {

// One field, or a list of them. A frame says its length before it; a count says how many counted fields follow it.
struct Field {
  std::string name;
  std::string bytes{};
  std::vector<Field> fields{};
  bool framed = false;
  bool is_count = false;
  bool is_counted = false;
};

std::string text_of(const Bytes& bytes) { return std::string(as_text(bytes)); }

std::string number(std::size_t value) {
  Bytes out;
  wasm::append_leb(out, value);
  return text_of(out);
}

// ---- taking apart and putting together; only valid objects of our own come in here

class Taker {
 public:
  explicit Taker(std::string_view text) : text_(text) {}
  [[nodiscard]] bool done() const { return text_.empty(); }
  [[nodiscard]] std::string_view rest() const { return text_; }
  std::string take(std::size_t count) {
    std::string out(text_.substr(0, count));
    text_.remove_prefix(count);
    return out;
  }
  std::size_t number() {
    std::size_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(text_.front());
      text_.remove_prefix(1);
      value |= static_cast<std::size_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
  }

 private:
  std::string_view text_;
};

Field frame(std::string name, std::string bytes) { return {.name = std::move(name), .bytes = std::move(bytes), .framed = true}; }

Field take_record(const std::string& text, std::size_t index) {
  Taker in(text);
  Field record{.name = "record " + std::to_string(index), .framed = true, .is_counted = true};
  record.fields.push_back(frame("key id", in.take(in.number())));
  record.fields.push_back({.name = "algorithm", .bytes = in.take(1)});
  record.fields.push_back(frame("signature", in.take(in.number())));
  return record;
}

Field take_set(const std::string& text, std::size_t index) {
  Taker in(text);
  Field set{.name = "set " + std::to_string(index), .framed = true, .is_counted = true};
  const std::size_t hashes = in.number();
  set.fields.push_back({.name = "count of hashes", .bytes = number(hashes), .is_count = true});
  for (std::size_t i = 0; i < hashes; ++i)
    set.fields.push_back({.name = "hash " + std::to_string(i), .bytes = in.take(32), .is_counted = true});
  const std::size_t records = in.number();
  set.fields.push_back({.name = "count of records", .bytes = number(records), .is_count = true});
  for (std::size_t i = 0; i < records; ++i) set.fields.push_back(take_record(in.take(in.number()), i));
  return set;
}

std::vector<Field> take_signature_data(std::string_view text) {
  Taker in(text);
  std::vector<Field> out;
  for (const char* name : {"version", "content", "hash kind"}) out.push_back({.name = name, .bytes = in.take(1)});
  const std::size_t sets = in.number();
  out.push_back({.name = "count of sets", .bytes = number(sets), .is_count = true});
  for (std::size_t i = 0; i < sets; ++i) out.push_back(take_set(in.take(in.number()), i));
  return out;
}

Field take_section(Taker& in, std::size_t index) {
  Field section{.name = "section " + std::to_string(index)};
  section.fields.push_back({.name = "id", .bytes = in.take(1)});
  Field body = frame("body", in.take(in.number()));
  if (section.fields[0].bytes[0] == 0) {
    Taker inside(body.bytes);
    const std::string name = inside.take(inside.number());
    const std::string rest(inside.rest());
    body.fields.push_back(frame("name", name));
    if (name == wasm::k_signature_section) {
      section.name = "signature section";
      body.fields.push_back({.name = "data", .fields = take_signature_data(rest)});
    } else {
      body.fields.push_back({.name = "content", .bytes = rest});
    }
    body.bytes.clear();
  }
  section.fields.push_back(std::move(body));
  return section;
}

Field take_apart(std::string_view text) {
  if (!text.starts_with(std::string_view("\0asm", 4))) return {.name = "data", .fields = take_signature_data(text)};
  Taker in(text);
  Field file{.name = "file"};
  file.fields.push_back({.name = "magic", .bytes = in.take(4)});
  file.fields.push_back({.name = "version", .bytes = in.take(4)});
  for (std::size_t i = 0; !in.done(); ++i) file.fields.push_back(take_section(in, i));
  return file;
}

std::string put_together(const Field& field, bool fitting) {
  std::string out = field.bytes;
  for (std::size_t i = 0; i < field.fields.size(); ++i) {
    const Field& one = field.fields[i];
    std::size_t count = 0;
    for (std::size_t j = i + 1; j < field.fields.size() && field.fields[j].is_counted; ++j) ++count;
    out += one.is_count && fitting ? number(count) : put_together(one, fitting);
  }
  return field.framed ? number(out.size()) + out : out;
}

// ---- every change

struct Changer {
  Field root;
  const Changes& sink;

  void emit(const std::string& place, const char* how) const {
    for (const bool fitting : {false, true}) sink(put_together(root, fitting), place, how);
  }

  void change(Field& list, const std::string& place) {
    std::vector<Field>& fields = list.fields;
    const auto at = [&](std::size_t index) { return fields.begin() + static_cast<std::ptrdiff_t>(index); };
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string here = place + "/" + fields[i].name;
      const Field kept = fields[i];
      fields.erase(at(i));
      emit(here, "field-drop");
      fields.insert(at(i), 2, kept);
      emit(here, "field-duplicate");
      fields.erase(at(i));
      for (std::size_t j = i + 1; j < fields.size(); ++j) {
        const std::string both = here + "~" + fields[j].name;
        std::swap(fields[i], fields[j]);
        emit(both, "field-swap");
        std::swap(fields[i], fields[j]);
      }
      change(fields[i], here);
    }
    if (fields.size() < 3) return;
    std::reverse(fields.begin(), fields.end());
    emit(place, "field-reorder");
    std::reverse(fields.begin(), fields.end());
  }
};

// Which bytes of the whole are of which field; the lengths of frames are fields too.
void find_places(const Field& field, const std::string& place, std::vector<std::string>& places) {
  std::string inside = field.bytes;
  for (const Field& one : field.fields) inside += put_together(one, false);
  if (field.framed) places.insert(places.end(), number(inside.size()).size(), place + " (length)");
  places.insert(places.end(), field.bytes.size(), place);
  for (const Field& one : field.fields) find_places(one, place + "/" + one.name, places);
}

void flip_each(std::string_view original, const Field& root, const Changes& sink) {
  std::vector<std::string> places;
  find_places(root, root.name, places);
  CHECK(places.size() == original.size());
  std::string text(original);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      text[i] = static_cast<char>(text[i] ^ (1 << bit));
      sink(text, places[i], "flip");
      text[i] = static_cast<char>(text[i] ^ (1 << bit));
    }
  }
}

void change_wasm(std::string_view original, const Changes& sink) {
  Changer changer{.root = take_apart(original), .sink = sink};
  CHECK(put_together(changer.root, false) == original && put_together(changer.root, true) == original);
  flip_each(original, changer.root, sink);
  changer.change(changer.root, changer.root.name);
}

// ---- subjects

struct WasmStage {
  oci::PrivateKey trusted = *oci::PrivateKey::generate(oci::KeyKind::ed25519);
  oci::PrivateKey other = *oci::PrivateKey::generate(oci::KeyKind::ed25519);
};

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

// A function that adds, an export of it, and what is named after it; with several parts when asked for.
Bytes module(bool parts) {
  constexpr std::array<unsigned char, 41> k_adding{0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x07, 0x01, 0x60, 0x02, 0x7f,
                                                   0x7f, 0x01, 0x7f, 0x03, 0x02, 0x01, 0x00, 0x07, 0x07, 0x01, 0x03, 'a',  'd',  'd',
                                                   0x00, 0x00, 0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0x20, 0x01, 0x6a, 0x0b};
  Bytes out = to_bytes(std::as_bytes(std::span(k_adding)));
  if (parts) append(out, wasm::make_custom_section(wasm::k_signature_delimiter, to_bytes("0123456789abcdef")));
  append(out, wasm::make_custom_section("note", to_bytes("about it")));
  if (parts) append(out, wasm::make_custom_section(wasm::k_signature_delimiter, to_bytes("fedcba9876543210")));
  return out;
}

void sign_by(wasm::SignableModuleView& file, const oci::PrivateKey& key) {
  wasm::add_signature(file, *key.sign(oci::SignatureScheme::ed25519, oci::message_of(file.message)));
}

// The first signature that is accepted, else the last that is not.
oci::Finding judge(std::string_view file, const std::optional<std::string_view>& detached, const WasmStage& stage) {
  const auto beside = detached ? std::optional(as_bytes(*detached)) : std::nullopt;
  const auto signatures = cli::read_wasm_signatures(as_bytes(file), beside, false);
  oci::Finding last{.reason = signatures ? "none" : signatures.error().message};
  if (!signatures) return last;
  for (const oci::WasmSignature& one : *signatures) {
    last = oci::judge_wasm_signature(one, std::span(&stage.trusted.public_key(), 1));
    if (last.verified) return last;
  }
  return last;
}

Subject inside_subject(const std::string& name, const std::shared_ptr<const WasmStage>& stage, bool parts, bool several) {
  const Bytes plain = module(parts);
  auto file = *wasm::open_signable_module(plain, std::nullopt);
  sign_by(file, stage->trusted);
  if (several) sign_by(file, stage->other);
  return {.name = name,
          .parts = {{"file", text_of(wasm::write_signed_module(file))}},
          .judge = [stage](const std::vector<std::string>& texts) { return judge(texts[0], std::nullopt, *stage); },
          .change = change_wasm};
}

Subject detached_subject(const std::string& name, const std::shared_ptr<const WasmStage>& stage, bool parts, bool several) {
  const Bytes plain = module(parts);
  auto file = *wasm::open_signable_module(plain, std::nullopt);
  sign_by(file, stage->trusted);
  if (several) sign_by(file, stage->other);
  return {.name = name,
          .parts = {{"file", text_of(plain)}, {"signature", text_of(wasm::write_signature_data(file.sets))}},
          .judge = [stage](const std::vector<std::string>& texts) { return judge(texts[0], texts[1], *stage); },
          .change = change_wasm};
}

// Signed beside, and inside by somebody else: the section inside is no part of what is signed.
Subject twice_subject(const std::shared_ptr<const WasmStage>& stage) {
  const Bytes plain = module(false);
  auto inside = *wasm::open_signable_module(plain, std::nullopt);
  auto beside = inside;
  sign_by(inside, stage->other);
  sign_by(beside, stage->trusted);
  return {.name = "wasm detached, signed inside as well",
          .parts = {{"file", text_of(wasm::write_signed_module(inside))}, {"signature", text_of(wasm::write_signature_data(beside.sets))}},
          .judge = [stage](const std::vector<std::string>& texts) { return judge(texts[0], texts[1], *stage); },
          .change = change_wasm};
}

std::vector<Subject> make_subjects() {
  const auto stage = std::make_shared<const WasmStage>();
  return {inside_subject("wasm inside", stage, false, false),
          inside_subject("wasm inside, several parts", stage, true, false),
          inside_subject("wasm inside, several signers", stage, true, true),
          detached_subject("wasm detached", stage, false, false),
          detached_subject("wasm detached, several parts, several signers", stage, true, true),
          twice_subject(stage)};
}

bool is_wasm(const Subject& subject) { return subject.name.starts_with("wasm "); }

// Swaps are named by both places, so that what touches the trusted record is never taken for the other's.
std::vector<AcceptedClass> make_classes() {
  return {{"another's wasm signature", "what another signer put there is not what the trusted one said",
           [](const Subject& subject, const Mutation& one) {
             return is_wasm(subject) && subject.name.ends_with("several signers") && one.place.find("/set 0/record 1") != std::string::npos;
           }},
          {"wasm signature list", "the order of signatures, or one that stands there twice, changes nothing",
           [](const Subject& subject, const Mutation& one) {
             const bool twice = one.how == "field-duplicate" && (one.place.ends_with("/set 0") || one.place.ends_with("/record 0"));
             return is_wasm(subject) && (twice || (one.how == "field-swap" && one.place.ends_with("/record 0~record 1")));
           }},
          {"section beside a detached signature", "a signature section is no part of what a signature beside the file is over",
           [](const Subject& subject, const Mutation& one) {
             return subject.name == "wasm detached, signed inside as well" && one.part == "file" &&
                    one.place.starts_with("file/signature section");
           }}};
}

const Registration registered(make_subjects, make_classes);

}  // namespace
}  // namespace davit::mutate
