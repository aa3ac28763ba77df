// SPDX-License-Identifier: Apache-2.0
// The CAF peer of the message benchmarks (CAF 0.17 of Debian). The rows are those of the Erlang
// peer; each prints one JSON line with the nanoseconds per operation, the median over rounds in one
// process; only messages whose sequence number is right count.
//
// How it is configured: one worker of the work-stealing scheduler, which never sleeps while there
// is work, pinned by taskset. Isolates are event-based, the lightest kind that CAF has; numbers
// travel as plain integers, so nothing is serialized. A call is a request with a time limit. In the
// cross rows both sides are detached, each with a thread of its own: on one worker they would never
// leave it. A life is that of a monitored isolate, whose end its parent hears; a crash is one that
// quits with an error, whose monitor notes the report and spawns it anew.
//
// Arguments: row, operations per round.
#include <algorithm>
#include <caf/all.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

using Number = std::uint64_t;
using Link = caf::atom_constant<caf::atom("link")>;
using Go = caf::atom_constant<caf::atom("go")>;
using Done = caf::atom_constant<caf::atom("done")>;
using Stop = caf::atom_constant<caf::atom("stop")>;

constexpr Number kSenders = 1000;
constexpr Number kBurst = 16;
constexpr Number kIsolates = 10'000;
constexpr Number kMillion = 1'000'000;
constexpr Number kPairs = 1000;
constexpr Number kWindow = 8;
constexpr Number kCredit = 512;
constexpr Number kAtOnce = 64;
constexpr Number kCrashers = 256;
constexpr int kRounds = 5;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "caf_peer: %s\n", what);
  std::_Exit(1);
}

void expect(bool right) {
  if (!right) fail("a message out of sequence");
}

double now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::nanoseconds(now).count());
}

/// Waits for `count` of them to say that they are done.
void await(caf::scoped_actor& self, Number count) {
  for (Number i = 0; i < count; ++i) {
    self->receive([](Done) {});
  }
}

/// One of a pair: sees every second number.
caf::behavior player(caf::event_based_actor* self, const caf::actor& master, Number expected,
                     Number last) {
  self->set_default_handler(caf::drop);
  auto next = std::make_shared<Number>(expected);
  auto other = std::make_shared<caf::actor>();
  return {
      [=](Link, const caf::actor& to) { *other = to; },
      [=](Number number) {
        expect(number == *next);
        *next += 2;
        if (number >= last) return self->send(master, Done::value);
        self->send(*other, number + 1);
      },
      [=](Stop) {
        *other = nullptr;
        self->quit();
      },
  };
}

template <caf::spawn_options kOptions>
double pair(caf::actor_system& system, Number messages) {
  caf::scoped_actor self{system};
  const caf::actor master = caf::actor_cast<caf::actor>(self);
  const caf::actor left = system.spawn<kOptions>(player, master, Number{1}, messages);
  const caf::actor right = system.spawn<kOptions>(player, master, Number{0}, messages);
  self->send(left, Link::value, right);
  self->send(right, Link::value, left);
  const double begin = now_ns();
  self->send(right, Number{0});
  await(self, 1);
  const double took = now_ns() - begin;
  for (const caf::actor& each : {left, right}) self->send(each, Stop::value);
  return took / static_cast<double>(messages);
}

caf::behavior sender(caf::event_based_actor* self, const caf::actor& to, Number id) {
  auto sequence = std::make_shared<Number>(0);
  return {
      [=](Go) {
        for (Number i = 0; i < kBurst; ++i) self->send(to, id, (*sequence)++, i == 0);
      },
      [=](Stop) { self->quit(); },
  };
}

