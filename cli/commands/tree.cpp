#include <set>

#include "cli/commands/commands.hpp"
#include "cli/output/progress.hpp"
#include "cli/stores.hpp"
#include "manifests/encoding.hpp"
#include "manifests/image_manifest.hpp"
#include "manifests/media_type.hpp"

namespace davit::cli {
namespace {

constexpr std::size_t k_max_depth = 16;
constexpr std::size_t k_max_nodes = 10'000;

enum class Role { root, child, config, layer, referrer };

std::string_view word_for(Role role) {
  switch (role) {
    case Role::root: return "manifest";
    case Role::child: return "manifest";
    case Role::config: return "config";
    case Role::layer: return "layer";
    case Role::referrer: return "referrer";
  }
  return "";
}

struct Node {
  Descriptor descriptor;
  Role role;
  std::string artifact_type{};
  bool seen_before = false;
  std::vector<Node> children{};
};

class Gatherer {
 public:
  Gatherer(const Context& context, oci::Repository& repository) : context_(context), repository_(repository) {}

  Result<Node> gather(const std::string& selector, Role role, std::size_t depth) {
    if (depth > k_max_depth) return fail(ErrorCode::limit, "the tree is deeper than " + std::to_string(k_max_depth) + " levels");
    TRY_ASSIGN(const auto raw, repository_.fetch_manifest(selector));
    Node node{.descriptor = raw.descriptor, .role = role};
    TRY(count());
    if (!seen_.insert(raw.descriptor.digest).second) {
      node.seen_before = true;
      return node;
    }
    TRY_ASSIGN(const auto manifest, parse_manifest(raw.bytes));
    node.artifact_type = artifact_type_of(manifest);
    if (const auto* index = std::get_if<ImageIndex>(&manifest)) {
      for (const Descriptor& child : index->manifests) TRY(add_child(node, child, depth));
    } else {
      const auto& image = std::get<ImageManifest>(manifest);
      node.children.push_back({.descriptor = image.config, .role = Role::config});
      for (const Descriptor& layer : image.layers) node.children.push_back({.descriptor = layer, .role = Role::layer});
    }
    TRY_ASSIGN(const auto referrers, all_referrers(context_, repository_, raw.descriptor.digest));
    for (const Descriptor& referrer : referrers) {
      TRY_ASSIGN(auto gathered, gather(referrer.digest.text(), Role::referrer, depth + 1));
      node.children.push_back(std::move(gathered));
    }
    return node;
  }

 private:
  Result<void> add_child(Node& node, const Descriptor& child, std::size_t depth) {
    if (!is_manifest_type(child.media_type)) {
      node.children.push_back({.descriptor = child, .role = Role::layer});
      return {};
    }
    auto gathered = gather(child.digest.text(), Role::child, depth + 1);
    // A partial mirror names manifests that it does not hold.
    if (!gathered && gathered.error().code == ErrorCode::not_found) {
      node.children.push_back({.descriptor = child, .role = Role::child});
      return {};
    }
    if (!gathered) return std::move(gathered).error();
    gathered->descriptor.platform = child.platform;
    node.children.push_back(*std::move(gathered));
    return {};
  }

  Result<void> count() {
    if (++nodes_ > k_max_nodes) return fail(ErrorCode::limit, "the tree has more than " + std::to_string(k_max_nodes) + " manifests");
    return {};
  }

  const Context& context_;
  oci::Repository& repository_;
  std::set<Digest> seen_{};
  std::size_t nodes_ = 0;
};

std::string line_of(const Node& node) {
  const Descriptor& what = node.descriptor;
  const std::string type = node.artifact_type.empty() ? what.media_type : node.artifact_type;
  std::string out =
      std::string(word_for(node.role)) + " " + what.digest.text() + "  " + human_size(what.size) + "  " + printable(type, 100);
  if (what.platform) out += "  " + printable(what.platform->os + "/" + what.platform->architecture, 60);
  const auto title = what.annotations.find(std::string(annotation::k_title));
  if (title != what.annotations.end()) out += "  \"" + printable(title->second, 80) + "\"";
  if (node.seen_before) out += "  (shown above)";
  return out;
}

void draw(const Node& node, const std::string& indent, std::string& out) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool is_last = i + 1 == node.children.size();
    out += indent + (is_last ? "└── " : "├── ") + line_of(node.children[i]) + "\n";
    draw(node.children[i], indent + (is_last ? "    " : "│   "), out);
  }
}

Json node_json(const Node& node) {
  JsonObject out{{"role", word_for(node.role)},
                 {"digest", node.descriptor.digest.text()},
                 {"mediaType", node.descriptor.media_type},
                 {"size", node.descriptor.size}};
  if (!node.artifact_type.empty()) out.set("artifactType", node.artifact_type);
  const auto title = node.descriptor.annotations.find(std::string(annotation::k_title));
  if (title != node.descriptor.annotations.end()) out.set("title", title->second);
  if (node.seen_before) out.set("seenBefore", true);
  if (node.children.empty()) return out;
  JsonArray children;
  for (const Node& child : node.children) children.push_back(node_json(child));
  out.set("children", std::move(children));
  return out;
}

Result<int> run_tree(Context& context, const std::string& text) {
  TRY_ASSIGN(const auto reference, parse_store_reference(text));
  TRY_ASSIGN(const auto repository, open_repository(context, reference, StoreAccess::read));
  TRY_ASSIGN(const auto root, Gatherer(context, *repository).gather(selector_of(reference), Role::root, 0));
  if (context.common.json) {
    Json json = node_json(root);
    JsonObject out{{"reference", to_text(reference)}};
    for (const auto& [name, value] : json.object()->members()) out.set(name, value);
    TRY(context.print_json(std::move(out)));
    return 0;
  }
  std::string out = to_text(reference) + "\n" + line_of(root) + "\n";
  draw(root, "", out);
  TRY(context.print(out));
  return 0;
}

}  // namespace

Command make_tree_command() {
  auto options = std::make_shared<std::string>();
  return {
      .name = "tree",
      .summary = "show an artifact with everything that belongs to it",
      .description = "The manifest, what it names, and what refers to it: signatures, attestations and others, and what refers to those.",
      .arguments = {{"REF", "the artifact, by tag or digest", options.get(), true, ValueKind::reference}},
      .examples = {{"davit tree registry.example.com/team/app:1.0", "config, layers and signatures"},
                   {"davit tree oci:store:1.0 --json", "nested objects"}},
      .exit_statuses = {4, 5, 6, 7, 8, 9, 10},
      .uses_registry = true,
      .run = [options](Context& context) { return run_tree(context, *options); },
  };
}

}  // namespace davit::cli
