#include "client/cli/export.h"

#include <inttypes.h>
#include <unistd.h>

#include "client/cli/complain.h"
#include "client/cli/exchange.h"
#include "client/cli/progress.h"
#include "protocol/quote.h"

static bool write_row(struct output *out, struct leveret_bytes key, struct leveret_bytes value)
{
    buffer_append_string(&out->bytes, "PUT ");
    quote_append(&out->bytes, slice_of(key.data, key.len));
    buffer_append_byte(&out->bytes, ' ');
    quote_append(&out->bytes, slice_of(value.data, value.len));
    buffer_append_byte(&out->bytes, '\n');
    return output_settle(out);
}

/* Writes all rows. FINE when the scan came to its end, and the count was right. */
static enum exit_status write_rows(struct leveret *db, struct leveret_scan *scan,
                                   struct output *out, struct progress *progress)
{
    struct leveret_bytes key;
    struct leveret_bytes value;
    enum leveret_status status;
    while ((status = leveret_scan_next(scan, &key, &value)) == LEVERET_OK) {
        if (!write_row(out, key, value))
            return EXIT_REFUSED;
        progress_add(progress, 1, key.len + value.len);
    }
    if (!output_flush(out))
        return EXIT_REFUSED;
    progress_end(progress);
    if (status == LEVERET_END)
        return EXIT_FINE;
    complain("the export is not complete: %s; %" PRIu64 " rows were written",
             leveret_error_text(db), leveret_scan_rows(scan));
    if (leveret_scan_more(scan, &key))
        complain_more(key);
    return exit_from_status(status);
}

enum exit_status export_run(struct leveret *db, struct output *out, const char *prefix)
{
    struct leveret_range range = {.prefix = leveret_text(prefix)};
    struct leveret_scan *scan = NULL;
    enum leveret_status status = leveret_scan_open(db, &range, &scan);
    if (status != LEVERET_OK)
        return exchange_failed(db, status);
    struct progress progress;
    progress_start(&progress, isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) != 1);
    enum exit_status outcome = write_rows(db, scan, out, &progress);
    progress_end(&progress);
    leveret_scan_close(scan);
    return outcome;
}
