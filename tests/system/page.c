#include "tests/system/page.h"

#include <criterion/criterion.h>

#include "protocol/number.h"
#include "tests/lib/report.h"

uint64_t page_number(struct wire *from, char type)
{
    struct slice line = wire_line(from);
    uint64_t number = 0;
    cr_assert(line.len > 3 && line.data[0] == type &&
                  number_read(slice_of(line.data + 1, line.len - 3), UINT64_MAX, &number),
              "%s", report_show(line));
    return number;
}

struct slice page_bulk(struct wire *from)
{
    uint64_t len = page_number(from, '$');
    struct slice line = wire_line(from);
    cr_assert_eq(line.len, len + 2, "%s", report_show(line));
    return slice_of(line.data, len);
}

uint32_t page_take(struct wire *from, uint64_t *keys)
{
    uint64_t cursor = 0;
    cr_assert_eq(page_number(from, '*'), 2);
    cr_assert(number_read(page_bulk(from), ((uint64_t)1 << 31) - 1, &cursor));
    *keys = page_number(from, '*');
    return (uint32_t)cursor;
}
