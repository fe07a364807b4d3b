/* Lets a program believe that it could raise its limit of open files: it gets as many as the hard limit allows. */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int setrlimit(__rlimit_resource_t resource, const struct rlimit *wanted) {
  struct rlimit present;
  if (resource != RLIMIT_NOFILE) return (int)syscall(SYS_prlimit64, 0, resource, wanted, 0);
  if (syscall(SYS_prlimit64, 0, resource, 0, &present) != 0) return -1;
  present.rlim_cur = present.rlim_max;
  return (int)syscall(SYS_prlimit64, 0, resource, &present, 0);
}

int setrlimit64(__rlimit_resource_t resource, const struct rlimit64 *wanted) {
  return setrlimit(resource, (const struct rlimit *)wanted);
}
