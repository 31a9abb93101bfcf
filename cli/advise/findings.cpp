#include "cli/advise/findings.hpp"

#include <algorithm>
#include <map>

#include "cli/advise/tables.hpp"
#include "cli/output/progress.hpp"
#include "manifests/encoding.hpp"

namespace davit::cli::advise {
namespace {

constexpr std::size_t k_max_evidence = 8;

std::string_view base_of(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }
std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& each : list) out += (out.empty() ? "" : ", ") + printable(each, 100);
  return out;
}

// `docker.io/library/postgres:16-alpine@sha256:…` → `postgres`
std::string_view image_name(std::string_view image) {
  image = image.substr(0, image.find('@'));
  image = base_of(image);
  return image.substr(0, image.find(':'));
}

// Names one by one under the sentence they share, so that ten calls for processes are one finding.
class Grouped {
 public:
  void add(const Known& known, const std::string& where, std::string_view name) {
    auto& list = groups_[{known.weight, known.means}];
    if (list.size() < k_max_evidence) list.push_back({where, std::string(name)});
  }
  void move_to(std::vector<Finding>& out, std::string_view topic, const std::string& subject) const {
    for (const auto& [key, evidence] : groups_) out.push_back({topic, key.first, subject + " " + std::string(key.second), evidence});
  }

 private:
  std::map<std::pair<Weight, std::string_view>, std::vector<Evidence>> groups_{};
};

class Adviser {
 public:
  explicit Adviser(const ImageFacts& facts) : facts_(facts) {}

  Advice run() {
    judge_program();
    judge_native();
    judge_network();
    judge_state();
    judge_content();
    judge_size();
    conclude();
    return std::move(out_);
  }

 private:
  void add(std::string_view topic, Weight weight, std::string statement, std::vector<Evidence> evidence = {}) {
    out_.findings.push_back({topic, weight, std::move(statement), std::move(evidence)});
  }

  [[nodiscard]] Evidence command_line() const { return {facts_.words_from, joined(facts_.words)}; }

  // The names under which a program or a base image may be known.
  [[nodiscard]] std::vector<std::pair<std::string, Evidence>> names() const {
    std::vector<std::pair<std::string, Evidence>> out;
    if (!facts_.program.empty()) out.emplace_back(base_of(facts_.program), Evidence{"/" + facts_.program, "the program"});
    for (const std::string& wrapper : facts_.wrappers)
      out.emplace_back(base_of(wrapper), Evidence{"/" + wrapper, "in front of the program"});
    if (!facts_.interpreter.empty())
      out.emplace_back(facts_.interpreter, Evidence{"/" + facts_.program, "first line names " + facts_.interpreter});
    if (facts_.is_dockerfile) {
      for (const std::string& word : facts_.words) out.emplace_back(base_of(word), command_line());
      if (!facts_.bases.empty()) out.emplace_back(image_name(facts_.bases.back()), Evidence{"FROM of the last stage", facts_.bases.back()});
    }
    return out;
  }

  void judge_program() {
    if (facts_.is_wasm)
      return add("language", Weight::favours, "the program is a wasm file already", {{"/" + facts_.program, "begins like wasm"}});
    if (facts_.words.empty() && facts_.bases.empty())
      return add("language", Weight::against, "the image starts nothing of its own: it is a base for others, or data");
    for (const auto& [name, evidence] : names()) {
      if (const Known* known = known_program(name))
        return add("state", known->weight, printable(name, 60) + " " + std::string(known->means), {evidence});
    }
    for (const auto& [name, evidence] : names()) {
      const Known* known = known_runtime(name);
      if (known != nullptr) return add_runtime(*known, evidence);
    }
    if (facts_.is_dockerfile) return judge_bases();
    if (facts_.program.empty())
      return add("language", Weight::work, "the program is not in the image, so nothing can be said about it", {command_line()});
    const bool shell = is_shell(facts_.interpreter) || is_shell(base_of(facts_.program));
    if (shell)
      return add("language", Weight::against, "the program is a shell or a script for one: it lives on starting other programs",
                 {{"/" + facts_.program, facts_.interpreter.empty() ? "a shell" : "first line names " + facts_.interpreter}});
    if (facts_.elf || !facts_.elf_problem.empty()) return;
    add("language", Weight::work, "the program is of a kind that davit does not know",
        {{"/" + facts_.program, facts_.interpreter.empty() ? "neither ELF, script nor wasm" : "first line names " + facts_.interpreter}});
  }

  void add_runtime(const Known& known, const Evidence& evidence) {
    add("language", known.weight, "the program runs on " + std::string(known.means), {evidence});
    if (facts_.native_extension_count == 0) return;
    std::vector<Evidence> list;
    for (const std::string& path : facts_.native_extensions) {
      if (list.size() < k_max_evidence) list.push_back({"/" + path, "native code"});
    }
    add("language", Weight::work,
        std::to_string(facts_.native_extension_count) + " native libraries of its packages would have to be built for WASI",
        std::move(list));
  }

