/* Stands before the calls that change a disk: numbers them, writes them into a journal, lets them fail.
 *
 * Loaded with LD_PRELOAD. Of interest is what lies below PROOF_SHIM_ROOT; everything else goes by untouched.
 *
 *   PROOF_SHIM_KINDS    "database=/r/bench.db:library=/r/library/": what a path is counted under, the first that fits
 *   PROOF_SHIM_JOURNAL  a file outside the root that each call is appended to, in the order in which they happened
 *   PROOF_SHIM_DATA     set: with what was written, so that a disk can be made from the journal
 *   PROOF_SHIM_FAULT    "library 17 28": from the 17th call of this kind on all fail with errno 28
 *   PROOF_SHIM_UNTIL    a file that ends the fault when it appears
 *
 * One lock holds each call and its record together, so that the journal's order is the disk's. A call on something
 * else never takes it: signal handlers and forked children come through here, too.
 */
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
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define KINDS 16
#define ROOM (PATH_MAX + 64)
#define MAGIC 0x4a4c4c44u /* "DLLJ" */

struct record { /* little-endian, 64 bytes; then the two paths and the data */
    uint32_t magic, number, pid;
    uint8_t kind, failed;
    uint16_t first_size, second_size, unused;
    uint32_t flags;
    uint64_t inode;
    int64_t offset, size;
    uint32_t data_size;
    char call[12];
};
_Static_assert(sizeof(struct record) == 64, "the reader in Python counts on it");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[ROOM], until[ROOM];
static size_t root_size;
static struct { char name[24], prefix[ROOM]; } kinds[KINDS];
static int kind_count, journal = -1, with_data, fault_kind = -1, fault_errno, fault_over;
static uint32_t numbers[KINDS + 1], fault_number;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *value = getenv("PROOF_SHIM_ROOT");
    if (!value || !*value || strlen(value) >= PATH_MAX) return;
    strcpy(root, value);
    if ((value = getenv("PROOF_SHIM_KINDS"))) {
        char *copy = strdup(value), *rest = copy, *one;
        while ((one = strsep(&rest, ":")) && kind_count < KINDS) {
            char *prefix = strchr(one, '=');
            if (!prefix) continue;
            *prefix++ = 0;
            snprintf(kinds[kind_count].name, sizeof kinds[0].name, "%s", one);
            snprintf(kinds[kind_count++].prefix, ROOM, "%s", prefix);
        }
        free(copy);
    }
    if ((value = getenv("PROOF_SHIM_FAULT"))) {
        char name[24];
        unsigned number;
        int code;
        if (sscanf(value, "%23s %u %d", name, &number, &code) == 3) {
            fault_number = number, fault_errno = code;
            for (int kind = 0; kind < kind_count; kind++)
                if (!strcmp(kinds[kind].name, name)) fault_kind = kind;
        }
    }
    if ((value = getenv("PROOF_SHIM_UNTIL"))) snprintf(until, ROOM, "%s", value);
    with_data = getenv("PROOF_SHIM_DATA") != NULL;
    if ((value = getenv("PROOF_SHIM_JOURNAL"))) {
        REAL(open);
        int low = real(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        journal = fcntl(low, F_DUPFD_CLOEXEC, 200); /* out of the way of who counts descriptors from below */
        close(low);
    }
    root_size = strlen(root); /* from here on it works */
}

/* The kind of a path below the root; -1 for any other. */
static int kind_of(const char *path) {
    if (!root_size || strncmp(path, root, root_size) || (path[root_size] && path[root_size] != '/')) return -1;
    for (int kind = 0; kind < kind_count; kind++)
        if (!strncmp(path, kinds[kind].prefix, strlen(kinds[kind].prefix))) return kind;
    return KINDS;
}

static int kind_of_fd(int fd, char *path) {
    if (!root_size) return -1;
    char link[32];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_MAX);
    errno = before;
    if (size <= 0) return -1;
    path[size] = 0;
    return kind_of(path);
}

