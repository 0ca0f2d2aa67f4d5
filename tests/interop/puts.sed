# Tab-separated rows with the protocol's escapes become requests.
s/^/PUT "/
s/\t/" "/
s/$/"/
