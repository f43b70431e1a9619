// A text nested far deeper than anybody reads.
// ends: error depth memory time
return JSON.parse("[".repeat(2000000) + "]".repeat(2000000));
