// A sum of a hundred thousand terms.
// ends: error ok depth
return 0<<100000 x +1>>;
