/* Preloaded into a process: fails the n-th system call of one kind on files below one folder, counted over all threads.
 *
 * The folder is $NTH_UNDER. The process says when: opening /sledstore-nth/arm/KIND/ERROR/N/once (or /on: that call and all
 * of its kind after it; or /place: all reads of the n-th place that is read, as of a damaged sector) begins to count and answers ENOENT; opening /sledstore-nth/disarm ends it and gives a file to read,
 * with how often each kind was called and how often a call failed. Nothing else of the process need know of it. Calls are
 * made by syscall(), so that nothing has to be looked up before the first one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define CONTROL "/sledstore-nth/"

enum kind { WRITE, SYNC, RENAME, UNLINK, OPEN, TRUNCATE, MMAP, MKDIR, READ, KINDS };
static const char *const kind_names[KINDS] = {"write",    "sync", "rename", "unlink", "open",
                                              "truncate", "mmap", "mkdir",  "read"};

/* What a failing call does, where an errno does not say it. */
enum {
  SHORT = -1, /* half of it, and says so */
  TORN = -2,  /* half of it, and answers EIO */
  LIE = -3    /* nothing, and answers success: the planted fault */
};
static const struct {
  const char *name;
  int error;
} errors[] = {{"EIO", EIO},       {"ENOSPC", ENOSPC}, {"EINTR", EINTR}, {"EMFILE", EMFILE},
              {"ENOMEM", ENOMEM}, {"EACCES", EACCES}, {"SHORT", SHORT}, {"TORN", TORN},
              {"LIE", LIE},       {"none", 0}};

static atomic_int armed;
static int failing_kind, failing_error, goes_on, by_place;
static long failing_at;
static atomic_long calls[KINDS], failed;

static int is_below(const char *path) {
  static const char *under;
  if (!under && !(under = getenv("NTH_UNDER"))) return 0;
  size_t length = strlen(under);
  return length > 0 && !strncmp(path, under, length) && (path[length] == '/' || path[length] == 0);
}

static int name_of(int fd, char *path, size_t size) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
  path[length < 0 ? 0 : length] = 0;
  return length > 0;
}

static int covers_fd(int fd) {
  char path[4096];
  return fd >= 0 && name_of(fd, path, sizeof path) && is_below(path);
}

static int covers_path(int folder, const char *path) {
  char base[4096];
  if (path[0] == '/') return is_below(path);
  if (folder != AT_FDCWD) return covers_fd(folder);
  return syscall(SYS_getcwd, base, sizeof base) > 0 && is_below(base);
}

/* Counts a call; gives what it fails with, 0 for not at all. */
static int count(enum kind kind) {
  long number = atomic_fetch_add(&calls[kind], 1) + 1;
  if ((int)kind != failing_kind || (goes_on ? number < failing_at : number != failing_at)) return 0;
  atomic_fetch_add(&failed, 1);
  return failing_error;
}

/* A place is where a read begins in a file, unless an earlier one covers it. */
static struct {
  unsigned long file;
  off64_t from, to;
} places[4096];
static long places_known;
static atomic_flag places_lock = ATOMIC_FLAG_INIT;

/* As count() for `length` bytes at `from`: the place they lie in fails whenever it is read. */
static int count_place(int fd, off64_t from, size_t length) {
  char path[4096];
  unsigned long file = 5381;
  off64_t to = from + length;
  int fails = 0, is_known = 0;
  name_of(fd, path, sizeof path);
  for (const char *at = path; *at; at++) file = file * 33 + (unsigned char)*at;
  while (atomic_flag_test_and_set(&places_lock))
    ;
  for (long i = 0; i < places_known; i++) {
    if (places[i].file != file || places[i].from >= to || places[i].to <= from) continue;
    is_known |= places[i].from <= from;
    fails |= i + 1 == failing_at;
  }
  if (!is_known && places_known < (long)(sizeof places / sizeof *places)) {
    places[places_known].file = file;
    places[places_known].from = from;
    places[places_known].to = to;
    fails |= ++places_known == failing_at;
    atomic_fetch_add(&calls[READ], 1);
  }
  atomic_flag_clear(&places_lock);
  if (!fails) return 0;
  atomic_fetch_add(&failed, 1);
  return failing_error;
}

static int fails_read(int fd, off64_t at, size_t length) {
  if (!atomic_load(&armed) || !covers_fd(fd)) return 0;
  if (!by_place) return count(READ);
  return count_place(fd, at < 0 ? syscall(SYS_lseek, fd, 0, SEEK_CUR) : at, length);
}

static int fails_fd(enum kind kind, int fd) {
  return atomic_load(&armed) && covers_fd(fd) ? count(kind) : 0;
}

static int fails_path(enum kind kind, int folder, const char *path) {
  return atomic_load(&armed) && covers_path(folder, path) ? count(kind) : 0;
}

static void arm(const char *text) {
  char kind[16] = "", error[16] = "", mode[8] = "";
  long at = 0;
  sscanf(text, "%15[^/]/%15[^/]/%ld/%7s", kind, error, &at, mode);
  failing_kind = KINDS;
  failing_error = 0;
  failing_at = at;
  goes_on = !strcmp(mode, "on");
  by_place = !strcmp(mode, "place");
  places_known = 0;
  for (int i = 0; i < KINDS; i++) {
    if (!strcmp(kind, kind_names[i])) failing_kind = i;
    atomic_store(&calls[i], 0);
  }
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    if (!strcmp(error, errors[i].name)) failing_error = errors[i].error;
  atomic_store(&failed, 0);
  atomic_store(&armed, 1);
}

