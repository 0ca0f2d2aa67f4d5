/*
 * The store's options in LevelDB's terms.
 */
#include "store/leveldb.h"

leveldb_options_t *leveldb_make_options(const struct store_options *wanted, leveldb_cache_t *cache,
                                        leveldb_filterpolicy_t *filter)
{
    leveldb_options_t *options = leveldb_options_create();
    leveldb_options_set_create_if_missing(options, wanted->create_if_missing);
    leveldb_options_set_error_if_exists(options, wanted->error_if_exists);
    leveldb_options_set_paranoid_checks(options, wanted->paranoid_checks);
    leveldb_options_set_cache(options, cache);
    leveldb_options_set_filter_policy(options, filter);
    leveldb_options_set_write_buffer_size(options, wanted->write_buffer);
    leveldb_options_set_max_open_files(options, wanted->max_open_files);
    leveldb_options_set_block_size(options, wanted->block_size);
    leveldb_options_set_block_restart_interval(options, wanted->block_restart_interval);
    leveldb_options_set_max_file_size(options, wanted->max_file_size);
    leveldb_options_set_compression(options, wanted->compression ? leveldb_snappy_compression
                                                                 : leveldb_no_compression);
    return options;
}

leveldb_filterpolicy_t *leveldb_make_filter(const struct store_options *wanted)
{
    return wanted->bloom_bits > 0 ? leveldb_filterpolicy_create_bloom(wanted->bloom_bits) : NULL;
}
