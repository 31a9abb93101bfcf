// A program out of a stack of layers: an image, an archive, a folder. One pass.
#include <algorithm>
#include <array>
#include <utility>

#include "manifests/encoding.hpp"
#include "manifests/media_type.hpp"
#include "oci/formats/readers.hpp"

namespace davit::oci {
namespace {

constexpr std::size_t k_max_packages = 1000;

// Documents that stand in files: kept even where data files are not.
constexpr std::array<std::string_view, 11> k_documents = {"runtime-config.json", "fastly.toml",   "wasmer.toml",   "plugin.yaml",
                                                          ".traefik.yml",        "spin.toml",     "davit.json",    ".manifest",
                                                          "wrangler.toml",       "wrangler.json", "wrangler.jsonc"};
constexpr std::string_view k_memory = "davit.json";

bool is_document(std::string_view name, std::uint64_t size) {
  const std::string_view base = name.substr(name.find_last_of('/') + 1);
  return size <= k_max_companion_bytes && std::ranges::find(k_documents, base) != k_documents.end();
}

// Decides file by file. What is not made for wasm keeps nothing by itself, and neither does an image that turns out to
// hold native programs: its files are theirs.
class Keeper {
 public:
  explicit Keeper(const TreeJob& job)
      : rules_(job.rules),
        is_listed_(job.rules.is_said && job.files_folder.empty()),
        keep_(job.options.files == KeepFiles::all || (job.options.files == KeepFiles::automatic && job.for_wasm)),
        may_drop_(job.options.files == KeepFiles::automatic && !job.is_package && !is_wasm_platform(job.config.platform)) {}

  bool operator()(const std::string& name, ByteKind kind, const ArchiveEntry& entry) {
    if (keep_ && may_drop_ && kind == ByteKind::native) keep_ = false;
    const bool is_named = !is_listed_ || !guest_paths(rules_, name).empty();
    if ((keep_ && is_named) || is_document(name, entry.size)) return true;
    leaves_ = true;
    return false;
  }
  [[nodiscard]] bool leaves() const { return leaves_; }
  [[nodiscard]] bool keeps() const { return keep_; }