static int kind_at(int folder, const char *name, char *path) {
    if (!root_size || !name) return -1;
    int before = errno;
    if (name[0] == '/') {
        snprintf(path, ROOM, "%s", name);
    } else {
        char above[ROOM];
        if (folder == AT_FDCWD) {
            if (!getcwd(above, PATH_MAX)) { errno = before; return -1; }
        } else {
            above[0] = 0;
            kind_of_fd(folder, above);
        }
        snprintf(path, ROOM, "%.*s/%.*s", PATH_MAX / 2, above, PATH_MAX / 2, name);
    }
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/') path[--size] = 0;
    errno = before;
    return kind_of(path);
}

/* From within: let calls fail from the `number`-th from now on, of this kind; with number 0 none. */
__attribute__((visibility("default"))) void proof_shim_fail(const char *name, unsigned number, int code) {
    pthread_mutex_lock(&lock);
    fault_kind = -1, fault_over = 0;
    for (int kind = 0; number && kind < kind_count; kind++)
        if (!strcmp(kinds[kind].name, name)) fault_kind = kind, numbers[kind] = 0;
    fault_number = number, fault_errno = code;
    pthread_mutex_unlock(&lock);
}

/* How many calls of this kind there were since. */
__attribute__((visibility("default"))) unsigned proof_shim_count(const char *name) {
    for (int kind = 0; kind < kind_count; kind++)
        if (!strcmp(kinds[kind].name, name)) return numbers[kind];
    return 0;
}

/* Whether calls on this kind fail now; to be asked with the lock held. */
static int is_failing(int kind) {
    if (kind != fault_kind || numbers[kind] < fault_number || fault_over) return 0;
    int before = errno;
    fault_over = *until && access(until, F_OK) == 0;
    errno = before;
    return !fault_over;
}

/* Whether this call, which is counted, fails; one that frees room does not on a full disk. */
static int fails(int kind, int frees) {
    numbers[kind]++;
    return !(frees && (fault_errno == ENOSPC || fault_errno == EDQUOT)) && is_failing(kind);
}

static void note(const char *call, int kind, int failed, const char *first, const char *second, int fd, int64_t offset,
                 int64_t size, uint32_t flags, const struct iovec *data, int parts, size_t data_size) {
    if (journal < 0) return;
    int before = errno;
    struct record record = {MAGIC, numbers[kind], (uint32_t)getpid(), (uint8_t)kind, (uint8_t)failed,
                            (uint16_t)strlen(first), (uint16_t)(second ? strlen(second) : 0), 0, flags, 0,
                            offset, size, (uint32_t)data_size, ""};
    strncpy(record.call, call, sizeof record.call - 1);
    struct stat status;
    if (!failed && (fd >= 0 ? fstat(fd, &status) : lstat(second ? second : first, &status)) == 0)
        record.inode = status.st_ino;
    struct iovec all[64] = {{&record, sizeof record}, {(void *)first, record.first_size},
                            {(void *)(second ? second : ""), record.second_size}};
    int count = 3;
    for (size_t left = data_size; left && parts-- && count < 64; data++, count++) {
        all[count].iov_base = data->iov_base;
        all[count].iov_len = data->iov_len < left ? data->iov_len : left;
        left -= all[count].iov_len;
    }
    REAL(writev);
    if (real(journal, all, count) < 0) abort(); /* half a journal would prove anything */
    errno = before;
}

static void note_data(const char *call, int kind, const char *path, int fd, int64_t offset, ssize_t size,
                      const struct iovec *data, int parts) {
    note(call, kind, 0, path, NULL, fd, offset, size, 0, data, parts, with_data ? (size_t)size : 0);
}

