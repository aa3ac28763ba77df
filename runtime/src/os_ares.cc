// SPDX-License-Identifier: Apache-2.0
// See os_ares.h.
#include "src/os_ares.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace tina::internal {
namespace {

constexpr const char* kFiles[] = {"/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf"};

/// Before each piece that c-ares has: how large it is, at the distance that keeps it aligned.
constexpr std::size_t kHeader = alignof(std::max_align_t);
std::size_t g_memory = 0;  // of the thread that resolves, and before it starts of the main one

std::size_t size_of(const void* piece) {
  std::size_t size = 0;
  std::memcpy(&size, static_cast<const std::byte*>(piece) - kHeader, sizeof size);
  return size;
}

void* resize(void* piece, std::size_t size) {
  const std::size_t before = piece == nullptr ? 0 : size_of(piece);
  if (size > kAresMemoryMax || g_memory - before + size > kAresMemoryMax) return nullptr;
  void* const whole = piece == nullptr ? nullptr : static_cast<std::byte*>(piece) - kHeader;
  auto* const memory = static_cast<std::byte*>(std::realloc(whole, kHeader + size));
  if (memory == nullptr) return nullptr;
  std::memcpy(memory, &size, sizeof size);
  g_memory = g_memory - before + size;
  return memory + kHeader;
}
void* allocate(std::size_t size) { return resize(nullptr, size); }
void release(void* piece) {
  if (piece == nullptr) return;
  g_memory -= size_of(piece);
  std::free(static_cast<std::byte*>(piece) - kHeader);
}

/// What the end of a resolve is called here: a count of addresses, or minus an errno.
std::int32_t failure_of(int status) {
  switch (status) {
    case ARES_ENODATA:
      return -ENODATA;
    case ARES_ENOTFOUND:
      return -ENOENT;
    case ARES_EREFUSED:
    case ARES_ECONNREFUSED:
      return -ECONNREFUSED;
    case ARES_ETIMEOUT:
      return -ETIMEDOUT;
    case ARES_EBADNAME:
    case ARES_EBADQUERY:
    case ARES_EBADSTR:
    case ARES_EBADHINTS:
      return -EINVAL;
    case ARES_EBADRESP:
      return -EBADMSG;
    case ARES_ENOMEM:
      return -ENOMEM;
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return -ECANCELED;
    default:
      return -EREMOTEIO;
  }
}

bool read_address(const sockaddr* from, net::Address& address) {
  if (from->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, from, sizeof v4);
    address = net::Address::v4(ntohl(v4.sin_addr.s_addr), address.port);
    return true;
  }
  if (from->sa_family != AF_INET6) return false;
  sockaddr_in6 v6{};
  std::memcpy(&v6, from, sizeof v6);
  std::array<std::uint8_t, 16> host{};
  std::memcpy(host.data(), &v6.sin6_addr, host.size());
  address = net::Address::v6(host, address.port, v6.sin6_scope_id);
  return true;
}

}  // namespace

std::int32_t start_ares() {
  const int status = ares_library_init_mem(ARES_LIB_INIT_ALL, allocate, release, resize);
  return status == ARES_SUCCESS ? 0 : ENOMEM;
}

void end_ares() { ares_library_cleanup(); }

std::size_t ares_memory() { return g_memory; }

bool are_servers(const std::string& servers) {
  ares_channel channel = nullptr;
  if (ares_init(&channel) != ARES_SUCCESS) return false;
  const bool good = ares_set_servers_ports_csv(channel, servers.c_str()) == ARES_SUCCESS;
  ares_addr_port_node* first = nullptr;
  const bool some = good && ares_get_servers_ports(channel, &first) == ARES_SUCCESS && first;
  if (first != nullptr) ares_free_data(first);
  ares_destroy(channel);
  return some;
}

ResolverFiles look_at_resolver_files() {
  ResolverFiles files;
  std::size_t at = 0;
  for (const char* path : kFiles) {
    struct stat facts{};
    if (::stat(path, &facts) != 0) facts = {};
    files.facts[at++] = facts.st_ino;
    files.facts[at++] = static_cast<std::uint64_t>(facts.st_size);
    files.facts[at++] = static_cast<std::uint64_t>(facts.st_mtim.tv_sec) * 1'000'000'000 +
                        static_cast<std::uint64_t>(facts.st_mtim.tv_nsec);
  }
  return files;
}

int AresSeat::make_channel(const Query& query, const std::string& servers) {
  ares_options options{};
  const std::int64_t timeout_ms = query.timeout_ns / 1'000'000;
  options.timeout = static_cast<int>(std::clamp<std::int64_t>(timeout_ms, 1, 3'600'000));
  options.tries = static_cast<int>(std::clamp<std::uint32_t>(query.tries, 1, 100));
  options.sock_state_cb = [](void* seat, ares_socket_t socket, int reads, int writes) {
    static_cast<AresSeat*>(seat)->watch(socket, reads != 0, writes != 0);
  };
  options.sock_state_cb_data = this;
  const int status = ares_init_options(
      &channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return status;
  }
  return servers.empty() ? ARES_SUCCESS : ares_set_servers_ports_csv(channel_, servers.c_str());
}

void AresSeat::ask(Query& query, const ResolverFiles& files, const std::string& servers) {
  TINA_ASSERT(query_ == nullptr);
  query_ = &query;
  ended_ = false;
  const bool fits = channel_ != nullptr && files_ == files && timeout_ns_ == query.timeout_ns &&
                    tries_ == query.tries;
  if (!fits) {
    close();
    files_ = files;
    timeout_ns_ = query.timeout_ns;
    tries_ = query.tries;
    if (const int status = make_channel(query, servers); status != ARES_SUCCESS) {
      close();
      return found(ARES_ENOMEM, nullptr);
    }
  }
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(
      channel_, query.question.name.data(), nullptr, &hints,
      [](void* seat, int status, int, ares_addrinfo* answer) {
        static_cast<AresSeat*>(seat)->found(status, answer);
        if (answer != nullptr) ares_freeaddrinfo(answer);
      },
      this);
}

void AresSeat::found(int status, const ares_addrinfo* answer) {
  ended_ = true;
  value_ = failure_of(status);
  if (status != ARES_SUCCESS) return;
  std::uint32_t count = 0;
  for (const ares_addrinfo_node* node = answer == nullptr ? nullptr : answer->nodes;
       node != nullptr && count < net::kResolvedMax; node = node->ai_next) {
    net::Address& next = query_->answer->addresses[count];
    next = {};
    next.port = query_->question.port;
    if (read_address(node->ai_addr, next)) ++count;
  }
  value_ = count > 0 ? static_cast<std::int32_t>(count) : -ENODATA;
}

void AresSeat::watch(int socket, bool reads, bool writes) {
  epoll_event event{(reads ? EPOLLIN : 0U) | (writes ? EPOLLOUT : 0U),
                    {.u64 = name_of(number_, socket)}};
  if (event.events == 0) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
  } else if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) != 0) {
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);  // refused, the try's time ends it
  }
}

int AresSeat::wait_ms(int limit) const {
  timeval most{limit / 1000, limit % 1000 * 1000};
  timeval wait{};
  const timeval* const next = ares_timeout(channel_, &most, &wait);
  return static_cast<int>(next->tv_sec * 1000 + (next->tv_usec + 999) / 1000);
}

Query* AresSeat::take(std::int32_t& value) {
  value = value_;
  ended_ = false;
  return std::exchange(query_, nullptr);
}

void AresSeat::close() {
  if (channel_ != nullptr) ares_destroy(channel_);
  channel_ = nullptr;
}

}  // namespace tina::internal