 private:
  const FileRules& rules_;
  bool is_listed_;
  bool keep_;
  bool may_drop_;
  bool leaves_ = false;
};

struct Gathered {
  const FileTree& tree;
  const Spool& spool;
  const TreeJob& job;
  bool keeps_files;
  bool leaves_files;
  std::size_t layers;
};

// Istio and Envoy look for `plugin.wasm` in the highest layer and at nothing else; OPA for `policy.wasm` at the root.
bool is_envoy_plugin(const Gathered& from, const ChosenFile& program) {
  return program.is_preferred && !from.job.is_package && file_name_of(program.path) == "plugin.wasm" &&
         program.node->layer + 1 == from.layers;
}
bool is_opa_policy(const Gathered& from, const ChosenFile& program) {
  return program.is_preferred && !from.job.is_package && program.path == "policy.wasm";
}

// A document counts as the package's own beside the program or at the root.
Result<void> add_companions(const Gathered& from, const ChosenFile& chosen, PackageDescription& description,
                            std::vector<std::string>& taken) {
  const std::string& program = chosen.path;
  const std::string folder = program.substr(0, program.find_last_of('/') == std::string::npos ? 0 : program.find_last_of('/') + 1);
  for (const std::string& name : from.tree.spooled_names()) {
    const TreeNode* node = from.tree.find(name);
    if (!is_document(name, node->size)) continue;
    const std::string base(name.substr(name.find_last_of('/') + 1));
    const bool is_near = name == base || name == folder + base || from.job.is_package;
    const bool is_wanted = from.job.is_package || base == k_memory || (is_envoy_plugin(from, chosen) && base == "runtime-config.json");
    if (!is_near || !is_wanted || description.companions.contains(base)) continue;
    TRY_ASSIGN(std::string text, from.spool.text_of(from.tree.spooled(*node), k_max_companion_bytes));
    if (!is_utf8(text)) continue;
    description.companions.emplace(base, std::move(text));
    taken.push_back(name);
  }
  return {};
}

// Where the guest sees a file, or nowhere when it is no data file.
std::vector<std::string> paths_in_guest(const TreeJob& job, const std::string& name) {
  auto named = guest_paths(job.rules, name);
  if (!named.empty() || (job.rules.is_said && job.files_folder.empty())) return named;
  if (job.files_folder.empty()) return {name};
  const std::string folder = job.files_folder + "/";
  if (name.starts_with(folder)) return {name.substr(folder.size())};
  const std::size_t inner = name.find("/" + folder);  // below the package's own folder
  if (inner == std::string::npos || inner != name.find('/')) return {};
  return {name.substr(inner + 1 + folder.size())};
}

// Rules may put files anywhere: the order is that of the guest's paths, and no two files have one.
Result<void> order_files(Package& package) {
  std::ranges::sort(package.files, {}, [](const PackagedFile& each) -> const std::string& { return each.entry.path; });
  const auto same = [](const PackagedFile& a, const PackagedFile& b) { return a.entry.path == b.entry.path; };
  const auto twice = std::ranges::adjacent_find(package.files, same);
  if (twice != package.files.end())
    return fail(ErrorCode::malformed, "two files of the package would be \"" + printable(twice->entry.path) + "\" for the program");
  return {};
}

Result<void> add_files(const Gathered& from, const std::string& program, const std::vector<std::string>& taken, Package& package) {
  if (!from.keeps_files) return {};
  std::uint64_t total = 0;
  for (const std::string& name : from.tree.spooled_names()) {
    if (name == program || std::ranges::find(taken, name) != taken.end()) continue;
    const auto paths = paths_in_guest(from.job, name);
    if (paths.empty()) continue;
    if (!is_utf8(name)) {
      return fail(ErrorCode::malformed, "the name of the data file \"" + printable(name) + "\" is not UTF-8")
          .hinting("leave data files behind");
    }
    const TreeNode& node = *from.tree.find(name);
    const SpooledFile& file = from.tree.spooled(node);
    total += file.size * paths.size();  // a link counts as a copy, so many links to one large file are a bomb
    if (total > ImageLimits{}.kept_bytes)
      return fail(ErrorCode::limit, "data files are over the limit of " + std::to_string(ImageLimits{}.kept_bytes) + " bytes");
    for (const std::string& path : paths) {
      package.files.push_back(
          {.entry = {.path = path, .size = file.size, .mode = node.mode}, .digest = file.digest, .origin = from.spool.origin_of(file)});
    }
  }
  return order_files(package);
}

std::string left_behind_in(const Gathered& from) {
  if (!from.keeps_files || from.job.is_package) return "";
  const LeftBehind left = from.tree.left_behind();
  if (left.count == 0) return "";
  const std::string what = left.count == 1
                               ? " name that is no file (an empty folder, a device or a link to no file) stays behind: \""
                               : " names that are no files (empty folders, devices, links to no file) stay behind, the first is \"";
  return std::to_string(left.count) + what + printable(left.first) + "\"";
}

Result<Package> assemble(const Gathered& from, const ChosenFile& program) {
  TRY_ASSIGN(HeldWasm held, from.spool.hold_wasm(from.tree.spooled(*program.node)));
  Package package{.from = from.job.format, .variant = from.job.variant, .wasm = std::move(held.wasm), .spool = std::move(held.spool)};
  package.leaves_files = from.leaves_files;
  package.left_behind = left_behind_in(from);
  if (!package.left_behind.empty()) package.oddities.push_back(package.left_behind);
  if (is_envoy_plugin(from, program) && package.from != "envoy") {
    package.from = "envoy";
    package.variant = "compat";
  }
  if (is_opa_policy(from, program)) {
    package.from = "opa-bundle";
    package.variant.clear();
  }
  PackageDescription said = from.job.config.description;
  said.annotations = from.job.annotations;
  if (!from.job.is_package) said.path = program.path;  // a package's folders are not the guest's
  said.title = file_name_of(program.path);
  std::vector<std::string> taken;
  TRY(add_companions(from, program, said, taken));
  if (const auto memory = said.companions.extract(std::string(k_memory)); !memory.empty() && from.job.is_package)
    said.annotations.insert_or_assign(std::string(annotation::k_package), memory.mapped());
  TRY_ASSIGN(package.description, recall(std::move(said)));
  const std::vector<PackageFile> remembered = std::exchange(package.description.files, {});
  TRY(add_files(from, program.path, taken, package));
  settle_files(package, remembered);
  return package;
}

Result<void> walk_bare_file(Source& content, const std::string& name, const EntryVisitor& visit) {
  const ArchiveEntry entry{.name = name, .raw_name = name, .type = EntryType::file, .mode = 0755};
  TRY_ASSIGN(const bool goes_on, visit(entry, content));
  static_cast<void>(goes_on);
  return {};
}

}  // namespace

Result<std::vector<Package>> read_tree(const LayerStack& stack, const TreeJob& job) {
  TRY_ASSIGN(Spool spool, Spool::create());
  Keeper keeper(job);
  const FileTree::Enough enough = [&](const FileTree& tree) { return !keeper.keeps() && !job.all && is_program_settled(tree, job); };
  TRY_ASSIGN(const FileTree tree, FileTree::read(stack, ImageLimits{}, spool, std::ref(keeper), enough));
  const Gathered gathered{.tree = tree,
                          .spool = spool,
                          .job = job,
                          .keeps_files = keeper.keeps(),
                          .leaves_files = keeper.leaves() && !job.is_package && job.options.files == KeepFiles::automatic,
                          .layers = stack.count};
  std::vector<Package> out;
  const auto names = tree.names_of(ByteKind::wasm);
  if (!job.all || names.empty()) {
    TRY_ASSIGN(const ChosenFile program, choose_program(tree, job));
    TRY_ASSIGN(Package package, assemble(gathered, program));
    out.push_back(std::move(package));
    return out;
  }
  if (names.size() > k_max_packages)
    return fail(ErrorCode::limit,
                "there are " + std::to_string(names.size()) + " wasm files, more than the limit of " + std::to_string(k_max_packages));
  for (const std::string& name : names) {
    const TreeNode* node = tree.find(name);
    if (node == nullptr || !node->spooled) continue;
    TRY_ASSIGN(Package package, assemble(gathered, {name, node}));
    out.push_back(std::move(package));
  }
  return out;
}

LayerStack stack_of(ImageSource& image) {
  return {.count = image.layer_count(), .walk = [&image](std::size_t layer, const ArchiveLimits& limits, const EntryVisitor& visit) {
            return image.read_layer(layer, [&](Source& stream) -> Result<void> {
              TRY_ASSIGN(Bytes head, read_head(stream, k_sniff_bytes));
              const bool is_bare = sniff(head) == ByteKind::wasm;
              const auto whole = make_prefixed_source(std::move(head), stream);
              if (!is_bare) return walk_archive(*whole, limits, visit);
              // Tools that call every layer a tar put bare files into images too.
              return walk_bare_file(*whole, "layer" + std::to_string(layer) + ".wasm", visit);
            });
          }};
}

}  // namespace davit::oci
