// Package egress calls HTTP servers on behalf of workflows.
//
// It refuses to be used against the network it stands in: the egress policy
// judges each host as it is written and each address at the moment it is
// dialled, so neither redirects, nor names that resolve to inner addresses, nor
// exotic spellings of an address get past it. It refuses to trust a server
// without a valid certificate, to take a proxy from the environment, to read
// more than it was allowed, and to repeat a call that may have had an effect.
package egress
