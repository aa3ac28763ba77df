// SPDX-License-Identifier: Apache-2.0
// See resolver.h.
#include "src/resolver.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "src/os_thread.h"

namespace tina::internal {
namespace {

/// A lane has at most a query, the giving up of it, and that of the one before in the queue.
constexpr std::uint32_t kRequestsPerLane = 3;
constexpr std::uint64_t kWake = ~std::uint64_t{0};
constexpr unsigned kEventsPerLook = 64;
/// Between two looks at the clocks of all that is asked, ms.
constexpr int kLongestWaitMs = 60'000;

}  // namespace

std::string Resolver::start(std::uint32_t lanes, const std::string& servers) {
  if (const std::int32_t error = start_ares(); error != 0) {
    return std::string("c-ares cannot be started: ") + std::strerror(error);
  }
  if (!servers.empty() && !are_servers(servers)) {
    end_ares();
    return "--dns " + servers + " is no list of addresses; say one such as 127.0.0.1:5353";
  }
  requests_.make_room(kRequestsPerLane * lanes);
  servers_ = servers;
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_ = ::eventfd(0, EFD_CLOEXEC);
  epoll_event event{EPOLLIN | EPOLLET, {.u64 = kWake}};
  if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    return std::string("the resolver has no epoll: ") + std::strerror(errno);
  }
  seats_ = std::make_unique<AresSeat[]>(kSeats);
  for (std::uint32_t i = 0; i < kSeats; ++i) seats_[i].place(epoll_, i);
  const int error = start_thread(thread_, run, this);
  if (error != 0) return std::string("its thread cannot be started: ") + std::strerror(error);
  running_ = true;
  return {};
}

void Resolver::stop() {
  if (running_) {
    // release: pairs with the acquire in loop.
    stopping_.store(true, std::memory_order_release);
    wake_thread(wake_);
    ::pthread_join(thread_, nullptr);
    end_ares();
  }
  running_ = false;
  if (epoll_ >= 0) ::close(epoll_);
  if (wake_ >= 0) ::close(wake_);
  epoll_ = wake_ = -1;
}

void Resolver::ask(const Request& request) {
  requests_.push(request);
  if (sleeper_.should_wake()) wake_thread(wake_);
}

void* Resolver::run(void* self) {
  name_thread("tina-resolver");
  allow_allocation();
  static_cast<Resolver*>(self)->loop();
  return nullptr;
}

void Resolver::loop() {
  // acquire: pairs with the release in stop.
  while (!stopping_.load(std::memory_order_acquire)) {
    Request request;
    while (requests_.pop(request)) take(request);
    begin_waiting();
    wait();
  }
  // What is asked still belongs to isolates that have ended with their shards: nobody waits for it.
  for (std::uint32_t i = 0; i < kSeats; ++i) seats_[i].close();
}

void Resolver::take(const Request& request) {
  Query& query = *request.query;
  if (!request.give_up) return append(query);
  if (query.seat == Query::kNowhere) return;  // it has ended in the meantime
  if (query.seat == Query::kWaits) {
    unlink(query);
    return end(query, -ECANCELED);
  }
  AresSeat& seat = seats_[query.seat];
  seat.give_up();
  finish(seat);
}

/// Asks those that wait, as long as there are seats.
void Resolver::begin_waiting() {
  if (first_ == nullptr) return;
  const ResolverFiles files = look_at_resolver_files();
  for (std::uint32_t i = 0; first_ != nullptr && busy_ < kSeats; i = (i + 1) % kSeats) {
    AresSeat& seat = seats_[i];
    if (seat.busy()) continue;
    Query& query = *first_;
    unlink(query);
    query.seat = i;
    ++busy_;
    seat.ask(query, files, servers_);
    finish(seat);
  }
  if (first_ != nullptr) waited_.fetch_add(1, std::memory_order_relaxed);
}

/// If a seat's name has ended, tells its shard.
void Resolver::finish(AresSeat& seat) {
  if (!seat.busy() || !seat.ended()) return;
  std::int32_t value = 0;
  Query& query = *seat.take(value);
  --busy_;
  end(query, value);
}

void Resolver::end(Query& query, std::int32_t value) {
  query.seat = Query::kNowhere;
  query.back->push(query.token, value);  // from here on it is the shard's
}

void Resolver::append(Query& query) {
  query.seat = Query::kWaits;
  query.next = nullptr;
  query.previous = last_;
  (last_ == nullptr ? first_ : last_->next) = &query;
  last_ = &query;
}

void Resolver::unlink(Query& query) {
  (query.previous == nullptr ? first_ : query.previous->next) = query.next;
  (query.next == nullptr ? last_ : query.next->previous) = query.previous;
}

void Resolver::wait() {
  int wait_ms = busy_ == 0 ? -1 : kLongestWaitMs;
  for (std::uint32_t i = 0; busy_ > 0 && i < kSeats; ++i) {
    if (seats_[i].busy()) wait_ms = std::min(wait_ms, seats_[i].wait_ms(wait_ms));
  }
  std::array<epoll_event, kEventsPerLook> events;
  sleeper_.announce_sleep();
  const bool asked = requests_.any_for_sleeper();
  const int count = ::epoll_wait(epoll_, events.data(), kEventsPerLook, asked ? 0 : wait_ms);
  sleeper_.clear();
  for (int i = 0; i < count; ++i) {
    const std::uint64_t name = events[static_cast<unsigned>(i)].data.u64;
    if (name == kWake) continue;
    AresSeat& seat = seats_[name >> 32];
    const int socket = static_cast<int>(static_cast<std::uint32_t>(name));
    const std::uint32_t ready = events[static_cast<unsigned>(i)].events;
    const bool reads = (ready & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
    const bool writes = (ready & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0;
    if (!seat.busy()) continue;
    seat.process(reads ? socket : ARES_SOCKET_BAD, writes ? socket : ARES_SOCKET_BAD);
    finish(seat);
  }
  if (count == 0 || wait_ms == 0) look_at_clocks();
}

void Resolver::look_at_clocks() {
  for (std::uint32_t i = 0; i < kSeats; ++i) {
    if (!seats_[i].busy()) continue;
    seats_[i].look_at_clock();
    finish(seats_[i]);
  }
}

}  // namespace tina::internal