  // Without a program at hand, the images of the stages tell the language it is built with.
  void judge_bases() {
    static const std::map<std::string_view, std::string_view> k_compilers{{"golang", "Go"},      {"rust", "Rust"}, {"gcc", "C or C++"},
                                                                          {"clang", "C or C++"}, {"tinygo", "Go"}, {"zig", "Zig"},
                                                                          {"swift", "Swift"}};
    static const std::map<std::string_view, std::string_view> k_others{
        {"eclipse-temurin", "java"}, {"openjdk", "java"},  {"amazoncorretto", "java"}, {"maven", "java"}, {"gradle", "java"},
        {"sdk", "dotnet"},           {"aspnet", "dotnet"}, {"runtime", "dotnet"},      {"pypy", "python"}};
    for (auto base = facts_.bases.rbegin(); base != facts_.bases.rend(); ++base) {
      const std::string_view name = image_name(*base);
      if (const auto compiler = k_compilers.find(name); compiler != k_compilers.end())
        return add("language", Weight::favours, "it is built with " + std::string(compiler->second) + ", which compiles to WASI",
                   {{"FROM", *base}});
      const auto other = k_others.find(name);
      if (const Known* known = known_runtime(other == k_others.end() ? name : other->second)) return add_runtime(*known, {"FROM", *base});
    }
    add("language", Weight::work, "the instructions do not tell the language of the program; look at the built image", {command_line()});
  }

  void judge_native() {
    if (!facts_.elf_problem.empty())
      add("language", Weight::work, "the program is native and cannot be read: " + facts_.elf_problem, {{"/" + facts_.program, "ELF"}});
    if (!facts_.elf) return;
    const oci::ElfFacts& elf = *facts_.elf;
    const std::string at = "/" + facts_.program;
    if (elf.go) return judge_go(*elf.go, at);
    const bool is_runtime = known_runtime(base_of(facts_.program)) != nullptr || known_program(base_of(facts_.program)) != nullptr;
    if (!is_runtime && !elf.rust.empty())
      add("language", Weight::favours, "the program is written in Rust, which compiles to WASI", {{at, elf.rust}});
    if (!is_runtime && elf.rust.empty())
      add("language", Weight::favours, "the program is native (C, C++ or alike); its source can be compiled with wasi-sdk",
          {{at, elf.comment.empty() ? "ELF for " + elf.machine : printable(elf.comment, 100)}});
    judge_libraries(elf, at);
    judge_symbols(elf, at);
  }

  void judge_go(const oci::GoBuildInfo& go, const std::string& at) {
    add("language", Weight::favours, "the program is written in Go, which compiles to WASI preview 1",
        {{at + " .go.buildinfo", printable(go.version, 60) + " " + printable(go.path, 200)}});
    const auto cgo = go.settings.find("CGO_ENABLED");
    const bool links_c = cgo != go.settings.end() && cgo->second == "1" && !facts_.elf->needed.empty();
    if (links_c)
      add("language", Weight::work, "it calls C through cgo or the C library's resolver, and Go has no cgo on WASI",
          {{at + " .go.buildinfo", "CGO_ENABLED=1"}, {at + " DT_NEEDED", joined(facts_.elf->needed)}});
    Grouped modules;
    for (const std::string& module : go.modules) {
      if (const Known* known = known_go_module(module)) modules.add(*known, at + " .go.buildinfo", module);
    }
    if (const Known* known = known_go_module(go.path)) modules.add(*known, at + " .go.buildinfo", go.path);
    modules.move_to(out_.findings, "system", "a module it is built of");
    Grouped functions;
    for (const std::string& name : go.functions) {
      if (const Known* known = known_go_function(name)) functions.add(*known, at + " links", name);
    }
    functions.move_to(out_.findings, "system", "it");
    is_go_ = true;
    if (!links_c) return;
    judge_libraries(*facts_.elf, at);
    judge_symbols(*facts_.elf, at);
  }

  void judge_libraries(const oci::ElfFacts& elf, const std::string& at) {
    Grouped libraries;
    static constexpr Known k_unknown{"", Weight::work, "has to be built for WASI as well"};
    for (const std::string& name : elf.needed) {
      const Known* known = known_library(name);
      if (known == nullptr) known = &k_unknown;
      if (known->weight != Weight::favours) libraries.add(*known, at + " DT_NEEDED", name);
    }
    libraries.move_to(out_.findings, "system", "a library it needs");
    if (elf.interpreter.empty())
      add("system", Weight::neutral, "the program is static: it brings its libraries along", {{at, "no loader named"}});
  }

  void judge_symbols(const oci::ElfFacts& elf, const std::string& at) {
    Grouped symbols;
    const bool is_static = elf.interpreter.empty() && elf.imported.empty();
    for (const std::string& name : is_static ? elf.defined : elf.imported) {
      if (const Known* known = known_symbol(name)) symbols.add(*known, at + (is_static ? " symbol" : " imports"), name);
    }
    symbols.move_to(out_.findings, "system", "it");
    if (is_static && elf.is_stripped)
      add("system", Weight::neutral, "the program is static and stripped, so its system calls cannot be told", {{at, "no symbol table"}});
  }

