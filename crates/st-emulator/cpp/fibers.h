// Runs the groups of a kernel one after another, each thread of a group as a fiber.
//
// A fiber runs until it waits for others; which one runs first is shuffled, and shared memory is full of NaN at first. So a
// missing barrier shows as a wrong result, and threads that wait where others do not come end the program with a message.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <sys/resource.h>
#include <tuple>
#include <ucontext.h>
#include <unistd.h>
#include <utility>
#include <vector>

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;

#define METHOD inline
#define DEVICE static inline
#define THREAD
#define GLOBAL
#define LOCAL
#define GENERIC template <class T> DEVICE

// Arrays of a group stand together, so that they can be filled.
#define SHARED static __attribute__((section("emulated_shared"), aligned(16)))
extern "C" __attribute__((weak)) char __start_emulated_shared[], __stop_emulated_shared[];

template <class T, class F> DEVICE T bitcast(F x) {
  T y;
  static_assert(sizeof y == sizeof x, "as many bits");
  memcpy(&y, &x, sizeof y);
  return y;
}
DEVICE f32 f16_of_bits(u32 bits) { return bitcast<_Float16>(u16(bits)); }
DEVICE u32 bits_of_f16(f32 x) { return bitcast<u16>(_Float16(x)); }

namespace emulated {

const u32 WARP = 32;
const size_t STACK = 128 * 1024;
enum class Scope { none, warp, group };

[[noreturn]] inline void fail(const std::string& why) {
  fprintf(stderr, "%s\n", why.c_str());
  _exit(3);
}

// A copy that was asked for and has not arrived.
struct Copy {
  void* to;
  const void* from;
  size_t bytes;
};

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack{new char[STACK]};
  bool done = false;
  Scope waits_for = Scope::none;
  int line = 0;  // where it waits
  u64 given = 0;  // what it shows the others of its warp
  std::vector<std::vector<Copy>> copies{1};  // the last batch is still open
};

struct Machine {
  std::vector<Fiber> fibers;
  u32 thread = 0, group = 0, threads = 0;
  ucontext_t home;
  std::function<void()> entry;
  std::mt19937 random;
};
inline Machine machine;

inline Fiber& self() { return machine.fibers[machine.thread]; }

inline void wait(Scope scope, int line) {
  Fiber& me = self();
  me.waits_for = scope;
  me.line = line;
  swapcontext(&me.context, &machine.home);
}

inline void start() {
  machine.entry();
  self().done = true;
  swapcontext(&self().context, &machine.home);
}

// Lets fibers [from, to) go on if all of them wait at one place.
inline bool release(u32 from, u32 to, Scope scope) {
  const auto begin = machine.fibers.begin() + from, end = machine.fibers.begin() + to;
  const int line = begin->line;
  if (!std::all_of(begin, end, [&](Fiber& f) { return !f.done && f.waits_for == scope && f.line == line; })) { return false; }
  std::for_each(begin, end, [](Fiber& f) { f.waits_for = Scope::none; });
  return true;
}

inline void run_group() {
  memset(__start_emulated_shared, 0xff, __stop_emulated_shared - __start_emulated_shared);
  machine.fibers.resize(machine.threads);
  std::vector<u32> order(machine.threads);
  for (u32 i = 0; i < machine.threads; i++) {
    order[i] = i;
    Fiber& fiber = machine.fibers[i];
    fiber.done = false;
    fiber.waits_for = Scope::none;
    fiber.copies.assign(1, {});
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = STACK;
    makecontext(&fiber.context, start, 0);
  }
  for (;;) {
    std::shuffle(order.begin(), order.end(), machine.random);
    for (u32 i : order) {
      Fiber& fiber = machine.fibers[i];
      if (fiber.done || fiber.waits_for != Scope::none) { continue; }
      machine.thread = i;
      swapcontext(&machine.home, &fiber.context);
    }
    const auto& fibers = machine.fibers;
    if (std::all_of(fibers.begin(), fibers.end(), [](const Fiber& f) { return f.done; })) { return; }
    bool some = release(0, machine.threads, Scope::group);
    for (u32 w = 0; w < machine.threads; w += WARP) {
      some |= release(w, std::min(w + WARP, machine.threads), Scope::warp);
    }
    if (!some) {
      const auto waiting = std::find_if(fibers.begin(), fibers.end(), [](const Fiber& f) { return !f.done; });
      fail("divergent: not all threads of group " + std::to_string(machine.group) + " come to line " +
           std::to_string(waiting->line) + ", where some wait");
    }
  }
}