double fan_in(caf::actor_system& system, Number messages) {
  caf::scoped_actor self{system};
  const caf::actor master = caf::actor_cast<caf::actor>(self);
  std::vector<caf::actor> senders;
  const caf::actor receiver = system.spawn([&](caf::event_based_actor* me) -> caf::behavior {
    auto expected = std::make_shared<std::vector<Number>>(kSenders);
    auto left = std::make_shared<Number>(messages);
    return {
        [=, &senders](Number id, Number sequence, bool first) {
          expect(sequence == (*expected)[id]++);
          if (*left == 0) return;
          if (--*left == 0) return me->send(master, Done::value);
          if (first) me->send(senders[id], Go::value);
        },
        [=](Stop) { me->quit(); },
    };
  });
  for (Number id = 0; id < kSenders; ++id) senders.push_back(system.spawn(sender, receiver, id));
  const double begin = now_ns();
  for (const caf::actor& each : senders) self->send(each, Go::value);
  await(self, 1);
  const double took = now_ns() - begin;
  for (const caf::actor& each : senders) self->send(each, Stop::value);
  self->send(receiver, Stop::value);
  self->wait_for(receiver);
  return took / static_cast<double>(messages);
}

class Member : public caf::event_based_actor {
 public:
  Member(caf::actor_config& config, caf::actor master, Number stride, Number first)
      : caf::event_based_actor(config),
        master_(std::move(master)),
        stride_(stride),
        expected_(first) {}
  caf::behavior make_behavior() override {
    return {
        [this](Link, const caf::actor& next) { next_ = next; },
        [this](Number hop, Number last) {
          expect(hop == expected_);
          expected_ += stride_;
          if (hop == last) return send(master_, Done::value);
          send(next_, hop + 1, last);
        },
        [this](Stop) {
          next_ = nullptr;
          quit();
        },
    };
  }

 private:
  caf::actor master_;
  caf::actor next_;
  Number stride_;
  Number expected_;
};

double ring(caf::actor_system& system, Number members, Number tokens, bool shuffled,
            Number messages) {
  caf::scoped_actor self{system};
  const caf::actor master = caf::actor_cast<caf::actor>(self);
  const Number stride = members / tokens;
  std::vector<Number> order(members);
  for (Number i = 0; i < members; ++i) order[i] = i;
  if (shuffled) std::shuffle(order.begin(), order.end(), std::mt19937_64(42));
  std::vector<caf::actor> ring(members);
  std::vector<Number> first(members);
  for (Number i = 0; i < members; ++i) first[order[i]] = i % stride;
  for (Number i = 0; i < members; ++i) {
    ring[i] = system.spawn<Member>(master, stride, first[i]);
  }
  for (Number i = 0; i < members; ++i) {
    self->send(ring[order[i]], Link::value, ring[order[(i + 1) % members]]);
  }
  const Number hops = std::max<Number>(messages / tokens, 1);
  // The worker is held until every token is in its place: none may be overtaken before it starts.
  std::promise<void> placed;
  system.spawn([held = placed.get_future().share()](caf::event_based_actor*) { held.wait(); });
  for (Number i = 0; i < members; i += stride) self->send(ring[order[i]], Number{0}, hops - 1);
  const double begin = now_ns();
  placed.set_value();
  await(self, tokens);
  const double took = now_ns() - begin;
  for (const caf::actor& each : ring) self->send(each, Stop::value);
  return took / static_cast<double>(hops * tokens);
}

caf::behavior server(caf::event_based_actor* self) {
  auto expected = std::make_shared<Number>(0);
  return {
      [=](Number number) -> Number {
        expect(number == *expected);
        return ++*expected;
      },
      [=](Stop) { self->quit(); },
  };
}

class Client : public caf::event_based_actor {
 public:
  Client(caf::actor_config& config, caf::actor master, caf::actor server, Number last)
      : caf::event_based_actor(config),
        master_(std::move(master)),
        server_(std::move(server)),
        last_(last) {}
  caf::behavior make_behavior() override {
    return {[this](Go) { call(); }};
  }

 private:
  void call() {
    request(server_, std::chrono::seconds(10), number_).then([this](Number next) {
      expect(next == ++number_);
      if (number_ < last_) return call();
      send(master_, Done::value);
      send(server_, Stop::value);
      quit();
    });
  }

