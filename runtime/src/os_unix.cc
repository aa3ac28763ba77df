// SPDX-License-Identifier: Apache-2.0
// See os_unix.h.
#include "src/os_unix.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>
#include <string_view>

namespace tina::internal {
namespace {

constexpr socklen_t kHead = offsetof(sockaddr_un, sun_path);
static_assert(sizeof(sockaddr_un::sun_path) == net::UnixAddress::kBytes);
static_assert(sizeof(sockaddr_un) <= sizeof(UnixDatagramOperand::raw));
static_assert(sizeof(msghdr) == sizeof(UnixDatagramOperand::message));
static_assert(sizeof(iovec) == sizeof(UnixDatagramOperand::part));

const sockaddr* generic(const sockaddr_un& raw) { return reinterpret_cast<const sockaddr*>(&raw); }
sockaddr* generic(sockaddr_un& raw) { return reinterpret_cast<sockaddr*>(&raw); }

int new_socket(int type) { return ::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

/// A descriptor that is closed at the end, leaving errno as it is.
class Closing {
 public:
  explicit Closing(int descriptor) : descriptor_(descriptor) {}
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() {
    const int error = errno;
    if (descriptor_ >= 0) ::close(descriptor_);
    errno = error;
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

/// Minus the errno that says why it could not be made as it should be.
std::int32_t give_up(int descriptor) {
  const Closing closing(descriptor);
  return -errno;
}

/// The socket that a path leads to, or no file.
BoundFile file_at(const char* path) {
  struct stat facts{};
  if (::lstat(path, &facts) != 0 || !S_ISSOCK(facts.st_mode)) return {0, 0};
  return {facts.st_dev, facts.st_ino};
}

/// Whether nobody is bound to the socket that is there. Asked by a datagram socket, which finds any
/// that somebody has, and leaves no connection in a listener's backlog.
bool is_left(const sockaddr_un& raw, socklen_t size) {
  if (file_at(raw.sun_path).number == 0) return false;
  const Closing asks(new_socket(SOCK_DGRAM));
  if (asks.get() < 0) return false;
  return ::connect(asks.get(), generic(raw), size) != 0 && errno == ECONNREFUSED;
}

/// The directory that a path lies in.
int open_directory(std::string_view path) {
  std::array<char, net::UnixAddress::kBytes + 1> name{};
  const std::size_t slash = path.rfind('/');
  const std::string_view found = slash == std::string_view::npos ? "."
                                 : slash == 0                    ? "/"
                                                                 : path.substr(0, slash);
  std::memcpy(name.data(), found.data(), found.size());
  return ::open(name.data(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/// Removes what a program has left at a path. Of several that want to, one does: between its look
/// and its removal nobody else removes anything there.
bool remove_left(const net::UnixAddress& address, const sockaddr_un& raw, socklen_t size) {
  const Closing directory(open_directory(address.text()));
  if (directory.get() < 0 || ::flock(directory.get(), LOCK_EX | LOCK_NB) != 0) return false;
  return is_left(raw, size) && ::unlink(raw.sun_path) == 0;
}

/// Gives a socket its address. 0 or minus an errno.
std::int32_t bind_unix(int descriptor, const OpenRequest& request) {
  const net::UnixAddress& address = *request.unix_address;
  sockaddr_un raw;
  const socklen_t size = write_unix(address, raw);
  // The kernel makes the file with what its socket has.
  if (request.io.owner_only && ::fchmod(descriptor, S_IRUSR | S_IWUSR) != 0) return -errno;
  if (::bind(descriptor, generic(raw), size) != 0) {
    const int error = errno;
    if (error != EADDRINUSE || address.is_abstract() || !remove_left(address, raw, size))
      return -error;
    if (::bind(descriptor, generic(raw), size) != 0) return -errno;
  }
  if (request.file != nullptr && !address.is_abstract()) *request.file = file_at(raw.sun_path);
  return 0;
}

std::int32_t listen_unix(const OpenRequest& request) {
  const int descriptor = new_socket(SOCK_STREAM);
  if (descriptor < 0) return -errno;
  const std::int32_t bound = bind_unix(descriptor, request);
  if (bound < 0) {
    ::close(descriptor);
    return bound;
  }
  if (::listen(descriptor, static_cast<int>(request.io.backlog)) == 0) return descriptor;
  const std::int32_t error = -errno;
  if (request.file != nullptr) remove_file(descriptor, *request.file);
  ::close(descriptor);
  return error;
}

/// A ring waits by itself only for those that may wait.
std::int32_t in_mode(int descriptor, SocketMode mode) {
  const bool set = mode == SocketMode::kNeverWaits || ::fcntl(descriptor, F_SETFL, O_RDWR) == 0;
  return set ? descriptor : give_up(descriptor);
}

/// Has the kernel choose a name, by which others can answer.
bool bind_anywhere(int descriptor) {
  sockaddr_un raw{};
  raw.sun_family = AF_UNIX;
  return ::bind(descriptor, generic(raw), kHead) == 0;
}

std::int32_t connect_unix(const OpenRequest& request, int type, SocketMode mode) {
  sockaddr_un raw;
  const socklen_t size = write_unix(*request.unix_address, raw);
  const int descriptor = new_socket(type);
  if (descriptor < 0) return -errno;
  const bool made = set_buffers(descriptor, request.io) &&
                    (type == SOCK_STREAM || bind_anywhere(descriptor)) &&
                    ::connect(descriptor, generic(raw), size) == 0;
  return made ? in_mode(descriptor, mode) : give_up(descriptor);
}

std::int32_t open_datagrams(const OpenRequest& request, SocketMode mode) {
  const int descriptor = new_socket(SOCK_DGRAM);
  if (descriptor < 0) return -errno;
  if (!set_buffers(descriptor, request.io)) return give_up(descriptor);
  if (request.unix_address->is_unnamed()) {
    return bind_anywhere(descriptor) ? in_mode(descriptor, mode) : give_up(descriptor);
  }
  const std::int32_t bound = bind_unix(descriptor, request);
  if (bound == 0) return in_mode(descriptor, mode);
  ::close(descriptor);
  return bound;
}

template <class Raw>
msghdr* header_of(const Operation& operation, socklen_t size, Raw& raw) {
  auto& operand = operation.as<UnixDatagramOperand>();
  iovec* const part =
      ::new (operand.part.data()) iovec{const_cast<std::byte*>(operation.data), operation.size};
  auto* const header = ::new (operand.message.data()) msghdr{};
  header->msg_name = raw.data();
  header->msg_namelen = size;
  header->msg_iov = part;
  header->msg_iovlen = 1;
  return header;
}

}  // namespace

socklen_t write_unix(const net::UnixAddress& address, sockaddr_un& raw) {
  raw = {};
  raw.sun_family = AF_UNIX;
  std::memcpy(raw.sun_path, address.bytes.data(), address.size);
  const auto size = static_cast<socklen_t>(kHead + address.size);
  if (!address.is_abstract()) return size + 1;
  raw.sun_path[0] = '\0';
  return size;
}

net::UnixAddress read_unix(const sockaddr_un& raw, socklen_t size) {
  net::UnixAddress address;
  if (size <= kHead || size > sizeof raw || raw.sun_family != AF_UNIX) return address;
  const std::size_t bytes = size - kHead;
  const bool abstract = raw.sun_path[0] == '\0';
  const std::size_t length = abstract ? bytes : ::strnlen(raw.sun_path, bytes);
  address.size = static_cast<std::uint16_t>(length);
  std::memcpy(address.bytes.data(), raw.sun_path, length);
  if (abstract) address.bytes[0] = '@';
  return address;
}

std::int32_t open_unix(const OpenRequest& request, SocketMode mode) {
  const bool datagrams = request.io.kind == IoKind::kUnixDatagram;
  const bool connects = request.op == OpCode::kConnectUnix;
  const std::int32_t wrong = request.unix_address->why_not();
  const bool anywhere = datagrams && !connects && request.unix_address->is_unnamed();
  if (wrong != 0 && !anywhere) return -wrong;
  if (connects) return connect_unix(request, datagrams ? SOCK_DGRAM : SOCK_STREAM, mode);
  return datagrams ? open_datagrams(request, mode) : listen_unix(request);
}

msghdr* unix_datagram_to_receive(const Operation& operation) {
  auto& operand = operation.as<UnixDatagramOperand>();
  return header_of(operation, sizeof(sockaddr_un), operand.raw);
}

msghdr* unix_datagram_to_send(const Operation& operation) {
  auto& operand = operation.as<UnixDatagramOperand>();
  sockaddr_un raw{};
  raw.sun_family = AF_UNIX;
  const socklen_t size = operand.who.why_not() == 0 ? write_unix(operand.who, raw) : kHead;
  std::memcpy(operand.raw.data(), &raw, sizeof raw);
  return header_of(operation, size, operand.raw);
}

void read_unix_datagram(UnixDatagramOperand& operand) {
  const auto& header = *std::launder(reinterpret_cast<const msghdr*>(operand.message.data()));
  if (header.msg_name == nullptr) return;
  sockaddr_un raw;
  std::memcpy(&raw, operand.raw.data(), sizeof raw);
  operand.cut_off = (header.msg_flags & MSG_TRUNC) != 0;
  operand.who = read_unix(raw, header.msg_namelen);
}

void remove_file(std::int32_t descriptor, BoundFile& file) {
  if (file.number == 0) return;
  sockaddr_un raw{};
  socklen_t size = sizeof raw;
  if (::getsockname(descriptor, generic(raw), &size) == 0) {
    const net::UnixAddress address = read_unix(raw, size);
    // The kernel may leave no room for the NUL; ours always do.
    const BoundFile found = address.is_unnamed() ? BoundFile{0, 0} : file_at(raw.sun_path);
    if (found.device == file.device && found.number == file.number) ::unlink(raw.sun_path);
  }
  file = {0, 0};
}

}  // namespace tina::internal