// ---- what kernels ask for ----

template <class T> T shown_by(T mine, u32 lane, int line) {
  self().given = 0;
  memcpy(&self().given, &mine, sizeof mine);
  wait(Scope::warp, line);
  T theirs;
  memcpy(&theirs, &machine.fibers[machine.thread / WARP * WARP + lane].given, sizeof theirs);
  wait(Scope::warp, -line);
  return theirs;
}

inline void copy_later(void* to, const void* from, size_t bytes) { self().copies.back().push_back({to, from, bytes}); }
inline void close_copies() { self().copies.emplace_back(); }
// All but the last so many batches arrive.
inline void wait_for_copies(size_t left) {
  auto& copies = self().copies;
  while (copies.size() - 1 > left) {
    for (const Copy& c : copies.front()) { memcpy(c.to, c.from, c.bytes); }
    copies.erase(copies.begin());
  }
}

// ---- launches, told on the standard input and answered on the standard output ----

typedef std::function<void(void**)> Entry;
inline std::map<std::string, Entry>& entries() {
  static std::map<std::string, Entry> all;
  return all;
}

// A parameter of a kernel, from where it lies.
template <class A, class... All, size_t... I> Entry called(void (*kernel)(A, All...), std::index_sequence<I...>) {
  typedef std::tuple<A, All...> Types;
  return [kernel](void** at) { kernel(*static_cast<std::remove_reference_t<std::tuple_element_t<I, Types>>*>(at[I])...); };
}
template <class... A> int enter(const char* name, void (*kernel)(A...)) {
  entries()[name] = called(kernel, std::index_sequence_for<A...>());
  return 0;
}
#define EMULATE(name, kernel) static const int entered_##name = emulated::enter(#name, kernel);

inline u32 word() {
  u32 w;
  if (fread(&w, sizeof w, 1, stdin) != 1) { fail("the launch ends too soon"); }
  return w;
}
const size_t GUARD = 256;
// Memory between guards, aligned as GPUs have it.
struct Bytes {
  std::vector<char> all;
  size_t size = 0;
  char* start() { return reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(all.data()) + 2 * GUARD) / GUARD * GUARD); }
  bool is_guarded() {
    const auto untouched = [](char c) { return c == char(0xcd); };
    return std::all_of(all.data(), start(), untouched) &&
           std::all_of(start() + size, all.data() + all.size(), untouched);
  }
};
inline Bytes bytes() {
  Bytes made;
  made.size = word();
  made.all.assign(made.size + 3 * GUARD, char(0xcd));
  if (made.size != 0 && fread(made.start(), 1, made.size, stdin) != made.size) { fail("the launch ends too soon"); }
  return made;
}

inline int main() {
  Bytes name = bytes();
  const auto found = entries().find(std::string(name.start(), name.size));
  if (found == entries().end()) { fail("no such kernel"); }
  machine.random.seed(word());
  const u32 groups = word();
  machine.threads = word();
  Bytes numbers = bytes();
  std::vector<Bytes> buffers(word());
  std::vector<void*> starts, arguments;
  for (auto& buffer : buffers) { buffer = bytes(); }
  for (auto& buffer : buffers) { starts.push_back(buffer.start()); }
  for (auto& start : starts) { arguments.push_back(&start); }
  u32 faults = 0;
  u32* faults_at = &faults;
  arguments.push_back(numbers.start());
  arguments.push_back(&faults_at);
  machine.entry = [&] {
    // Metal hands these to a kernel; each thread has its own.
    u32 group = machine.group, thread = machine.thread;
    std::vector<void*> all = arguments;
    all.push_back(&group);
    all.push_back(&thread);
    found->second(all.data());
  };
  // A kernel that never ends is ended; seconds of the processor, since a busy machine may keep a test waiting.
  const rlimit limit{60, 60};
  setrlimit(RLIMIT_CPU, &limit);
  std::vector<u32> order(groups);
  for (u32 i = 0; i < groups; i++) { order[i] = i; }
  std::shuffle(order.begin(), order.end(), machine.random);
  for (u32 group : order) {
    machine.group = group;
    run_group();
  }
  fwrite(&faults, sizeof faults, 1, stdout);
  for (size_t i = 0; i < buffers.size(); i++) {
    if (!buffers[i].is_guarded()) { fail("buffer " + std::to_string(i) + " was written outside of it"); }
    fwrite(buffers[i].start(), 1, buffers[i].size, stdout);
  }
  return 0;
}

}  // namespace emulated

int main() { return emulated::main(); }
