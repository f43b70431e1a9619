// A toJSON that always has one more.
// ends: time operations depth payload error memory ok
const more = () => ({ toJSON: () => [more(), more()] });
return more();
