/*
 * JSON for bytes that need not be text.
 *
 * A field whose bytes are valid UTF-8 is a string under its own name. Other bytes cannot stand in
 * a JSON string, so the field then has the name with `_base64` behind it, and the bytes in that
 * encoding (RFC 4648, with padding): {"key":"a","value_base64":"/w=="}. Nothing is lost either way.
 */
#ifndef LEVERET_CLIENT_CLI_JSON_H
#define LEVERET_CLIENT_CLI_JSON_H

#include "protocol/bytes.h"

/* Appends `"name":"..."` or `"name_base64":"..."`, without commas around it. */
void json_field(struct buffer *out, const char *name, struct slice bytes);

#endif
