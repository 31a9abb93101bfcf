#include "cli/advise/tables.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace davit::cli::advise {
namespace {

constexpr auto k_programs = std::to_array<Known>({
    {"cassandra", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"clickhouse", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"cockroach", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"consul", Weight::against, "is a store of a cluster: it keeps state and talks to its peers"},
    {"containerd", Weight::against, "manages containers of its machine"},
    {"couchdb", Weight::against, "is a database"},
    {"dockerd", Weight::against, "manages containers of its machine"},
    {"elasticsearch", Weight::against, "is a database on the JVM"},
    {"envoy", Weight::against, "is a proxy; it hosts WebAssembly plugins itself"},
    {"etcd", Weight::against, "is a store of a cluster: it keeps state and talks to its peers"},
    {"haproxy", Weight::against, "is a proxy that lives on sockets and event queues"},
    {"httpd", Weight::against, "is a web server that starts processes"},
    {"apache2", Weight::against, "is a web server that starts processes"},
    {"influxd", Weight::against, "is a database"},
    {"kafka", Weight::against, "is a message broker: it keeps state in files"},
    {"mariadb", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"mariadbd", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"memcached", Weight::against, "is a cache that lives on threads and sockets"},
    {"minio", Weight::against, "is an object store: it keeps state in files"},
    {"mongo", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"mongod", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"mysql", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"mysqld", Weight::against, "is a database: it keeps state in files that it maps and locks"},
    {"neo4j", Weight::against, "is a database on the JVM"},
    {"nginx", Weight::against, "is a web server that starts processes and lives on event queues"},
    {"opensearch", Weight::against, "is a database on the JVM"},
    {"podman", Weight::against, "manages containers of its machine"},
    {"postgres", Weight::against, "is a database: it starts a process for each connection and keeps state in files"},
    {"prometheus", Weight::against, "is a database of measurements: it keeps state in files that it maps"},
    {"rabbitmq", Weight::against, "is a message broker: it keeps state in files"},
    {"rabbitmq-server", Weight::against, "is a message broker: it keeps state in files"},
    {"redis", Weight::against, "is a database: it keeps state and forks to save it"},
    {"redis-server", Weight::against, "is a database: it keeps state and forks to save it"},
    {"runc", Weight::against, "manages containers of its machine"},
    {"sshd", Weight::against, "gives shells: it starts processes under other users"},
    {"systemd", Weight::against, "manages processes of its machine"},
    {"traefik", Weight::against, "is a proxy; it hosts WebAssembly plugins itself"},
    {"valkey-server", Weight::against, "is a database: it keeps state and forks to save it"},
    {"zookeeper", Weight::against, "is a store of a cluster: it keeps state and talks to its peers"},
});

constexpr auto k_runtimes = std::to_array<Known>({
    {"beam.smp", Weight::against, "Erlang: its machine has no build for WebAssembly"},
    {"bun", Weight::work, "JavaScript: the code has to be built into a component with an engine (componentize-js)"},
    {"deno", Weight::work, "JavaScript: the code has to be built into a component with an engine (componentize-js)"},
    {"dotnet", Weight::work, ".NET: its build for WASI is an experiment"},
    {"java", Weight::against, "the JVM: no JVM runs on WASI; only rewriting, or a compiler such as TeaVM for parts, leads there"},
    {"node", Weight::work,
     "Node.js: the code has to be built into a component with an engine (componentize-js), without Node's own modules"},
    {"nodejs", Weight::work,
     "Node.js: the code has to be built into a component with an engine (componentize-js), without Node's own modules"},
    {"perl", Weight::work, "Perl: the interpreter itself has to be built for WASI"},
    {"php", Weight::work, "PHP: the interpreter exists for WASI, without most of its extensions"},
    {"php-fpm", Weight::against, "PHP's process manager: it starts processes"},
    {"python", Weight::work, "Python: CPython exists for WASI (or componentize-py), without threads, processes and native packages"},
    {"ruby", Weight::work, "Ruby: the interpreter exists for WASI (ruby.wasm), without threads and native gems"},
});

constexpr std::string_view k_process = "starts other processes, and WASI has none";
constexpr std::string_view k_kernel = "works on the kernel itself, and WASI has no word for that";
constexpr std::string_view k_shared = "shares memory with other processes, and WASI has none";
constexpr std::string_view k_events = "waits on an event queue of Linux; it has to wait by poll instead";
constexpr std::string_view k_threads = "starts threads; only wasmtime and WasmEdge give them, to modules of preview 1";
constexpr std::string_view k_users = "changes its user or privileges, and a module has none";
constexpr std::string_view k_plugins = "loads libraries while it runs; they have to be linked in";

constexpr auto k_symbols = std::to_array<Known>({
    {"accept4", Weight::neutral, "accepts connections"},
    {"bind", Weight::neutral, "opens sockets of its own"},
    {"bpf", Weight::against, k_kernel},
    {"capset", Weight::work, k_users},
    {"chroot", Weight::work, k_users},
    {"clone", Weight::work, k_process},
    {"dlopen", Weight::work, k_plugins},
    {"epoll_create", Weight::work, k_events},
    {"epoll_create1", Weight::work, k_events},
    {"epoll_wait", Weight::work, k_events},
    {"eventfd", Weight::work, k_events},
    {"execl", Weight::work, k_process},
    {"execlp", Weight::work, k_process},
    {"execv", Weight::work, k_process},
    {"execve", Weight::work, k_process},
    {"execvp", Weight::work, k_process},
    {"fanotify_init", Weight::against, k_kernel},
    {"fork", Weight::work, k_process},
    {"forkpty", Weight::against, "gives terminals to other processes"},
    {"init_module", Weight::against, k_kernel},
    {"inotify_init", Weight::work, "watches folders, and WASI tells nobody of changes"},
    {"inotify_init1", Weight::work, "watches folders, and WASI tells nobody of changes"},
    {"io_uring_setup", Weight::against, k_kernel},
    {"ioperm", Weight::against, k_kernel},
    {"iopl", Weight::against, k_kernel},
    {"kexec_load", Weight::against, k_kernel},
    {"kill", Weight::work, "sends signals, and WASI has none"},
    {"mount", Weight::against, k_kernel},
    {"msgget", Weight::work, k_shared},
    {"openpty", Weight::against, "gives terminals to other processes"},
    {"perf_event_open", Weight::against, k_kernel},
    {"pivot_root", Weight::against, k_kernel},
    {"popen", Weight::work, k_process},
    {"posix_spawn", Weight::work, k_process},
    {"posix_spawnp", Weight::work, k_process},
    {"process_vm_readv", Weight::against, k_kernel},
    {"pthread_create", Weight::work, k_threads},
    {"ptrace", Weight::against, "looks into other processes, and WASI has no word for that"},
    {"reboot", Weight::against, k_kernel},
    {"seccomp", Weight::against, k_kernel},
    {"semget", Weight::work, k_shared},
    {"setgid", Weight::work, k_users},
    {"setns", Weight::against, k_kernel},
    {"setuid", Weight::work, k_users},
    {"shm_open", Weight::work, k_shared},
    {"shmget", Weight::work, k_shared},
    {"signalfd", Weight::work, k_events},
    {"socket", Weight::neutral, "opens sockets of its own"},
    {"system", Weight::work, k_process},
    {"thrd_create", Weight::work, k_threads},
    {"timerfd_create", Weight::work, k_events},
    {"umount2", Weight::against, k_kernel},
    {"unshare", Weight::against, k_kernel},
    {"vfork", Weight::work, k_process},
});

constexpr std::string_view k_libc = "is part of what wasi-libc gives";
constexpr std::string_view k_screen = "draws on a screen or plays sound, and WASI has neither";
constexpr std::string_view k_accelerator = "computes on a device, and only wasi-nn and wasi-webgpu hosts lend one";

// Beginnings of names; the first that fits counts.
constexpr auto k_libraries = std::to_array<Known>({
    {"ld-", Weight::favours, k_libc},
    {"libc.", Weight::favours, k_libc},
    {"libc-", Weight::favours, k_libc},
    {"libm.", Weight::favours, k_libc},
    {"libpthread.", Weight::neutral, "is the library for threads; every program of older systems that links it need not start any"},
    {"libdl.", Weight::neutral, "is the library for loading others"},
    {"librt.", Weight::neutral, "is the library for clocks and shared memory"},
    {"libgcc_s.", Weight::favours, "comes with the compiler"},
    {"libstdc++.", Weight::favours, "comes with the compiler"},
    {"libc++", Weight::favours, "comes with the compiler"},
    {"libz.", Weight::favours, "builds for WASI as it is"},
    {"libX11.", Weight::against, k_screen},
    {"libGL", Weight::against, k_screen},
    {"libasound.", Weight::against, k_screen},
    {"libgtk", Weight::against, k_screen},
    {"libQt", Weight::against, k_screen},
    {"libwayland", Weight::against, k_screen},
    {"libcuda", Weight::against, k_accelerator},
    {"libOpenCL.", Weight::against, k_accelerator},
    {"libsystemd.", Weight::work, "speaks with the machine's services"},
    {"libdbus", Weight::work, "speaks with the machine's services"},
    {"libpcap.", Weight::against, "reads packets off the wire, and WASI has no raw sockets"},
    {"libbpf.", Weight::against, k_kernel},
    {"libnl-", Weight::against, "configures the machine's network"},
    {"libpq.", Weight::work, "is a database's client: it needs sockets, and a build of its own for WASI"},
    {"libmysqlclient.", Weight::work, "is a database's client: it needs sockets, and a build of its own for WASI"},
    {"libssl.", Weight::work, "needs a build of its own for WASI; TLS is better left to the host"},
});

// Beginnings of import paths.
constexpr auto k_go_modules = std::to_array<Known>({
    {"github.com/cilium/ebpf", Weight::against, k_kernel},
    {"github.com/containers/podman", Weight::against, "manages containers of its machine"},
    {"github.com/containers/buildah", Weight::against, "manages containers of its machine"},
    {"github.com/containerd/", Weight::against, "manages containers of its machine"},
    {"github.com/creack/pty", Weight::against, "gives terminals to other processes"},
    {"github.com/docker/docker", Weight::work, "speaks with Docker's socket"},
    {"github.com/fsnotify/fsnotify", Weight::work, "watches folders, and WASI tells nobody of changes"},
    {"github.com/gin-gonic/gin", Weight::neutral, "serves HTTP"},
    {"github.com/google/gopacket", Weight::against, "reads packets off the wire, and WASI has no raw sockets"},
    {"github.com/jackc/pgx", Weight::work, "is a database's client: it needs sockets, which Go has none of on WASI"},
    {"github.com/lib/pq", Weight::work, "is a database's client: it needs sockets, which Go has none of on WASI"},
    {"github.com/go-sql-driver/mysql", Weight::work, "is a database's client: it needs sockets, which Go has none of on WASI"},
    {"github.com/mattn/go-sqlite3", Weight::work, "is C code called through cgo, which Go has not on WASI"},
    {"github.com/opencontainers/runc", Weight::against, "manages containers of its machine"},
    {"github.com/redis/go-redis", Weight::work, "is a database's client: it needs sockets, which Go has none of on WASI"},
    {"github.com/vishvananda/netlink", Weight::against, "configures the machine's network"},
    {"go.etcd.io/bbolt", Weight::against, "is a database in a mapped file, and WASI maps none"},
    {"go.etcd.io/etcd", Weight::work, "speaks with a cluster: it needs sockets, which Go has none of on WASI"},
    {"google.golang.org/grpc", Weight::work, "needs sockets, which Go has none of on WASI"},
    {"k8s.io/client-go", Weight::work, "speaks with a cluster: it needs sockets, which Go has none of on WASI"},
    {"sigs.k8s.io/controller-runtime", Weight::work, "is a controller of a cluster: it needs sockets, which Go has none of on WASI"},
});

constexpr std::string_view k_go_sockets = "uses the network, and Go has no sockets on WASI: requests have to go through the host";
constexpr auto k_go_functions = std::to_array<Known>({
    {"net.(*Dialer).DialContext", Weight::work, k_go_sockets},
    {"net.(*ListenConfig).Listen", Weight::work, k_go_sockets},
    {"net.(*sysDialer).dialSingle", Weight::work, k_go_sockets},
    {"os/exec.(*Cmd).Start", Weight::work, k_process},
    {"os.StartProcess", Weight::work, k_process},
    {"plugin.open", Weight::work, k_plugins},
    {"golang.org/x/sys/unix.Mount", Weight::against, k_kernel},
    {"syscall.Mount", Weight::against, k_kernel},
    {"golang.org/x/sys/unix.Mmap", Weight::work, "maps files into memory, and WASI maps none"},
    {"syscall.Mmap", Weight::work, "maps files into memory, and WASI maps none"},
    {"syscall.PtraceAttach", Weight::against, k_kernel},
});

constexpr auto k_launchers = std::to_array<std::string_view>(
    {"catatonit", "dumb-init", "env", "exec", "gosu", "nice", "s6-svscan", "setpriv", "stdbuf", "su-exec", "sudo", "tini", "tini-static"});
constexpr auto k_shells = std::to_array<std::string_view>({"ash", "bash", "busybox", "dash", "fish", "ksh", "sh", "zsh"});

template <typename Table>
const Known* exact(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Known::name);
  return found == std::end(table) ? nullptr : &*found;
}
template <typename Table>
const Known* beginning(const Table& table, std::string_view name) {
  const auto found = std::ranges::find_if(table, [&](const Known& known) { return name.starts_with(known.name); });
  return found == std::end(table) ? nullptr : &*found;
}

}  // namespace