  caf::actor master_;
  caf::actor server_;
  Number number_ = 0;
  Number last_;
};

double calls(caf::actor_system& system, Number pairs, Number messages) {
  caf::scoped_actor self{system};
  const caf::actor master = caf::actor_cast<caf::actor>(self);
  const Number each = std::max<Number>(messages / pairs, 1);
  std::vector<caf::actor> clients;
  for (Number i = 0; i < pairs; ++i) {
    clients.push_back(system.spawn<Client>(master, system.spawn(server), each));
  }
  const double begin = now_ns();
  for (const caf::actor& client : clients) self->send(client, Go::value);
  await(self, pairs);
  return (now_ns() - begin) / static_cast<double>(each * pairs);
}

double stream(caf::actor_system& system, Number messages) {
  caf::scoped_actor self{system};
  const caf::actor master = caf::actor_cast<caf::actor>(self);
  const Number items = std::max<Number>(messages / kCredit, 2 * kWindow) * kCredit;
  const auto source = system.spawn<caf::detached>([](caf::event_based_actor* me) -> caf::behavior {
    auto sequence = std::make_shared<Number>(0);
    return {
        [=](Go, const caf::actor& sink) {
          for (Number i = 0; i < kCredit; ++i) me->send(sink, (*sequence)++);
        },
        [=](Stop) { me->quit(); },
    };
  });
  const auto sink = system.spawn<caf::detached>([=](caf::event_based_actor* me) -> caf::behavior {
    auto expected = std::make_shared<Number>(0);
    return {
        [=](Number number) {
          expect(number == (*expected)++);
          if (*expected == items) return me->send(master, Done::value);
          if (*expected % kCredit == 0) me->send(source, Go::value, caf::actor(me));
        },
        [=](Stop) { me->quit(); },
    };
  });
  const double begin = now_ns();
  for (Number i = 0; i < kWindow; ++i) self->send(source, Go::value, sink);
  await(self, 1);
  const double took = now_ns() - begin;
  self->send(source, Stop::value);
  self->send(sink, Stop::value);
  return took / static_cast<double>(items);
}

Number lived = 0;      // a worker takes the newest first: the numbers come in no order,
Number lived_sum = 0;  // so their sum is checked

/// Spawns so many at once and hears of each end.
class Parent : public caf::event_based_actor {
 public:
  Parent(caf::actor_config& config, caf::actor master, Number lives)
      : caf::event_based_actor(config), master_(std::move(master)), left_(lives) {}
  caf::behavior make_behavior() override {
    set_down_handler([this](caf::down_msg&) {
      ++ended_;
      if (--left_ == 0) return finish();
      if (ended_ == spawned_) more();
    });
    return {[this](Go) { more(); }};
  }

 private:
  void more() {
    for (Number i = 0; i < kAtOnce; ++i) {
      spawn<caf::monitored>(
          [number = spawned_ + i](caf::event_based_actor*) { lived_sum += number, ++lived; });
    }
    spawned_ += kAtOnce;
  }
  void finish() {
    send(master_, Done::value);
    quit();
  }

  caf::actor master_;
  Number left_;
  Number spawned_ = 0;
  Number ended_ = 0;
};

double lives(caf::actor_system& system, Number messages) {
  caf::scoped_actor self{system};
  const Number count = std::max<Number>(messages / kAtOnce, 1) * kAtOnce;
  lived = lived_sum = 0;
  const auto parent = system.spawn<Parent>(caf::actor_cast<caf::actor>(self), count);
  const double begin = now_ns();
  self->send(parent, Go::value);
  await(self, 1);
  const double took = now_ns() - begin;
  expect(lived == count && lived_sum == count * (count - 1) / 2);
  return took / static_cast<double>(count);
}

caf::behavior crasher(caf::event_based_actor* self) {
  return {[=](Go) { self->quit(caf::exit_reason::unhandled_exception); }};
}

