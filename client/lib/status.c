/* What a status means, for people. */
#include "client/leveret.h"

const char *leveret_status_text(enum leveret_status status)
{
    switch (status) {
    case LEVERET_OK:
        return "done";
    case LEVERET_NOT_FOUND:
        return "the key is not there";
    case LEVERET_CONFLICT:
        return "a condition did not hold; nothing was changed";
    case LEVERET_ERROR:
        return "the server refused or failed";
    case LEVERET_END:
        return "there are no more rows";
    case LEVERET_AGAIN:
        return "nothing is there yet";
    case LEVERET_FULL:
        return "too many replies wait to be taken";
    case LEVERET_UNREACHABLE:
        return "no connection could be made";
    case LEVERET_LOST:
        return "the connection ended";
    case LEVERET_TIMEOUT:
        return "nothing moved for too long";
    case LEVERET_PROTOCOL:
        return "the peer does not speak the protocol";
    case LEVERET_MISUSE:
        return "an argument or the order of calls was wrong";
    case LEVERET_NO_MEMORY:
        return "there is no memory";
    }
    return "an unknown status";
}
