package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Session implements ports.SessionStore. A session has expired from its Expires
// on; the zero time means never.
func (c *Client) Session(ctx context.Context, key string, now time.Time) (ports.Session, error) {
	fields, err := do(ctx, c, operation{name: "read the session"}, func(ctx context.Context) ([]any, error) {
		return c.rdb.HMGet(ctx, c.key("session", key), "version", "created", "expires", "values").Result()
	})
	if err != nil {
		return ports.Session{}, err
	}
	session, err := decodeSession(fields)
	if err != nil {
		return ports.Session{}, err
	}
	session.Key = key
	if session.Version == 0 || expired(session.Expires, now) {
		return ports.Session{}, fault.New(fault.NotFound, "there is no such session")
	}
	return session, nil
}

// SaveSession implements ports.SessionStore. A session that expired before this
// one was created does not count as stored. Redis forgets it when it expires. After
// code unavailable it may or may not be stored.
func (c *Client) SaveSession(ctx context.Context, session ports.Session) (int, error) {
	o := operation{name: "store the session", once: true}
	if session.Key == "" || strings.Contains(session.Key, "\x00") || !utf8.ValidString(session.Key) {
		return 0, fault.New(fault.Invalid, "cannot %s: its key is empty, holds a zero byte or is not UTF-8", o.name).AtField("key")
	}
	command, moment := c.ending(session.Expires)
	version, err := do(ctx, c, o, func(ctx context.Context) (int64, error) {
		reply, err := c.eval(ctx, c.save, c.key("session", session.Key), session.Version,
			micros(session.Created), micros(session.Expires), session.Values.Bytes(), command, moment)
		version, ok := reply.(int64)
		if err == nil && !ok {
			err = fault.Wrap(fmt.Errorf("%T", reply), fault.Internal, "cannot %s: Redis gave an unexpected answer", o.name)
		}
		return version, err
	})
	if err == nil && version == 0 {
		err = fault.New(fault.Conflict, "another request changed the session meanwhile")
	}
	return int(version), err
}

// ending is the command that makes Redis forget a session in time.
func (c *Client) ending(expires time.Time) (command string, millis int64) {
	switch {
	case expires.IsZero():
		return "", 0
	case c.config.Now == nil:
		return "PEXPIREAT", (expires.UnixMicro() + 999) / 1000 // never early
	default:
		left := expires.Sub(c.config.Now()).Microseconds()
		return "PEXPIRE", (left + 999) / 1000
	}
}

// DeleteSession implements ports.SessionStore; an unknown key is fine.
func (c *Client) DeleteSession(ctx context.Context, key string) error {
	_, err := do(ctx, c, operation{name: "delete the session"}, func(ctx context.Context) (int64, error) {
		return c.rdb.Del(ctx, c.key("session", key)).Result()
	})
	return err
}

// DropExpiredSessions implements ports.SessionStore. Redis has forgotten them all
// by itself, so there is nothing to drop.
func (c *Client) DropExpiredSessions(ctx context.Context, _ time.Time, _ int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, left(err, operation{name: "delete expired sessions"})
	}
	return 0, nil
}

// decodeSession reads the fields version, created, expires and values. A session
// that is not there has version 0.
func decodeSession(fields []any) (ports.Session, error) {
	if len(fields) == 4 && fields[0] == nil && fields[3] == nil {
		return ports.Session{}, nil
	}
	var numbers [3]int64
	for i, field := range fields {
		text, ok := field.(string)
		if !ok || len(fields) != 4 {
			return ports.Session{}, badSession(fmt.Errorf("field %d of %d is %T", i, len(fields), field))
		}
		if i == 3 {
			values, err := payload.Parse([]byte(text))
			if err != nil {
				return ports.Session{}, badSession(err)
			}
			return ports.Session{
				Version: int(numbers[0]), Created: fromMicros(numbers[1]), Expires: fromMicros(numbers[2]), Values: values,
			}, nil
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || i == 0 && n < 1 {
			return ports.Session{}, badSession(fmt.Errorf("field %d: %w", i, err))
		}
		numbers[i] = n
	}
	return ports.Session{}, badSession(fmt.Errorf("%d fields", len(fields)))
}

func badSession(cause error) error {
	return fault.Wrap(cause, fault.Internal,
		"cannot read the session: somebody else keeps something under its key; choose another redis.key_prefix")
}

// micros is a time in Unix microseconds; 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// expired says whether something that expires at t (zero = never) has at now.
func expired(t, now time.Time) bool { return !t.IsZero() && t.UnixMicro() <= now.UnixMicro() }
