// Holds root back as everybody is: while it lives, its thread may do with a file what the file's permissions say.
#pragma once

#include <cerrno>
#include <system_error>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace spillway::test {

class file_rights_alone {
public:
  file_rights_alone() {
    call(SYS_capget, before_);
    capabilities held[2] = {before_[0], before_[1]};
    held[0].effective &= ~(1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH);
    call(SYS_capset, held);
  }
  ~file_rights_alone() { call(SYS_capset, before_); }
  file_rights_alone(const file_rights_alone&) = delete;
  file_rights_alone& operator=(const file_rights_alone&) = delete;

private:
  using capabilities = __user_cap_data_struct;

  // libc has no names for them. Source: capget(2), whose version 3 takes two structs.
  static void call(long number, capabilities (&of)[2]) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    if (::syscall(number, &header, of) != 0) {
      throw std::system_error(errno, std::generic_category(), "capabilities of a thread");
    }
  }

  capabilities before_[2] = {};
};

}  // namespace spillway::test
