/* Shared by the shims: the real calls under the interposed ones, and which files are watched. Tests only, Linux only. */
#pragma once
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The call that would have run without the shim. */
#define REAL(name) ((__typeof__(&name))real_of(#name))

static inline void *real_of(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}

static char watched_dir[PATH_MAX];

/* Takes the watched folder from the environment; without it the shim lets everything through. */
static inline int watch_from(const char *variable) {
  const char *dir = getenv(variable);
  return dir != NULL && realpath(dir, watched_dir) != NULL;
}

/* Whether a canonical path lies in the watched folder. SQLite's -shm is memory that never survives a reboot. */
static inline int is_watched(const char *path) {
  size_t dir = strlen(watched_dir), all = strlen(path);
  if (dir == 0 || all <= dir || strncmp(path, watched_dir, dir) != 0 || path[dir] != '/') return 0;
  return all < 4 || strcmp(path + all - 4, "-shm") != 0;
}

/* The canonical path of an open file; empty for what has none. */
static inline void path_of(int fd, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = '\0';
}

/* The canonical path that opening this name would give, whether the file exists or not. */
static inline int path_to(int at, const char *name, char path[PATH_MAX]) {
  char full[PATH_MAX], parent[PATH_MAX];
  if (name[0] == '/' || at == AT_FDCWD) {
    snprintf(full, sizeof full, "%s", name);
  } else {
    path_of(at, parent);
    if (snprintf(full, sizeof full, "%s/%s", parent, name) >= (int)sizeof full) return 0;
  }
  if (realpath(full, path) != NULL) return 1;
  char *slash = strrchr(full, '/');
  const char *base = slash == NULL ? full : slash + 1;
  if (slash != NULL) *slash = '\0';
  if (realpath(slash == NULL ? "." : full[0] == '\0' ? "/" : full, parent) == NULL) return 0;
  return snprintf(path, PATH_MAX, "%s/%s", parent, base) < PATH_MAX;
}

static inline off_t size_of(int fd) {
  struct stat found;
  return fstat(fd, &found) == 0 ? found.st_size : 0;
}

/* Where a write without an offset goes. */
static inline off_t position_of(int fd) {
  return (fcntl(fd, F_GETFL) & O_APPEND) ? size_of(fd) : lseek(fd, 0, SEEK_CUR);
}

static inline size_t total_of(const struct iovec *parts, int count) {
  size_t total = 0;
  for (int i = 0; i < count; i++) total += parts[i].iov_len;
  return total;
}