/// Restarts whoever crashes, and keeps the last reports.
class Supervisor : public caf::event_based_actor {
 public:
  Supervisor(caf::actor_config& config, caf::actor master, Number crashes)
      : caf::event_based_actor(config), master_(std::move(master)), left_(crashes) {}
  caf::behavior make_behavior() override {
    set_down_handler([this](caf::down_msg& down) {
      expect(down.reason == caf::exit_reason::unhandled_exception);
      reports_[next_++ % reports_.size()] = {down.source, down.reason};
      if (left_ == 0) return;
      if (--left_ == 0) {
        send(master_, Done::value);
        quit();
        return;
      }
      send(spawn<caf::monitored>(crasher), Go::value);
    });
    return {[this](Go) {
      for (Number i = 0; i < kCrashers; ++i) send(spawn<caf::monitored>(crasher), Go::value);
    }};
  }

 private:
  struct Report {
    caf::actor_addr who;
    caf::error why;
  };
  caf::actor master_;
  Number left_;
  Number next_ = 0;
  std::vector<Report> reports_ = std::vector<Report>(256);
};

double crashes(caf::actor_system& system, Number messages) {
  caf::scoped_actor self{system};
  const auto supervisor = system.spawn<Supervisor>(caf::actor_cast<caf::actor>(self), messages);
  const double begin = now_ns();
  self->send(supervisor, Go::value);
  await(self, 1);
  return (now_ns() - begin) / static_cast<double>(messages);
}

using Row = double (*)(caf::actor_system&, Number);

const std::map<std::string, Row> kRows = {
    {"ping_pong", pair<caf::no_spawn_options>},
    {"fan_in", fan_in},
    {"ring",
     [](caf::actor_system& s, Number n) { return ring(s, kIsolates, kIsolates, false, n); }},
    {"ring_one", [](caf::actor_system& s, Number n) { return ring(s, kIsolates, 1, true, n); }},
    {"ring_million",
     [](caf::actor_system& s, Number) { return ring(s, kMillion, kMillion, false, 3 * kMillion); }},
    {"ring_million_shuffled",
     [](caf::actor_system& s, Number) { return ring(s, kMillion, kMillion, true, 3 * kMillion); }},
    {"call_one", [](caf::actor_system& s, Number n) { return calls(s, 1, n); }},
    {"call", [](caf::actor_system& s, Number n) { return calls(s, kPairs, n); }},
    // A round trip is two messages.
    {"cross_trip",
     [](caf::actor_system& s, Number n) { return 2 * pair<caf::detached>(s, n / 10); }},
    {"cross_stream", stream},
    {"spawn", lives},
    {"crash", [](caf::actor_system& s, Number n) { return crashes(s, n / 4); }},
};

}  // namespace

int main(int argc, char** argv) {
  const auto row = kRows.find(argc > 1 ? argv[1] : "");
  const Number messages = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  if (row == kRows.end() || messages < 1000) {
    std::fprintf(stderr, "usage: %s ROW [OPERATIONS]\n", argv[0]);
    return 2;
  }
  caf::actor_system_config config;
  config.set("scheduler.max-threads", std::size_t{1});
  caf::actor_system system{config};
  const int rounds = row->first.compare(0, 12, "ring_million") == 0 ? 1 : kRounds;
  std::vector<double> ns;
  if (rounds > 1) row->second(system, std::max<Number>(messages / 5, 1000));
  for (int i = 0; i < rounds; ++i) ns.push_back(row->second(system, messages));
  std::sort(ns.begin(), ns.end());
  std::printf("{\"benchmark\":\"%s\",\"ns_per_operation\":%.2f,\"min\":%.2f,\"caf\":\"%d\"}\n",
              row->first.c_str(), ns[ns.size() / 2], ns.front(), CAF_VERSION);
  std::fflush(stdout);
  std::_Exit(0);  // a million of them take their time to be destroyed
}
