/*
 * fill SOURCE: prints a file with its marks filled in. Exit: 0, or 1 with a sentence when the file
 * cannot be read, has a mark that is not known, or output fails.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dist/place.h"

#define MARK "@@"

static const struct place *find_in(const struct place *places, const char *name, size_t len)
{
    for (; places->name != NULL; places++)
        if (strlen(places->name) == len && memcmp(places->name, name, len) == 0)
            return places;
    return NULL;
}

static const struct place *find(const char *name, size_t len)
{
    static const struct place *const tables[] = {manual_places, shell_places, example_places};
    const struct place *place = NULL;
    for (size_t i = 0; place == NULL && i < sizeof(tables) / sizeof(tables[0]); i++)
        place = find_in(tables[i], name, len);
    return place;
}

/* One line, which may hold several marks. */
static bool fill(const char *line)
{
    const char *mark;
    while ((mark = strstr(line, MARK)) != NULL) {
        const char *name = mark + strlen(MARK);
        const char *end = strstr(name, MARK);
        const struct place *place = end == NULL ? NULL : find(name, (size_t)(end - name));
        if (place == NULL) {
            fprintf(stderr, "fill: no such mark: %s", mark);
            return false;
        }
        fwrite(line, 1, (size_t)(mark - line), stdout);
        place->write(stdout);
        line = end + strlen(MARK);
    }
    fputs(line, stdout);
    return true;
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t room = 0;
    bool good = true;
    FILE *source = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (source == NULL) {
        fprintf(stderr, "fill: cannot read %s\n", argc == 2 ? argv[1] : "without a file");
        return EXIT_FAILURE;
    }
    while (good && getline(&line, &room, source) > 0)
        good = fill(line);
    good = good && !ferror(source) && fflush(stdout) == 0;
    free(line);
    fclose(source);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
