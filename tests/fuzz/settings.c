/*
 * What an administrator writes: a configuration file, and a file of users. Whatever is in them,
 * they are taken whole or refused in one line that begins with the file, and values that were taken
 * are the same when they are written out and read again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/ops/users.h"
#include "server/setting.h"
#include "tests/fuzz/target.h"

/* A file with the input that only its owner may read; its path lasts as long as the descriptor. */
static int make_file(struct slice input, char path[static 32])
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    bool made =
        fd >= 0 && fchmod(fd, 0600) == 0 && write(fd, input.data, input.len) == (ssize_t)input.len;
    target_expect(made, "there is memory for a file");
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

static void expect_reason(const char *text, const char *path)
{
    target_expect(strncmp(text, path, strlen(path)) == 0, "a refusal begins with the file");
    for (const char *at = text; *at != '\0'; at++)
        target_expect(((unsigned char)*at >= ' ' || *at == '\t') && *at != 0x7f,
                      "a refusal is one plain line");
}

static void take_users(const char *path)
{
    struct users_error error = {{0}};
    struct users_options options = {.path = path};
    struct users *users = users_load(&options, &error);
    if (users == NULL)
        expect_reason(error.text, path);
    users_discard(users);
}

static void expect_same_again(const struct config *config, const struct setting *setting)
{
    struct config again = {0};
    struct config_error error;
    struct buffer value = {0};
    struct buffer second = {0};
    setting_show(config, setting, &value);
    buffer_append_byte(&value, '\0');
    target_expect(setting_set(&again, setting, value.data, &error), "a value can be read again");
    setting_show(&again, setting, &second);
    target_expect_equal("and is the same", buffer_slice(&second),
                        slice_of(value.data, value.len - 1));
    buffer_fini(&second);
    buffer_fini(&value);
}

static void take_config(char *path)
{
    char *argv[] = {"leveretd", "--data", "x", "--config", path, NULL};
    struct config config;
    struct config_error error = {{0}};
    if (!config_read(&config, 5, argv, &error)) {
        config_free(&config);
        expect_reason(error.text, path);
        return;
    }
    for (size_t i = 0; i < setting_count; i++)
        if (config.origins[i] != CONFIG_FROM_DEFAULT && setting_table[i].kind != SETTING_LIST &&
            setting_table[i].kind != SETTING_FLAG)
            expect_same_again(&config, &setting_table[i]);
    config_free(&config);
}

void target_take(struct slice input)
{
    char path[32];
    int fd = make_file(input, path);
    take_users(path);
    take_config(path);
    close(fd);
}
