// Package worker runs scripts in processes of their own, so that whatever a
// script does ends with its process and is felt by nobody else.
//
// A Pool keeps processes ready, gives one to each script, carries the script's
// host calls out through ports.Host, and kills the process when the script does
// not end in time. It refuses to run anything in this process and to trust what
// comes back.
package worker
