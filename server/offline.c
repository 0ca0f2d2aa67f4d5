#include "offline.h"

#include <stdio.h>

#include "store/destroy.h"
#include "store/repair.h"

static enum offline_result fail(const char *errand, const struct store_error *error)
{
    fprintf(stderr, "leveretd: cannot %s %s\n", errand, error->text);
    return OFFLINE_FAILED;
}

static void print_count(size_t count, const char *one, const char *many)
{
    printf("%zu %s", count, count == 1 ? one : many);
}

enum offline_result offline_repair(const struct config *config)
{
    const char *path = config->repair;
    struct store_options options = config_store(config, path);
    struct store_error error;
    struct repair repair = {0};
    if (!repair_run(&options, &repair, &error))
        return fail("repair", &error);
    printf("repaired %s: ", path);
    print_count(repair.tables, "table", "tables");
    printf(" of %llu bytes", (unsigned long long)repair.bytes);
    if (repair.damaged_logs > 0) {
        printf("; damaged records were left out of ");
        print_count(repair.damaged_logs, "log", "logs");
    }
    printf("; it can be served\nset aside in %s/lost: ", path);
    print_count(repair.lost.files + repair.lost.foreign, "file", "files");
    if (repair.lost.tables > 0) {
        printf(", among them ");
        print_count(repair.lost.tables, "damaged table", "damaged tables");
    }
    printf("\n");
    return OFFLINE_DONE;
}

static void print_foreign(const struct inventory *inventory)
{
    if (inventory->foreign > 0)
        printf("not LevelDB's, so left there: %zu (%s%s)\n", inventory->foreign,
               inventory->foreign_names, inventory->foreign_cut ? ", ..." : "");
}

enum offline_result offline_destroy(const struct config *config)
{
    const char *path = config->destroy;
    struct store_error error;
    struct inventory inventory;
    bool gone = false;
    if (!destroy_survey(path, &inventory, &error))
        return fail("destroy", &error);
    if (!config->yes) {
        printf("would remove %zu files of %s, %llu bytes\n", inventory.files, path,
               (unsigned long long)inventory.bytes);
        print_foreign(&inventory);
        fprintf(stderr, "leveretd: nothing was removed; --yes removes them\n");
        return OFFLINE_UNCONFIRMED;
    }
    if (!destroy_run(path, &gone, &error))
        return fail("destroy", &error);
    printf("removed %zu files of %s, %llu bytes%s\n", inventory.files, path,
           (unsigned long long)inventory.bytes, gone ? ", and the directory" : "");
    print_foreign(&inventory);
    return OFFLINE_DONE;
}
