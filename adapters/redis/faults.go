package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// fault is the one place where errors of Redis become faults: code unavailable
// with the advice to try again after a second, or internal when that cannot help.
func (c *Client) fault(o operation, err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Fault
	if errors.As(err, &f) {
		return err
	}
	cause := err
	var silent *silence
	if errors.As(err, &silent) {
		cause = silent.cause
	}
	code, advice := c.diagnose(cause)
	f = fault.Wrap(c.scrub(cause), code, "cannot %s: %s", o.name, advice)
	if code == fault.Unavailable {
		f = f.Retry(1)
	}
	return f
}

// scrub replaces an error that repeats a password.
func (c *Client) scrub(err error) error {
	if err == nil {
		return nil
	}
	for _, secret := range []string{c.config.Password, c.config.SentinelPassword} {
		if secret != "" && strings.Contains(err.Error(), secret) {
			return errors.New("withheld, as it repeats a password")
		}
	}
	return err
}

func (c *Client) diagnose(err error) (fault.Code, string) {
	var reply redis.Error
	var name *net.DNSError
	var untrusted *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var noTLS tls.RecordHeaderError
	var network *net.OpError
	switch {
	case errors.Is(err, redis.ErrClosed):
		return fault.Unavailable, "the connection to Redis is closed, as the server ends"
	case errors.Is(err, redis.ErrPoolTimeout):
		return fault.Unavailable, "all connections to Redis are busy; it is slow, or redis.pool_size is too small"
	case ofSentinels(err):
		return fault.Unavailable, c.diagnoseSentinels(err)
	case errors.As(err, &reply):
		return c.diagnoseReply(reply.Error())
	case errors.As(err, &untrusted), errors.As(err, &authority):
		return fault.Unavailable, "the certificate of Redis cannot be trusted; see redis.tls_ca and the names in the certificate"
	case errors.As(err, &noTLS):
		return fault.Unavailable, "Redis does not speak TLS on this port; see redis.tls and the port in redis.host or redis.addresses"
	case errors.As(err, &network) && network.Op == "remote error": // so crypto/tls calls what the other side says
		return fault.Unavailable, "Redis refuses our certificate or version of TLS; see redis.tls_cert and redis.tls_key"
	case errors.As(err, &name):
		return fault.Unavailable, "the name of the Redis server cannot be resolved; see redis.host and redis.addresses"
	case timedOut(err):
		advice := "Redis does not answer within redis.timeout, which is " + c.config.Timeout.String()
		if c.config.TLS {
			advice += "; one that does not speak TLS would not either, see redis.tls"
		}
		return fault.Unavailable, advice
	default:
		return fault.Unavailable, "Redis cannot be reached, or broke the connection; see that it runs, and redis.host, redis.addresses and redis.tls"
	}
}

func (c *Client) diagnoseSentinels(err error) string {
	text := err.Error()
	switch {
	case strings.Contains(text, "NOAUTH"), strings.Contains(text, "WRONGPASS"), strings.Contains(text, "AUTH failed"):
		return "the sentinels refuse the password; see redis.sentinel_username and redis.sentinel_password"
	case strings.Contains(text, redis.Nil.Error()):
		return "the sentinels know no master of this name; see redis.master_name"
	default:
		return "no sentinel at redis.addresses answers; see that they run"
	}
}

// diagnoseReply knows answers by how they begin, as the protocol wants.
func (c *Client) diagnoseReply(reply string) (fault.Code, string) {
	for _, known := range []struct {
		begins string
		code   fault.Code
		advice string
	}{
		{"WRONGPASS", fault.Unavailable, "Redis refuses the user name or password; see redis.username and redis.password"},
		{"NOAUTH", fault.Unavailable, "Redis wants a password; see redis.username and redis.password"},
		{"ERR AUTH", fault.Unavailable, "Redis has no password, but redis.password is set; remove it"},
		{"ERR Client sent AUTH", fault.Unavailable, "Redis has no password, but redis.password is set; remove it"},
		{"NOPERM", fault.Unavailable, "the user of redis.username may not run the command, or not use keys that begin with redis.key_prefix"},
		{"OOM", fault.Unavailable, "Redis has no memory left; raise its maxmemory, or let it evict keys"},
		{"MISCONF", fault.Unavailable, "Redis cannot save its data and refuses to write; its log says why"},
		{"READONLY", fault.Unavailable, "the Redis server is a replica; name the master, or its sentinels and redis.master_name"},
		{"LOADING", fault.Unavailable, "Redis still loads its data"},
		{"MASTERDOWN", fault.Unavailable, "the Redis server is a replica that has lost its master"},
		{"NOREPLICAS", fault.Unavailable, "Redis refuses to write without its replicas"},
		{"CLUSTERDOWN", fault.Unavailable, "the Redis cluster is down: some of its keys have no server"},
		{"TRYAGAIN", fault.Unavailable, "the Redis cluster is moving the key"},
		{"MOVED", fault.Unavailable, "the Redis server belongs to a cluster; set redis.cluster = true, or name several of its servers in redis.addresses"},
		{"ASK", fault.Unavailable, "the Redis server belongs to a cluster; set redis.cluster = true, or name several of its servers in redis.addresses"},
		{"BUSY", fault.Unavailable, "Redis runs a long script of somebody else"},
		{"ERR max number of clients", fault.Unavailable, "Redis has too many clients; raise its maxclients or lower redis.pool_size"},
		{"ERR This instance has cluster support disabled", fault.Unavailable, "the Redis server is no cluster; name it alone, as redis.host, without redis.cluster"},
		{"ERR DB index is out of range", fault.Unavailable, "Redis has no database of this number; see redis.db"},
		{"WRONGTYPE", fault.Internal, "somebody else keeps something of another kind under this key; choose another redis.key_prefix"},
	} {
		if strings.HasPrefix(reply, known.begins) {
			return known.code, known.advice
		}
	}
	return fault.Internal, "Redis refused the command"
}
