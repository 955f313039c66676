// The wall clock that this program reads is an hour ahead of the one by which the kernel wakes it. That is
// what a program meets whose clock is set back by an hour just after it has read it: what waits until a time
// of the wall clock wakes an hour late. All its life, since absl reads the clock anew every other second
// only.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr time_t kHour = 3600;

}  // namespace

// The program's own definitions go before the C library's, for the libraries that it loads, too.
extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && clock == CLOCK_REALTIME) now->tv_sec += kHour;
  return static_cast<int>(result);
}

extern "C" int gettimeofday(timeval* now, void* zone) noexcept {
  const long result = ::syscall(SYS_gettimeofday, now, zone);
  if (result == 0) now->tv_sec += kHour;
  return static_cast<int>(result);
}
