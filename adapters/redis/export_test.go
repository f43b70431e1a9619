package redis

import "time"

// ListenFor sets how long a silent subscription is trusted.
func ListenFor(c *Client, d time.Duration) { c.listenFor = d }