static int disarm(void) {
  char text[512];
  int length = 0;
  atomic_store(&armed, 0);
  for (int i = 0; i < KINDS; i++)
    length += snprintf(text + length, sizeof text - length, "%s=%ld ", kind_names[i], atomic_load(&calls[i]));
  length += snprintf(text + length, sizeof text - length, "failed=%ld\n", atomic_load(&failed));
  int fd = syscall(SYS_memfd_create, "nth", 1U /* MFD_CLOEXEC */);
  if (fd < 0 || syscall(SYS_write, fd, text, length) != length) abort();
  syscall(SYS_lseek, fd, 0, SEEK_SET);
  return fd;
}

static int fail(int error) {
  errno = error;
  return -1;
}

static int open_file(int folder, const char *path, int flags, mode_t mode) {
  if (!strncmp(path, CONTROL, sizeof CONTROL - 1)) {
    const char *what = path + sizeof CONTROL - 1;
    if (!strcmp(what, "disarm")) return disarm();
    if (!strncmp(what, "arm/", 4)) arm(what + 4);
    return fail(ENOENT);
  }
  int error = fails_path(OPEN, folder, path);
  if (error > 0) return fail(error);
  return syscall(SYS_openat, folder, path, flags, mode);
}

#define OPEN_WITH(folder)                                  \
  mode_t mode = 0;                                         \
  if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list rest;                                          \
    va_start(rest, flags);                                 \
    mode = va_arg(rest, mode_t);                           \
    va_end(rest);                                          \
  }                                                        \
  return open_file(folder, path, flags, mode)

int open(const char *path, int flags, ...) { OPEN_WITH(AT_FDCWD); }
int open64(const char *path, int flags, ...) { OPEN_WITH(AT_FDCWD); }
int openat(int folder, const char *path, int flags, ...) { OPEN_WITH(folder); }
int openat64(int folder, const char *path, int flags, ...) { OPEN_WITH(folder); }
int creat(const char *path, mode_t mode) { return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* What is left of `length` bytes after a failing call took place as far as it does. */
static size_t half(size_t length) { return length > 1 ? length / 2 : length; }

/* Answers a failing transfer of `length` bytes, `part` being a call that transfers `half(length)` of them. */
#define TRANSFER(error, length, part)                        \
  do {                                                       \
    if (error == LIE) return length;                         \
    if (error > 0) return fail(error);                       \
    if (error == SHORT) return part;                         \
    if (error == TORN) return (void)!(part), fail(EIO);      \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t length) {
  int error = fails_fd(WRITE, fd);
  TRANSFER(error, length, syscall(SYS_write, fd, bytes, half(length)));
  return syscall(SYS_write, fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  int error = fails_fd(WRITE, fd);
  TRANSFER(error, length, syscall(SYS_pwrite64, fd, bytes, half(length), offset));
  return syscall(SYS_pwrite64, fd, bytes, length, offset);
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

static size_t length_of(const struct iovec *parts, int count) {
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  return length;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  int error = fails_fd(WRITE, fd);
  TRANSFER(error, length_of(parts, count), syscall(SYS_write, fd, parts[0].iov_base, half(parts[0].iov_len)));
  return syscall(SYS_writev, fd, parts, count);
}

ssize_t read(int fd, void *bytes, size_t length) {
  int error = fails_read(fd, -1, length);
  TRANSFER(error, length, syscall(SYS_read, fd, bytes, half(length)));
  return syscall(SYS_read, fd, bytes, length);
}

ssize_t pread64(int fd, void *bytes, size_t length, off64_t offset) {
  int error = fails_read(fd, offset, length);
  TRANSFER(error, length, syscall(SYS_pread64, fd, bytes, half(length), offset));
  return syscall(SYS_pread64, fd, bytes, length, offset);
}
ssize_t pread(int fd, void *bytes, size_t length, off_t offset) { return pread64(fd, bytes, length, offset); }

/* A call with no part of it: fails, lies, or takes place. */
#define WHOLE(error, call)             \
  do {                                 \
    int failure = (error);             \
    if (failure > 0) return fail(failure); \
    if (failure == LIE) return 0;      \
    return call;                       \
  } while (0)

int fsync(int fd) { WHOLE(fails_fd(SYNC, fd), syscall(SYS_fsync, fd)); }
int fdatasync(int fd) { WHOLE(fails_fd(SYNC, fd), syscall(SYS_fdatasync, fd)); }

int ftruncate64(int fd, off64_t length) { WHOLE(fails_fd(TRUNCATE, fd), syscall(SYS_ftruncate, fd, length)); }
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  WHOLE(fails_path(RENAME, to_folder, to), syscall(SYS_renameat2, from_folder, from, to_folder, to, 0));
}
int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int folder, const char *path, int flags) {
  WHOLE(fails_path(UNLINK, folder, path), syscall(SYS_unlinkat, folder, path, flags));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
  WHOLE(fails_path(MKDIR, folder, path), syscall(SYS_mkdirat, folder, path, mode));
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

void *mmap64(void *at, size_t length, int protection, int flags, int fd, off64_t offset) {
  int error = fails_fd(MMAP, fd);
  if (error > 0) {
    errno = error;
    return MAP_FAILED;
  }
  return (void *)syscall(SYS_mmap, at, length, protection, flags, fd, offset);
}
void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  return mmap64(at, length, protection, flags, fd, offset);
}
