#include "ops/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool refuse(struct privileges_error *error, const char *name, const char *problem)
{
    snprintf(error->text, sizeof(error->text), "cannot become the user %.100s: %s", name, problem);
    return false;
}

/* Others cannot be become without root, nor need be. */
static bool is_already(const struct privileges *privileges)
{
    return getuid() == privileges->user && geteuid() == privileges->user;
}

bool privileges_find(const char *name, struct privileges *privileges,
                     struct privileges_error *error)
{
    errno = 0;
    const struct passwd *entry = getpwnam(name);
    if (entry == NULL)
        return refuse(error, name, errno == 0 ? "there is no such user" : strerror(errno));
    *privileges = (struct privileges){.name = name, .user = entry->pw_uid, .group = entry->pw_gid};
    if (entry->pw_uid == 0)
        return refuse(error, name, "that is root, who has every right");
    if (geteuid() != 0 && !is_already(privileges))
        return refuse(error, name, "only root can");
    return true;
}

void privileges_make_directory(const struct privileges *privileges, const char *path)
{
    if (geteuid() != 0 || mkdir(path, 0750) != 0)
        return;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)!fchown(fd, privileges->user, privileges->group);
    close(fd);
}

void privileges_give(const struct privileges *privileges, const char *path)
{
    if (geteuid() == 0)
        (void)!lchown(path, privileges->user, privileges->group);
}

static bool change(const struct privileges *privileges)
{
    if (is_already(privileges))
        return true;
    return initgroups(privileges->name, privileges->group) == 0 &&
           setresgid(privileges->group, privileges->group, privileges->group) == 0 &&
           setresuid(privileges->user, privileges->user, privileges->user) == 0;
}

/* True when the process has no capability left, in any form that could come back. */
static bool is_powerless(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capget, &header, data) == 0 && data[0].effective == 0 &&
           data[0].permitted == 0 && data[1].effective == 0 && data[1].permitted == 0;
}

/* What was asked of the system is asked back, for it has lied before. */
static bool is_irrevocable(const struct privileges *privileges)
{
    uid_t users[3];
    gid_t groups[3];
    if (getresuid(&users[0], &users[1], &users[2]) != 0 ||
        getresgid(&groups[0], &groups[1], &groups[2]) != 0)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (users[i] != privileges->user || groups[i] == 0)
            return false;
    return is_powerless() && setuid(0) != 0 && seteuid(0) != 0 && setgid(0) != 0;
}

bool privileges_drop(const struct privileges *privileges, struct privileges_error *error)
{
    if (!change(privileges))
        return refuse(error, privileges->name, strerror(errno));
    if (!is_irrevocable(privileges))
        return refuse(error, privileges->name, "root could be had again");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return refuse(error, privileges->name, strerror(errno));
    return true;
}
