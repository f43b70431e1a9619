// A source over every limit.
// ends: error
return "<<2000000 x s>>";
