// A hundred thousand arrays in each other.
// ends: error
return <<100000 x [>><<100000 x ]>>;
