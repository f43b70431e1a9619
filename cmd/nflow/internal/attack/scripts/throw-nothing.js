// Throws null.
// ends: error
throw null;
