#include "worker/model/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <sched.h>

namespace probesweep::worker {

int UsableCores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  return sched_getaffinity(0, sizeof(cores), &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

void UseOneThreadPerOperation() {
  at::set_num_threads(1);  // MKL too, where ATen is built on it
  // OpenBLAS keeps a pool of its own, whose threads would wait for one another across our jobs.
  using Setter = void (*)(int);
  if (const auto set = reinterpret_cast<Setter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) set(1);
}

}  // namespace probesweep::worker