static int refused(const char *call, int kind, const char *path, int frees) {
    if (!fails(kind, frees)) return 0;
    note(call, kind, 1, path, NULL, -1, 0, 0, 0, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
    errno = fault_errno;
    return 1;
}

/* A disk that fills up takes the beginning of what is written: the first call that fails by number is cut short. */
static size_t half(int kind, size_t size) {
    int is_first = kind == fault_kind && numbers[kind] + 1 == fault_number;
    return is_first && (fault_errno == ENOSPC || fault_errno == EDQUOT) && size > 1 ? size / 2 : 0;
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

static int opened(const char *call, int (*real)(int, const char *, int, ...), int folder, const char *name, int flags,
                  mode_t mode) {
    char path[ROOM], now[ROOM];
    int is_change = (flags & (O_CREAT | O_TRUNC)) && (flags & O_TMPFILE) != O_TMPFILE;
    int kind = is_change || (flags & O_ACCMODE) != O_RDONLY ? kind_at(folder, name, path) : -1;
    if (kind < 0) return real(folder, name, flags, mode);
    pthread_mutex_lock(&lock);
    if (is_change) {
        struct stat status;
        int is_new = lstat(path, &status) != 0;
        /* What is there can be opened on a full disk, and cannot be on one that may not be written. */
        if (refused(call, kind, path, !is_new)) return -1;
    } else if (fault_errno == EROFS && is_failing(kind)) {
        pthread_mutex_unlock(&lock);
        errno = EROFS;
        return -1;
    }
    int fd = real(folder, name, flags, mode);
    if (fd >= 0 && is_change)
        note(call, kind, 0, kind_of_fd(fd, now) >= 0 ? now : path, NULL, fd, 0, 0, (uint32_t)flags, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }

int openat(int folder, const char *name, int flags, ...) { MODE REAL(openat); return opened("open", real, folder, name, flags, mode); }
int openat64(int folder, const char *name, int flags, ...) { MODE REAL(openat64); return opened("open", real, folder, name, flags, mode); }
int open(const char *name, int flags, ...) { MODE REAL(openat); return opened("open", real, AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE REAL(openat64); return opened("open", real, AT_FDCWD, name, flags, mode); }
int creat(const char *name, mode_t mode) { return open(name, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *name, mode_t mode) { return open64(name, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* A change of one or two names: `does` makes it. Between below the root and elsewhere nothing may move. */
#define NAMES(call, frees, folder1, name1, folder2, name2, flags, does) \
    char first[ROOM], second[ROOM]; \
    int kind = kind_at(folder1, name1, first), other = kind_at(folder2, name2, second); \
    if (kind < 0 && other < 0) return does; \
    if (other >= 0) kind = other; \
    pthread_mutex_lock(&lock); \
    if (refused(call, kind, second, frees)) return -1; \
    int result = does; \
    if (result == 0) note(call, kind, 0, first, second, -1, 0, 0, (uint32_t)(flags), NULL, 0, 0); \
    pthread_mutex_unlock(&lock); \
    return result;

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    REAL(renameat2);
    NAMES("rename", 0, from, old, to, new, flags, real(from, old, to, new, flags))
}
int renameat(int from, const char *old, int to, const char *new) {
    REAL(renameat);
    NAMES("rename", 0, from, old, to, new, 0, real(from, old, to, new))
}
int rename(const char *old, const char *new) {
    REAL(rename);
    NAMES("rename", 0, AT_FDCWD, old, AT_FDCWD, new, 0, real(old, new))
}
int linkat(int from, const char *old, int to, const char *new, int flags) {
    REAL(linkat);
    NAMES("link", 0, from, old, to, new, 0, real(from, old, to, new, flags))
}
int link(const char *old, const char *new) {
    REAL(link);
    NAMES("link", 0, AT_FDCWD, old, AT_FDCWD, new, 0, real(old, new))
}

#define NAME(call, frees, folder, name, flags, does) \
    char path[ROOM]; \
    int kind = kind_at(folder, name, path); \
    if (kind < 0) return does; \
    pthread_mutex_lock(&lock); \
    if (refused(call, kind, path, frees)) return -1; \
    int result = does; \
    if (result == 0) note(call, kind, 0, path, NULL, -1, 0, 0, (uint32_t)(flags), NULL, 0, 0); \
    pthread_mutex_unlock(&lock); \
    return result;

int unlinkat(int folder, const char *name, int flags) {
    REAL(unlinkat);
    NAME(flags & AT_REMOVEDIR ? "rmdir" : "unlink", 1, folder, name, flags, real(folder, name, flags))
}
int unlink(const char *name) { REAL(unlink); NAME("unlink", 1, AT_FDCWD, name, 0, real(name)) }
int rmdir(const char *name) { REAL(rmdir); NAME("rmdir", 1, AT_FDCWD, name, 0, real(name)) }
int mkdirat(int folder, const char *name, mode_t mode) {
    REAL(mkdirat);
    NAME("mkdir", 0, folder, name, 0, real(folder, name, mode))
}
int mkdir(const char *name, mode_t mode) { REAL(mkdir); NAME("mkdir", 0, AT_FDCWD, name, 0, real(name, mode)) }

int symlinkat(const char *target, int folder, const char *name) {
    REAL(symlinkat);
    char path[ROOM];
    int kind = kind_at(folder, name, path);
    if (kind < 0) return real(target, folder, name);
    pthread_mutex_lock(&lock);
    if (refused("symlink", kind, path, 0)) return -1;
    int result = real(target, folder, name);
    if (result == 0) note("symlink", kind, 0, target, path, -1, 0, 0, 0, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
    return result;
}
int symlink(const char *target, const char *name) { return symlinkat(target, AT_FDCWD, name); }

/* A socket has a name, too. */
int bind(int fd, const struct sockaddr *address, socklen_t size) {
    REAL(bind);
    const char *name = ((const struct sockaddr_un *)address)->sun_path;
    if (!address || address->sa_family != AF_UNIX || size <= sizeof(sa_family_t) || !name[0]) return real(fd, address, size);
    NAME("bind", 0, AT_FDCWD, name, 0, real(fd, address, size))
}

/* ---- contents ------------------------------------------------------------------------------------------------- */

#define WRITE(call, fd, size, at, data, parts, does, does_half) \
    char path[ROOM]; \
    int kind = (fd) == journal ? -1 : kind_of_fd(fd, path); \
    if (kind < 0) return does; \
    pthread_mutex_lock(&lock); \
    size_t part = half(kind, size); \
    if (!part && refused(call, kind, path, 0)) return -1; \
    if (part) numbers[kind]++; \
    ssize_t result = part ? does_half : does; \
    if (result > 0) note_data(call, kind, path, fd, (at) < 0 ? lseek(fd, 0, SEEK_CUR) - result : (at), result, data, parts); \
    pthread_mutex_unlock(&lock); \
    return result;

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    struct iovec all = {(void *)data, size};
    WRITE("write", fd, size, (int64_t)-1, &all, 1, real(fd, data, size), real(fd, data, part))
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite);
    struct iovec all = {(void *)data, size};
    WRITE("pwrite", fd, size, (int64_t)at, &all, 1, real(fd, data, size, at), real(fd, data, part, at))
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    struct iovec all = {(void *)data, size};
    WRITE("pwrite", fd, size, (int64_t)at, &all, 1, real(fd, data, size, at), real(fd, data, part, at))
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    WRITE("writev", fd, 0, (int64_t)-1, parts, count, real(fd, parts, count), 0)
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    REAL(pwritev);
    WRITE("pwritev", fd, 0, (int64_t)at, parts, count, real(fd, parts, count, at), 0)
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
    REAL(pwritev64);
    WRITE("pwritev", fd, 0, (int64_t)at, parts, count, real(fd, parts, count, at), 0)
}

/* What the kernel copied from one file into another is read again where it came from. */
static ssize_t copied(const char *call, ssize_t result, int kind, const char *path, int in, int64_t from, int out,
                      int64_t to) {
    if (result > 0) {
        struct iovec all = {with_data ? malloc((size_t)result) : NULL, (size_t)result};
        if (all.iov_base && pread(in, all.iov_base, (size_t)result, from) != result) abort();
        note_data(call, kind, path, out, to, result, &all, 1);
        free(all.iov_base);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

#define SENDFILE(name, offset_type) \
    ssize_t name(int out, int in, offset_type *from, size_t size) { \
        REAL(name); \
        char path[ROOM]; \
        int kind = kind_of_fd(out, path); \
        if (kind < 0) return real(out, in, from, size); \
        pthread_mutex_lock(&lock); \
        if (refused("sendfile", kind, path, 0)) return -1; \
        ssize_t result = real(out, in, from, size); \
        int64_t end = from ? *from : lseek(in, 0, SEEK_CUR); \
        return copied("sendfile", result, kind, path, in, end - result, out, lseek(out, 0, SEEK_CUR) - result); \
    }
SENDFILE(sendfile, off_t)
SENDFILE(sendfile64, off64_t)

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) {
    REAL(copy_file_range);
    char path[ROOM];
    int kind = kind_of_fd(out, path);
    if (kind < 0) return real(in, from, out, to, size, flags);
    pthread_mutex_lock(&lock);
    if (refused("copy_range", kind, path, 0)) return -1;
    ssize_t result = real(in, from, out, to, size, flags);
    int64_t read = from ? *from : lseek(in, 0, SEEK_CUR), written = to ? *to : lseek(out, 0, SEEK_CUR);
    return copied("copy_range", result, kind, path, in, read - result, out, written - result);
}

#define ON_FD(call, frees, at, length, what, does, is_done) \
    char path[ROOM]; \
    int kind = kind_of_fd(fd, path); \
    if (kind < 0) return does; \
    pthread_mutex_lock(&lock); \
    if (refused(call, kind, path, frees)) return what; \
    int result = does; \
    if (is_done) note(call, kind, 0, path, NULL, fd, at, length, 0, NULL, 0, 0); \
    pthread_mutex_unlock(&lock); \
    return result;

int fsync(int fd) { REAL(fsync); ON_FD("fsync", 0, 0, 0, -1, real(fd), result == 0) }
int fdatasync(int fd) { REAL(fdatasync); ON_FD("fdatasync", 0, 0, 0, -1, real(fd), result == 0) }
int syncfs(int fd) { REAL(syncfs); ON_FD("syncfs", 0, 0, 0, -1, real(fd), result == 0) }
int ftruncate(int fd, off_t size) { REAL(ftruncate); ON_FD("ftruncate", 0, 0, size, -1, real(fd, size), result == 0) }
int ftruncate64(int fd, off64_t size) { REAL(ftruncate64); ON_FD("ftruncate", 0, 0, size, -1, real(fd, size), result == 0) }
int posix_fallocate(int fd, off_t at, off_t size) {
    REAL(posix_fallocate);
    ON_FD("fallocate", 0, at, size, fault_errno, real(fd, at, size), result == 0)
}
int posix_fallocate64(int fd, off64_t at, off64_t size) {
    REAL(posix_fallocate64);
    ON_FD("fallocate", 0, at, size, fault_errno, real(fd, at, size), result == 0)
}

/* What is written through a mapping goes by unseen; the journal says that there is one. */
static void mapped(void *place, int access, int flags, int fd) {
    char path[ROOM];
    if (place == MAP_FAILED || fd < 0 || !(access & PROT_WRITE) || !(flags & MAP_SHARED)) return;
    int kind = kind_of_fd(fd, path);
    if (kind < 0) return;
    pthread_mutex_lock(&lock);
    note("mmap", kind, 0, path, NULL, fd, 0, 0, 0, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
}
void *mmap(void *at, size_t size, int access, int flags, int fd, off_t offset) {
    REAL(mmap);
    void *place = real(at, size, access, flags, fd, offset);
    if (root_size) mapped(place, access, flags, fd);
    return place;
}
void *mmap64(void *at, size_t size, int access, int flags, int fd, off64_t offset) {
    REAL(mmap64);
    void *place = real(at, size, access, flags, fd, offset);
    if (root_size) mapped(place, access, flags, fd);
    return place;
}
