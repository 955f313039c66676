#ifndef PROBESWEEP_TESTS_SUPPORT_ORDINARY_USER_H_
#define PROBESWEEP_TESTS_SUPPORT_ORDINARY_USER_H_

#include <unistd.h>

namespace probesweep::testing {

// While it lives a test that root runs has no more rights than an ordinary user: root may write everywhere,
// so read-only folders would not be read-only. Of the whole process: for tests with one thread.
class AsOrdinaryUser {
 public:
  AsOrdinaryUser() : changed_(::geteuid() == 0 && ::seteuid(kNobody) == 0) {}
  ~AsOrdinaryUser() {
    if (changed_ && ::seteuid(0) != 0) ::_exit(1);
  }
  AsOrdinaryUser(const AsOrdinaryUser&) = delete;
  AsOrdinaryUser& operator=(const AsOrdinaryUser&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  const bool changed_;
};

}  // namespace probesweep::testing

#endif  // PROBESWEEP_TESTS_SUPPORT_ORDINARY_USER_H_
