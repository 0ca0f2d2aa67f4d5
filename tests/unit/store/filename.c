#include "store/filename.h"

#include <criterion/criterion.h>

static void expect_kind(enum filename_kind kind, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cr_assert(filename_kind(names[i]) == kind, "%s is told to be %d", names[i],
                  (int)filename_kind(names[i]));
}

#define EXPECT_KIND(kind, ...)                                                                     \
    do {                                                                                           \
        static const char *const names[] = {__VA_ARGS__};                                          \
        expect_kind(kind, names, sizeof(names) / sizeof(names[0]));                                \
    } while (0)

Test(filename, tells_what_a_file_is_for)
{
    EXPECT_KIND(FILENAME_CURRENT, "CURRENT");
    EXPECT_KIND(FILENAME_LOCK, "LOCK");
    EXPECT_KIND(FILENAME_NOTES, "LOG", "LOG.old");
    EXPECT_KIND(FILENAME_MANIFEST, "MANIFEST-000001", "MANIFEST-2",
                "MANIFEST-18446744073709551615");
    EXPECT_KIND(FILENAME_LOG, "000003.log", "3.log", "1000000.log");
    EXPECT_KIND(FILENAME_TABLE, "000005.ldb", "000005.sst", "0.ldb");
    EXPECT_KIND(FILENAME_TEMPORARY, "000001.dbtmp");
}

Test(filename, leaves_other_peoples_files_alone)
{
    EXPECT_KIND(FILENAME_FOREIGN, "", ".", "..", "current", "CURRENT.bak", "LOG.older", "lost",
                "MANIFEST", "MANIFEST-", "MANIFEST-1a", "MANIFEST-1.old", "MANIFEST--1",
                "MANIFEST-18446744073709551616", ".log", "a.log", "1a.log", "-1.log", "+1.log",
                " 1.log", "1.log.gz", "1.logs", "1.", "1", "000005.ldb.bak", "000005.LDB",
                "18446744073709551616.ldb", "OPTIONS-000007", "IDENTITY", "letter.txt");
}