  void judge_network() {
    if (facts_.ports.empty()) return;
    const Evidence evidence{facts_.is_dockerfile ? "EXPOSE" : "ExposedPorts of the configuration", joined(facts_.ports)};
    if (is_go_)
      return add("network", Weight::work,
                 "it listens on ports, and Go cannot listen on WASI: serve wasi:http through a component (TinyGo), or leave "
                 "the sockets to the host",
                 {evidence});
    add("network", Weight::work,
        "it listens on ports: a handler of wasi:http or sockets of WASI 0.2 have to take the place of its own server", {evidence});
  }

  void judge_state() {
    if (facts_.volumes.empty()) return;
    add("state", Weight::work, "it keeps files in volumes: the host has to grant those folders, or a store of its own take their place",
        {{facts_.is_dockerfile ? "VOLUME" : "Volumes of the configuration", joined(facts_.volumes)}});
  }

  void judge_content() {
    const auto list = [&](const std::vector<std::string>& paths, const std::string& what) {
      if (paths.empty()) return;
      std::vector<Evidence> evidence;
      for (std::size_t i = 0; i < paths.size() && i < k_max_evidence; ++i) evidence.push_back({"/" + paths[i], what});
      add("content", Weight::favours, what + "s would be gone: a module carries none", std::move(evidence));
    };
    list(facts_.shells, "shell");
    list(facts_.package_managers, "package manager");
    if (!facts_.packages.empty())
      add("content", Weight::neutral, "it installs packages; the program may need some of them while it runs",
          {{"RUN", joined(facts_.packages).substr(0, 300)}});
  }

  void judge_size() {
    if (facts_.is_dockerfile) return;
    std::string text = "the image has " + human_size(facts_.unpacked_bytes) + " of files in " + std::to_string(facts_.layers) +
                       (facts_.layers == 1 ? " layer" : " layers");
    if (facts_.stored_bytes > 0) text += ", " + human_size(facts_.stored_bytes) + " as stored";
    const bool compiles = facts_.elf || facts_.is_wasm;
    if (compiles && facts_.program_bytes > 0)
      text +=
          "; the program alone has " + human_size(facts_.program_bytes) + ", and a module of it would be of about that size in one layer";
    add("size", compiles && facts_.program_bytes * 2 < facts_.unpacked_bytes ? Weight::favours : Weight::neutral, std::move(text),
        facts_.program.empty() ? std::vector<Evidence>{}
                               : std::vector<Evidence>{{"/" + facts_.program, std::to_string(facts_.program_bytes) + " bytes"}});
  }

  void conclude() {
    std::ranges::stable_sort(out_.findings, [](const Finding& a, const Finding& b) { return a.weight > b.weight; });
    const auto reasons = [&](Weight weight) {
      std::string text;
      std::size_t count = 0;
      for (const Finding& finding : out_.findings) {
        if (finding.weight != weight || ++count > 3) continue;
        text += (text.empty() ? "" : "; ") + finding.statement;
      }
      return count > 3 ? text + "; and " + std::to_string(count - 3) + " more" : text;
    };
    if (const std::string against = reasons(Weight::against); !against.empty()) {
      out_.verdict = Verdict::keep_as_container;
      out_.summary = "keep as container: " + against;
    } else if (const std::string work = reasons(Weight::work); !work.empty()) {
      out_.verdict = Verdict::needs_work;
      out_.summary = "needs work because " + work;
    } else {
      out_.summary = "good candidate: " + reasons(Weight::favours);
    }
  }

  const ImageFacts& facts_;
  Advice out_{};
  bool is_go_ = false;
};

}  // namespace

Advice advise(const ImageFacts& facts) { return Adviser(facts).run(); }

std::vector<std::string> blind_spots(const ImageFacts& facts) {
  std::vector<std::string> out{
      "how it is started: privileges, devices, host folders and network settings of the deployment",
      "what the program fetches, loads or starts while it runs, and files that appear only then",
      "system calls that are made without the C library, as Go does, and functions that are linked in but never called",
      "how fast it must be: wasm takes one to two times the time of native code, and has one thread almost everywhere",
      "whether the source is at hand and may be changed"};
  if (facts.is_dockerfile) {
    out.insert(
        out.begin(),
        "the program itself, its libraries and its size: only instructions were read; \"davit advise\" of the built image sees more");
    out.emplace_back("what base images, build scripts and copied files bring in");
  }
  if (!facts.elf && !facts.is_dockerfile) out.emplace_back("what the program's own code does: it is not native, and sources were not read");
  return out;
}

std::string_view to_text(Weight weight) {
  switch (weight) {
    case Weight::favours: return "favours";
    case Weight::neutral: return "neutral";
    case Weight::work: return "work";
    case Weight::against: return "against";
  }
  return "";
}

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::good_candidate: return "good candidate";
    case Verdict::needs_work: return "needs work";
    case Verdict::keep_as_container: return "keep as container";
  }
  return "";
}

}  // namespace davit::cli::advise
