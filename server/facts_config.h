/*
 * Facts of the configuration: every setting as it is in force, and where that comes from.
 */
#ifndef LEVERET_FACTS_CONFIG_H
#define LEVERET_FACTS_CONFIG_H

#include "commands/call.h"
#include "config.h"

/* Two facts for each setting that can stand in a file: NAME, its value as it would be written
 * there, and NAME.from, which is `default`, `command line`, or FILE:LINE. */
void facts_config_tell(const struct config *config, fact_fn *fact, void *sink);

#endif
