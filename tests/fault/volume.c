#include "tests/fault/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <linux/loop.h>

#include "tests/lib/deadline.h"
#include "tests/lib/scratch.h"
#include "tests/lib/shell.h"

/* From the kernel's fs/ext4/ext4.h, which no header for programs has. */
#define EXT4_SHUTDOWN _IOR('X', 125, uint32_t)
#define EXT4_SHUTDOWN_WITHOUT_FLUSH 2

/* Other tests take loop devices too, and may be quicker. */
#define LOOP_TRIES 100

struct volume {
    char *directory; /* a scratch directory; with an image, a tmpfs on it that holds the image */
    char *path;
    char *ballast;
    char *image; /* NULL: it is a tmpfs */
    char device[32];
    int loop; /* keeps the device; -1 when there is none */
    char *options;
    bool journal;
};

/* Mounting ----------------------------------------------------------------- */

static bool enter_namespace(const char **problem)
{
    static bool entered;
    if (entered)
        return true;
    entered = unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
    if (!entered)
        *problem = "this process may not mount file systems";
    return entered;
}

static struct volume *make(const char *options)
{
    struct volume *volume = calloc(1, sizeof(*volume));
    cr_assert(volume != NULL);
    volume->loop = -1;
    volume->directory = scratch_new();
    volume->options = strdup(options);
    return volume;
}

static bool mount_tmpfs(const char *path, uint64_t bytes)
{
    char options[64];
    snprintf(options, sizeof(options), "size=%llu", (unsigned long long)bytes);
    return mount("leveret-test", path, "tmpfs", 0, options) == 0;
}

static void mount_ext4(const struct volume *volume)
{
    cr_assert(mount(volume->device, volume->path, "ext4", MS_NOATIME, volume->options) == 0,
              "cannot mount with %s: %s", volume->options, strerror(errno));
}

static void unmount(const char *path)
{
    int64_t deadline = deadline_in(DEADLINE_SECONDS);
    while (umount2(path, 0) != 0) {
        cr_assert(errno == EBUSY && deadline_left(deadline) > 0, "cannot unmount %s: %s", path,
                  strerror(errno));
        poll(NULL, 0, 1); /* a process that was killed is still on its way out */
    }
}

/* The loop device -------------------------------------------------------------- */

static bool try_loop(struct volume *volume, int control, int image)
{
    int number = ioctl(control, LOOP_CTL_GET_FREE);
    if (number < 0)
        return false;
    snprintf(volume->device, sizeof(volume->device), "/dev/loop%d", number);
    volume->loop = open(volume->device, O_RDWR | O_CLOEXEC);
    if (volume->loop < 0)
        return false;
    struct loop_config config = {.fd = (uint32_t)image, .info.lo_flags = LO_FLAGS_AUTOCLEAR};
    if (ioctl(volume->loop, LOOP_CONFIGURE, &config) == 0)
        return true;
    close(volume->loop);
    volume->loop = -1;
    return false;
}

static bool attach(struct volume *volume)
{
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    int image = open(volume->image, O_RDWR | O_CLOEXEC);
    cr_assert(image >= 0);
    for (int i = 0; i < LOOP_TRIES && control >= 0 && volume->loop < 0; i++)
        if (!try_loop(volume, control, image))
            poll(NULL, 0, 1);
    if (control >= 0)
        close(control);
    close(image);
    return volume->loop >= 0;
}

static void make_image(struct volume *volume, unsigned megabytes, const char *features)
{
    volume->image = scratch_path(volume->directory, "image");
    volume->path = scratch_path(volume->directory, "volume");
    volume->ballast = scratch_path(volume->path, "ballast");
    volume->journal = strstr(features, "^has_journal") == NULL;
    cr_assert(mkdir(volume->path, 0700) == 0);
    shell_expect(0, NULL, "PATH=$PATH:/usr/sbin:/sbin; truncate -s %uM %s && mkfs.ext4 -q -F %s %s",
                 megabytes, volume->image, features, volume->image);
}

/* Beginning and end -------------------------------------------------------- */

struct volume *volume_new_ext4(unsigned megabytes, const char *features, const char *options,
                               const char **problem)
{
    if (!enter_namespace(problem))
        return NULL;
    struct volume *volume = make(options);
    cr_assert(mount_tmpfs(volume->directory, (uint64_t)(megabytes + 1) << 20), "no tmpfs: %s",
              strerror(errno));
    make_image(volume, megabytes, features);
    if (!attach(volume)) {
        *problem = "there are no loop devices";
        volume_free(volume);
        return NULL;
    }
    mount_ext4(volume);
    return volume;
}

struct volume *volume_new_tmpfs(uint64_t bytes, const char **problem)
{
    if (!enter_namespace(problem))
        return NULL;
    struct volume *volume = make("");
    volume->path = strdup(volume->directory);
    volume->ballast = scratch_path(volume->path, "ballast");
    cr_assert(mount_tmpfs(volume->path, bytes), "no tmpfs: %s", strerror(errno));
    return volume;
}

void volume_free(struct volume *volume)
{
    if (volume == NULL)
        return;
    if (volume->loop >= 0) {
        unmount(volume->path);
        close(volume->loop); /* the device clears itself */
    }
    unmount(volume->directory);
    scratch_remove(volume->directory);
    free(volume->path);
    free(volume->ballast);
    free(volume->image);
    free(volume->options);
    free(volume);
}

const char *volume_path(const struct volume *volume)
{
    return volume->path;
}

/* Power -------------------------------------------------------------------- */

void volume_cut(const struct volume *volume)
{
    uint32_t flags = EXT4_SHUTDOWN_WITHOUT_FLUSH;
    int fd = open(volume->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert(fd >= 0 && ioctl(fd, EXT4_SHUTDOWN, &flags) == 0, "cannot cut: %s", strerror(errno));
    close(fd);
}

void volume_remount(struct volume *volume)
{
    unmount(volume->path);
    if (!volume->journal) {
        struct shell shell = shell_run("PATH=$PATH:/usr/sbin:/sbin; e2fsck -fy %s", volume->device);
        cr_assert(shell.status <= 1, "e2fsck: %s", shell.out.data);
        shell_fini(&shell);
    }
    mount_ext4(volume);
}

/* Ballast ------------------------------------------------------------------ */

static uint64_t free_bytes(const struct volume *volume)
{
    struct statvfs about;
    cr_assert(statvfs(volume->path, &about) == 0);
    return (uint64_t)about.f_bavail * about.f_frsize;
}

/* Others write at the same time, so the space may go meanwhile. */
void volume_fill(struct volume *volume, uint64_t spare)
{
    int fd = open(volume->ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    cr_assert(fd >= 0, "no ballast: %s", strerror(errno));
    for (;;) {
        uint64_t room = free_bytes(volume);
        struct stat about;
        cr_assert(fstat(fd, &about) == 0);
        if (room <= spare || posix_fallocate(fd, about.st_size, (off_t)(room - spare)) == ENOSPC)
            break;
    }
    close(fd);
}

void volume_relieve(struct volume *volume)
{
    cr_assert(unlink(volume->ballast) == 0 || errno == ENOENT, "cannot free: %s", strerror(errno));
}