const Known* known_program(std::string_view name) { return exact(k_programs, name); }

const Known* known_runtime(std::string_view name) {
  // `python3.11`, `ruby3.1`, `php8.2`; the last letter of a name is never a digit or a dot.
  const std::size_t end = name.find_last_not_of("0123456789.");
  const Known* found = exact(k_runtimes, name);
  return found != nullptr || end == std::string_view::npos ? found : exact(k_runtimes, name.substr(0, end + 1));
}

const Known* known_symbol(std::string_view name) { return exact(k_symbols, name); }
const Known* known_library(std::string_view name) { return beginning(k_libraries, name); }
// A path ends where a part ends: `docker/docker` is not the beginning of `docker/docker-credential-helpers`.
const Known* known_go_module(std::string_view path) {
  const auto found = std::ranges::find_if(k_go_modules, [&](const Known& known) {
    return path.starts_with(known.name) &&
           (known.name.ends_with('/') || path.size() == known.name.size() || path[known.name.size()] == '/');
  });
  return found == k_go_modules.end() ? nullptr : &*found;
}
const Known* known_go_function(std::string_view name) { return exact(k_go_functions, name); }
std::span<const std::string_view> go_function_names() {
  static const std::vector<std::string_view> k_names = [] {
    std::vector<std::string_view> out;
    for (const Known& known : k_go_functions) out.push_back(known.name);
    return out;
  }();
  return k_names;
}
bool is_launcher(std::string_view name) { return std::ranges::find(k_launchers, name) != k_launchers.end(); }
bool is_shell(std::string_view name) { return std::ranges::find(k_shells, name) != k_shells.end(); }
std::span<const std::string_view> shell_names() { return k_shells; }

}  // namespace davit::cli::advise
