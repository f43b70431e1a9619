// Template strings in template strings.
// ends: error ok
return <<30000 x `${>>1<<30000 x }`>>;
