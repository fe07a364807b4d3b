/*
 * A disk that fails on demand, for files under FAULTS_DIR. FAULTS_CONTROL names a file of 16 bytes that a test flips
 * while the process runs: byte 0 is the mode, bytes 8–15 the free space in bytes.
 *   'o' all is well   's' growing a file fails with ENOSPC once the free space is used   'r' writing fails with EROFS
 * Only growth uses space, as on a real disk: overwriting what is there works when the disk is full.
 */
#include "watch.h"

typedef struct {
  volatile char mode;
  char unused[7];
  volatile int64_t free_bytes;
} Control;

static Control all_is_well = {.mode = 'o'};
static Control *control = &all_is_well;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void start(void) {
  const char *name = getenv("FAULTS_CONTROL");
  if (!watch_from("FAULTS_DIR") || name == NULL) return;
  int fd = REAL(open)(name, O_RDWR | O_CLOEXEC);
  void *shared = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED) abort();
  control = shared;
}

static int is_watched_fd(int fd) {
  char path[PATH_MAX];
  path_of(fd, path);
  return is_watched(path);
}

static int is_watched_name(int at, const char *name) {
  char path[PATH_MAX];
  return path_to(at, name, path) && is_watched(path);
}

static int refuse(int error) {
  errno = error;
  return -1;
}

/* How many bytes of a write the disk takes; −1 with errno when none. A full disk takes what still fits. */
static ssize_t allowed(int fd, off_t offset, size_t count) {
  if (control->mode == 'o' || !is_watched_fd(fd)) return (ssize_t)count;
  if (control->mode == 'r') return refuse(EROFS);
  off_t growth = offset + (off_t)count - size_of(fd);
  if (growth <= 0) return (ssize_t)count;
  pthread_mutex_lock(&lock);
  int64_t space = control->free_bytes;
  int64_t used = growth < space ? growth : space;
  control->free_bytes = space - used;
  pthread_mutex_unlock(&lock);
  ssize_t fits = (ssize_t)count - (ssize_t)(growth - used);
  return fits > 0 ? fits : refuse(ENOSPC);
}

#define WRITING(fd, offset, count, call)                \
  ssize_t fits = allowed(fd, offset, count);            \
  return fits < 0 ? fits : call;

ssize_t write(int fd, const void *bytes, size_t count) {
  if (control->mode == 'o') return REAL(write)(fd, bytes, count);
  WRITING(fd, position_of(fd), count, REAL(write)(fd, bytes, (size_t)fits))
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  WRITING(fd, offset, count, REAL(pwrite)(fd, bytes, (size_t)fits, offset))
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) {
  WRITING(fd, offset, count, REAL(pwrite)(fd, bytes, (size_t)fits, offset))
}

/* Scattered writes are taken whole or not at all: their callers handle short writes by asking again. */
ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (control->mode == 'o') return REAL(writev)(fd, parts, count);
  ssize_t fits = allowed(fd, position_of(fd), total_of(parts, count));
  if (fits < 0) return fits;
  return fits < (ssize_t)total_of(parts, count) ? refuse(ENOSPC) : REAL(writev)(fd, parts, count);
}

static int is_refused_open(int at, const char *name, int flags) {
  if (control->mode != 'r') return 0;
  return ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC))) && is_watched_name(at, name);
}

static int open_checked(int at, const char *name, int flags, mode_t mode) {
  return is_refused_open(at, name, flags) ? refuse(EROFS) : REAL(openat)(at, name, flags, mode);
}

static mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                    \
  int name(const char *path, int flags, ...) {        \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    mode_t mode = mode_of(flags, rest);               \
    va_end(rest);                                     \
    return open_checked(AT_FDCWD, path, flags, mode); \
  }
#define OPENAT(name)                                   \
  int name(int at, const char *path, int flags, ...) { \
    va_list rest;                                      \
    va_start(rest, flags);                             \
    mode_t mode = mode_of(flags, rest);                \
    va_end(rest);                                      \
    return open_checked(at, path, flags, mode);        \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

static int is_read_only(int at, const char *name) { return control->mode == 'r' && is_watched_name(at, name); }

static int resize(int fd, off_t length) {
  return control->mode == 'r' && is_watched_fd(fd) ? refuse(EROFS) : REAL(ftruncate)(fd, length);
}
int ftruncate(int fd, off_t length) { return resize(fd, length); }
int ftruncate64(int fd, off_t length) { return resize(fd, length); }

int access(const char *name, int mode) {
  return (mode & W_OK) && is_read_only(AT_FDCWD, name) ? refuse(EROFS) : REAL(access)(name, mode);
}
int unlink(const char *name) { return is_read_only(AT_FDCWD, name) ? refuse(EROFS) : REAL(unlink)(name); }
int mkdir(const char *name, mode_t mode) {
  return is_read_only(AT_FDCWD, name) ? refuse(EROFS) : REAL(mkdir)(name, mode);
}
int rename(const char *from, const char *to) {
  return is_read_only(AT_FDCWD, from) || is_read_only(AT_FDCWD, to) ? refuse(EROFS) : REAL(rename)(from, to);
}
