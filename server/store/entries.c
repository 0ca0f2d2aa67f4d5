#include "store/entries.h"

#include <dirent.h>
#include <errno.h>

static bool is_itself(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool entries_visit(const char *path, entries_fn *visit, void *arg)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return false;
    struct dirent *entry = NULL;
    do {
        errno = 0; /* the end leaves it so */
        entry = readdir(directory);
    } while (entry != NULL &&
             (is_itself(entry->d_name) || visit(arg, dirfd(directory), entry->d_name)));
    int problem = entry == NULL ? errno : 0;
    closedir(directory);
    errno = problem;
    return problem == 0;
}
