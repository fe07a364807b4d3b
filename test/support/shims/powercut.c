/*
 * A power-cut double. SIGKILL does not show a missing fsync, because the page cache outlives the process. This shim
 * keeps, for each file under POWERCUT_DIR, an undo journal in POWERCUT_JOURNAL: before a write changes the file, the
 * bytes it covers and the length of the file are appended; a sync of the file empties its journal. Whenever the
 * process dies, undoing the journals backwards gives what a disk that kept only synced data would hold.
 *
 * The journal is keyed by inode, so it follows a rename. Names (rename, unlink) are taken to be durable at once; a
 * file that was created and never synced is gone. Not seen: writes through mmap and copies made inside the kernel.
 *
 * Record: kind u8 (W write, T truncate, C created), offset u64, old length u64, count u32, then the old bytes (of C:
 * the path). A record cut short at the end belongs to a write that has not begun, and is ignored.
 */
#include "watch.h"

#define MAX_FDS 65536
#define MAX_FILES 4096

/* One inode that was written. `reader` is never closed: closing any descriptor of a file drops the process's locks. */
typedef struct {
  dev_t dev;
  ino_t ino;
  int journal, reader;
} File;

static File files[MAX_FILES];
static int file_count;
static File *by_fd[MAX_FDS];
static char journal_dir[PATH_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_on;

__attribute__((constructor)) static void start(void) {
  const char *dir = getenv("POWERCUT_JOURNAL");
  is_on = watch_from("POWERCUT_DIR") && dir != NULL && realpath(dir, journal_dir) != NULL;
}

/* The journal must be whole before the write it undoes: what cannot be recorded must not happen. */
static void record(File *file, char kind, uint64_t offset, uint64_t length, const void *bytes, uint32_t count) {
  size_t total = 21 + (size_t)count;
  char *text = malloc(total);
  if (text == NULL) abort();
  text[0] = kind;
  memcpy(text + 1, &offset, 8);
  memcpy(text + 9, &length, 8);
  memcpy(text + 17, &count, 4);
  memcpy(text + 21, bytes, count);
  if (REAL(write)(file->journal, text, total) != (ssize_t)total) abort();
  free(text);
}

static void journal_of(const struct stat *found, char name[PATH_MAX + 64]) {
  snprintf(name, PATH_MAX + 64, "%s/%llu.undo", journal_dir, (unsigned long long)found->st_ino);
}

static File *file_of(int fd) {
  struct stat found;
  if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return NULL;
  for (int i = 0; i < file_count; i++)
    if (files[i].dev == found.st_dev && files[i].ino == found.st_ino) return &files[i];
  if (file_count == MAX_FILES) abort();
  char name[PATH_MAX + 64], self[64];
  journal_of(&found, name);
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  File *file = &files[file_count++];
  file->dev = found.st_dev;
  file->ino = found.st_ino;
  file->journal = REAL(open)(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  file->reader = REAL(open)(self, O_RDONLY | O_CLOEXEC);
  if (file->journal < 0 || file->reader < 0) abort();
  return file;
}

static File *watched(int fd) {
  return is_on && fd >= 0 && fd < MAX_FDS ? by_fd[fd] : NULL;
}

/* Keeps the old bytes of a range, and the old length. */
static void keep(File *file, char kind, off_t offset, size_t count) {
  off_t length = size_of(file->reader);
  size_t held = offset >= length ? 0 : (off_t)count > length - offset ? (size_t)(length - offset) : count;
  char *bytes = malloc(held + 1);
  if (bytes == NULL || pread(file->reader, bytes, held, offset) != (ssize_t)held) abort();
  record(file, kind, (uint64_t)offset, (uint64_t)length, bytes, (uint32_t)held);
  free(bytes);
}

static void keep_before_truncation(const char *path) {
  int fd = REAL(open)(path, O_RDONLY | O_CLOEXEC);
  File *file = fd < 0 ? NULL : file_of(fd); /* fd stays open, as `reader` does and for the same reason. */
  if (file != NULL && size_of(fd) > 0) keep(file, 'T', 0, (size_t)size_of(fd));
}

static int open_watched(int at, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  int is_write = (flags & O_ACCMODE) != O_RDONLY;
  if (!is_on || !is_write || !path_to(at, name, path) || !is_watched(path)) return REAL(openat)(at, name, flags, mode);
  pthread_mutex_lock(&lock);
  int is_new = (flags & O_CREAT) && access(path, F_OK) != 0;
  if (!is_new && (flags & O_TRUNC)) keep_before_truncation(path);
  int fd = REAL(openat)(at, name, flags, mode);
  if (fd >= 0 && fd < MAX_FDS) {
    by_fd[fd] = file_of(fd);
    if (is_new && by_fd[fd] != NULL) {
      if (REAL(ftruncate)(by_fd[fd]->journal, 0) != 0) abort(); /* The inode had another file before. */
      record(by_fd[fd], 'C', 0, 0, path, (uint32_t)strlen(path));
    }
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

static mode_t mode_of(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name)                                  \
  int name(const char *path, int flags, ...) {      \
    va_list rest;                                   \
    va_start(rest, flags);                          \
    mode_t mode = mode_of(flags, rest);             \
    va_end(rest);                                   \
    return open_watched(AT_FDCWD, path, flags, mode); \
  }
#define OPENAT(name)                                  \
  int name(int at, const char *path, int flags, ...) { \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    mode_t mode = mode_of(flags, rest);               \
    va_end(rest);                                     \
    return open_watched(at, path, flags, mode);       \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  if (watched(fd) != NULL) by_fd[fd] = NULL;
  return REAL(close)(fd);
}

/* Keeps what a write covers, then lets it happen; one at a time, so that the journal has the order of the writes. */
#define WRITING(fd, offset, count, call)     \
  File *file = watched(fd);                  \
  if (file == NULL) return call;             \
  pthread_mutex_lock(&lock);                 \
  keep(file, 'W', offset, count);            \
  ssize_t done = call;                       \
  int error = errno;                         \
  pthread_mutex_unlock(&lock);               \
  errno = error;                             \
  return done;

ssize_t write(int fd, const void *bytes, size_t count) {
  WRITING(fd, position_of(fd), count, REAL(write)(fd, bytes, count))
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  WRITING(fd, position_of(fd), total_of(parts, count), REAL(writev)(fd, parts, count))
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  WRITING(fd, offset, count, REAL(pwrite)(fd, bytes, count, offset))
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) {
  WRITING(fd, offset, count, REAL(pwrite)(fd, bytes, count, offset))
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  WRITING(fd, offset, total_of(parts, count), REAL(pwritev)(fd, parts, count, offset))
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
  WRITING(fd, offset, total_of(parts, count), REAL(pwritev)(fd, parts, count, offset))
}

static int truncate_watched(int fd, off_t length) {
  File *file = watched(fd);
  if (file == NULL) return REAL(ftruncate)(fd, length);
  pthread_mutex_lock(&lock);
  off_t old = size_of(fd);
  keep(file, 'T', length, old > length ? (size_t)(old - length) : 0);
  int done = REAL(ftruncate)(fd, length);
  pthread_mutex_unlock(&lock);
  return done;
}
int ftruncate(int fd, off_t length) { return truncate_watched(fd, length); }
int ftruncate64(int fd, off_t length) { return truncate_watched(fd, length); }

/* The journal is emptied after the real sync: killed between the two, data is lost whose sync had not returned. */
static int synced(int fd, int done) {
  File *file = watched(fd);
  if (file == NULL || done != 0) return done;
  pthread_mutex_lock(&lock);
  if (REAL(ftruncate)(file->journal, 0) != 0) abort();
  pthread_mutex_unlock(&lock);
  return done;
}
int fsync(int fd) { return synced(fd, REAL(fsync)(fd)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)(fd)); }

/* A file whose last name goes takes its journal along: another file may be given its inode. */
static int removed(const char *name, int had, const struct stat *gone, int done) {
  char path[PATH_MAX], journal[PATH_MAX + 64];
  if (done != 0 || !had || gone->st_nlink != 1 || !path_to(AT_FDCWD, name, path) || !is_watched(path)) return done;
  journal_of(gone, journal);
  if (truncate(journal, 0) != 0 && errno != ENOENT) abort();
  return done;
}
int unlink(const char *name) {
  struct stat gone;
  int had = is_on && lstat(name, &gone) == 0;
  return removed(name, had, &gone, REAL(unlink)(name));
}
int rename(const char *from, const char *to) {
  struct stat gone;
  int had = is_on && lstat(to, &gone) == 0;
  return removed(to, had, &gone, REAL(rename)(from, to));
}
