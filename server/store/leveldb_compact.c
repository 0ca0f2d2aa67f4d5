/*
 * Compactions of the store on LevelDB: the maintenance thread's engine.
 */
#include "store/leveldb.h"
#include "store/mapping.h"

static uint64_t engine_size(void *engine, struct slice low, struct slice high)
{
    return leveldb_size(engine, low, high.data == NULL ? LEVELDB_BEHIND_ALL : high);
}

/* LevelDB first writes what is in memory to a table, then merges each level that holds keys of the
 * range into the next, up to the lowest that does. The lowest itself is not rewritten. To it, no
 * start and no end are NULL. */
static void engine_compact(void *engine, struct slice low, struct slice high)
{
    struct store *store = engine;
    leveldb_compact_range(store->db, low.len == 0 ? NULL : low.data, low.len, high.data, high.len);
    mapping_give_back(); /* it has read through all those tables */
}

static void engine_flush(void *engine)
{
    engine_compact(engine, LEVELDB_BEHIND_ALL, LEVELDB_BEHIND_ALL);
}

struct maintenance *leveldb_start_maintenance(struct store *store)
{
    return maintenance_new(&(struct maintenance_engine){
        .size = engine_size,
        .compact = engine_compact,
        .flush = engine_flush,
        .engine = store,
    });
}

void store_begin_close(struct store *store)
{
    maintenance_stop(store->maintenance);
}

void store_compact(struct store *store, struct compaction *job)
{
    maintenance_take(store->maintenance, job);
}

void store_tell_compactions(struct store *store, struct compaction_facts *facts)
{
    maintenance_tell(store->maintenance, facts);
}
